"""A second task end to end: searched, ranked, explained, reported, shown and reproduced.

`brightness.py` beside this file is all that there is of it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from autotrick import records, tasks
from autotrick.cli import main
from autotrick.data import load
from autotrick.errors import RecipeError, SpaceError
from autotrick.exchange import bring
from autotrick.recipe import DataRef, Recipe
from autotrick.report.page import write
from autotrick.space import SearchSpace
from autotrick.train import Snapshot, predict, train
from autotrick.tricks import assemble
from tests.tasks.brightness import BRIGHTNESS, ERROR, means

pytestmark = pytest.mark.ray

ROOT = Path(__file__).parents[2]
SPACE = """
question = "Which tricks help to tell brightness?"

[data]
name = "brightness:120"
validation = 0.25

[fixed]
architecture = "lenet5"
batch_size = 15
epochs = 3
base_lr = 0.5

[tricks.mixup]
alpha = 0.3

[tricks.flip]

[study]
trials = 6
sampler = "random"
"""
TABLE: dict[str, Any] = {
    "name": "x",
    "question": "?",
    "data": {"name": "brightness:60"},
    "fixed": {"architecture": "lenet5", "batch_size": 8, "epochs": 1, "base_lr": 0.1},
}
STUDY = "brightness"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study that a search has made, in processes of its own."""
    folder = tmp_path_factory.mktemp("brightness")
    (folder / f"{STUDY}.toml").write_text(SPACE)
    words = ["search", f"{STUDY}.toml", "--database", f"sqlite:///{folder / 'found.db'}"]
    subprocess.run(
        [sys.executable, "-m", "autotrick", *words],
        cwd=folder,
        env=os.environ
        | {
            tasks.VARIABLE: "tests.tasks.brightness",
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": str(folder / "cache"),
        },
        check=True,
        capture_output=True,
        timeout=900,
    )
    return folder


@pytest.fixture
def database(place: Path) -> Iterator[records.Database]:
    with records.open_database(f"sqlite:///{place / 'found.db'}", create=False) as opened:
        yield opened


@pytest.fixture
def command(place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that runs `autotrick` in this process and returns what it prints."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> str:
        where = ["--database", f"sqlite:///{place / 'found.db'}"]
        done = CliRunner().invoke(main, [*words, *where], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def tables(text: str) -> list[dict[str, Any]]:
    found = json.loads(text)
    return found if isinstance(found, list) else [found]


def test_a_study_knows_its_task_and_its_metric(database: records.Database) -> None:
    study = records.study(database, STUDY)
    trials = records.trials(database, STUDY)

    assert (study.task, study.metric, study.value_metric) == ("brightness", ERROR.name, ERROR)
    assert len(trials) == 6
    assert {trial.recipe.task for trial in trials} == {"brightness"}
    assert study.best == min(t.value for t in trials if t.state == "complete" and t.value)
    for trial in trials:
        last = records.reports(database, STUDY, numbers=[trial.number])[trial.number][-1]
        assert last.metrics == {ERROR.name: trial.value}


def test_the_best_trial_has_the_smallest_error(command: Callable[..., str]) -> None:
    found = [json.loads(line) for line in command("best", STUDY, "--json").splitlines()]

    values = [row["value"] for row in found]
    assert len(values) >= 2
    assert values == sorted(values)
    assert found[0]["metric"] == ERROR.name
    assert found[0]["measures"][ERROR.name] == values[0]
    shown = command("best", STUDY)
    assert "Mean absolute error" in shown
    assert ERROR.shown(values[0]) in shown
    assert "score" not in shown


def test_a_filter_finds_trials_by_the_metric(
    command: Callable[..., str], database: records.Database
) -> None:
    edge = sorted(row.value or 0.0 for row in records.trials(database, STUDY))[2]

    rows = command("trials", STUDY, "--json", "--where", f"{ERROR.name} < {edge!r}").splitlines()

    assert len(rows) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["studies"], "grey levels"),
        (["tricks", STUDY], "change in mean absolute error"),
        (["tricks", STUDY, "--combinations"], "upper bound"),
        (["show", STUDY, "0"], "Mean absolute error"),
        (["trials", STUDY], "grey levels"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_tables_speak_of_the_metric(
    command: Callable[..., str], words: list[str], said: str
) -> None:
    shown = command(*words)

    assert said in shown
    assert "ccuracy" not in shown
    assert "%)" not in shown


def test_a_report_speaks_of_the_metric(command: Callable[..., str], place: Path) -> None:
    command("report", STUDY, "--output", str(place / "report.html"))

    text = (place / "report.html").read_text("utf-8").partition("<script")[0]
    figures = (place / "report.html").read_text("utf-8").partition('id="figures">')[2]
    figures = figures.partition("</script>")[0]
    assert "validation mean absolute error" in text
    assert "grey levels" in text
    assert "accura" not in text.lower()
    assert "accura" not in figures.lower()
    assert "Validation mean absolute error (grey levels)" in figures


def test_pages_speak_of_the_metric(database: records.Database) -> None:
    dashboards = pytest.importorskip("dashboards")
    from dashboards import studies, study, trial, trials

    pages = [
        studies.layout(database),
        list(study._content(database, records.study(database, STUDY))),
        trial.layout(database, STUDY, 0),
        trials.layout(database, STUDY, ""),
    ]

    assert dashboards
    for page in pages:
        text = json.dumps(page, default=lambda part: part.to_plotly_json())
        assert "grey levels" in text
        assert "accuracy" not in text


def test_a_trial_is_reproduced(command: Callable[..., str]) -> None:
    (found,) = [
        json.loads(line) for line in command("reproduce", STUDY, "1", "--json").splitlines()
    ]

    assert found["identical"]
    assert found["metric"] == ERROR.name
    assert found["value"] == found["recorded_value"]


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_a_study_comes_back_from_a_file(
    command: Callable[..., str], database: records.Database, tmp_path: Path, suffix: str
) -> None:
    file = str(tmp_path / f"study.{suffix}")
    command("export", STUDY, "--output", file)

    with records.open_database(f"sqlite:///{tmp_path / 'other.db'}") as other:
        row = bring(other, file)
        copied = list(records.trial_records(other, STUDY))
        best = records.best(other, STUDY)[0]
    whole = list(records.trial_records(database, STUDY))
    assert (row.task, row.best) == ("brightness", records.study(database, STUDY).best)
    assert best.value == row.best
    assert [record.reports for record in copied] == [record.reports for record in whole]


def brightness_data(tmp_path: Path, count: int = 60) -> Any:
    return load(DataRef(name=f"brightness:{count}", validation=0.25), cache_dir=tmp_path)


def recipe(**changes: Any) -> Recipe:
    fields = {"architecture": "lenet5", "epochs": 1, "batch_size": 15, "base_lr": 0.1}
    data = DataRef(name="brightness:60", validation=0.25)
    return Recipe(data=data, task="brightness", **fields | changes)


def test_targets_are_those_of_the_images(tmp_path: Path) -> None:
    data = brightness_data(tmp_path)

    assert data.task == "brightness"
    for split in (data.train, data.validation):
        assert split.labels.dtype.str == "<f4"
        assert split.labels.tolist() == means(split.images).tolist()


def test_a_trick_that_needs_classes_is_refused() -> None:
    smoothed = recipe(tricks={"label_smoothing": {}})
    with pytest.raises(RecipeError, match="label_smoothing works for classification, but the data"):
        assemble(smoothed)
    with pytest.raises(SpaceError, match=r"tricks\.cutmix: works for classification, but the data"):
        SearchSpace.model_validate(TABLE | {"tricks": {"cutmix": {}}})


def test_a_space_looks_for_the_metric_of_its_task() -> None:
    space = SearchSpace.model_validate(TABLE)

    assert space.objective.objectives == (ERROR.name,)
    assert SearchSpace.model_validate(space.model_dump(mode="json")) == space
    assert space.objective.value({ERROR.name: 3.5}) == -3.5
    for given in (
        {"objectives": ["accuracy"]},
        {"reward": {"measure": "seconds", "target": 1.0}},
        {"also": ["robustness"]},
    ):
        with pytest.raises(SpaceError, match="objective"):
            SearchSpace.model_validate(TABLE | {"objective": given})


def test_the_recipe_of_a_classifier_does_not_mention_its_task() -> None:
    classifier = recipe().model_copy(update={"task": "classification"})

    assert "task" not in classifier.model_dump()
    assert recipe().model_dump()["task"] == "brightness"
    assert recipe().digest() != classifier.digest()


def test_early_stopping_hands_over_the_epoch_of_the_smallest_error(tmp_path: Path) -> None:
    settings = {"early_stopping": {"patience": 2}}
    found = train(
        recipe(epochs=6, base_lr=1.0, tricks=settings, architecture_settings={}),
        brightness_data(tmp_path),
    )

    errors = [r.extra.get(f"raw_{ERROR.name}", r.value) for r in found.reports]
    assert found.reports[-1].value == min(errors)


def test_predictions_that_cannot_be_averaged_are_refused(tmp_path: Path) -> None:
    data = brightness_data(tmp_path)
    files = []

    def keep(snapshot: Snapshot) -> bool:
        files.append(snapshot.save(tmp_path / "kept").path)
        return True

    train(recipe(), data, on_epoch=keep)

    with pytest.raises(RecipeError, match="brightness are not averaged"):
        predict(files[0], data, data.validation)


def test_a_study_of_an_unknown_task_is_ranked_and_reported(
    database: records.Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(tasks._TASKS, BRIGHTNESS.name)

    ranked = records.best(database, STUDY)
    study, rows = records.study(database, STUDY), records.trials(database, STUDY)
    write(tmp_path / "report.html", study, rows, records.reports(database, STUDY), None)

    assert [row.value for row in ranked] == sorted(row.value or 0.0 for row in ranked)
    assert "mean absolute error" in (tmp_path / "report.html").read_text("utf-8")


def test_an_unknown_task_is_refused_with_a_hint() -> None:
    with pytest.raises(SpaceError, match=r"unknown task 'brightnes'.*AUTOTRICK_TASKS"):
        tasks.find("brightnes")


def test_a_module_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tasks.VARIABLE, "no_such_module")

    with pytest.raises(SpaceError, match="AUTOTRICK_TASKS names the module 'no_such_module'"):
        tasks.tasks()


def test_a_name_that_is_taken_is_refused() -> None:
    tasks.register(BRIGHTNESS)  # again: harmless

    class Other(type(BRIGHTNESS)):  # type: ignore[misc]
        name = "another"
        metrics = (replace(ERROR, larger=True),)

    with pytest.raises(SpaceError, match="mean_absolute_error"):
        tasks.register(Other())

    class Taken(type(BRIGHTNESS)):  # type: ignore[misc]
        pass

    with pytest.raises(SpaceError, match="there is a task 'brightness' already"):
        tasks.register(Taken())
