"""Confirmations: a race over new seeds, then one look at the test split."""

import ast
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import autotrick
from autotrick import records
from autotrick.data import load as load_data
from autotrick.errors import NotFoundError, RecordsError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import Database, StudyPlan
from autotrick.space import load
from autotrick.space.defaults import all_off
from autotrick.train import Snapshot, predict, train
from autotrick.train.score_checkpoint import score_checkpoint
from autotrick.tune.confirm import _chosen, confirm, most_trials, without_tricks
from autotrick.tune.recipe_space import completed
from tests.screened import fill_screened
from tests.tune.places import SPACE, Place

TRICKS: dict[str, dict[str, Any]] = {"mixup": {"alpha": 0.4}, "cosine_decay": {}}
FOUND = (
    (0.90, 0.5, ()),
    (0.95, 0.5, ("mixup",)),
    (0.93, 1.0, ("cosine_decay",)),
    (0.94, 0.5, ("mixup",)),
    (0.91, 0.5, ("mixup", "cosine_decay")),
)
"""Value, rate and tricks of the search's trials; the fourth repeats the second with another seed."""


def search_of(url: str, folder: Path, data: str = "", *, epochs: int = 1) -> None:
    """Record a search whose values were planted: nothing of it was trained."""
    text = SPACE.replace("epochs = 6", f"epochs = {epochs}")
    (folder / "life.toml").write_text(text.replace('name = "digits"', data) if data else text)
    space = load(folder / "life.toml")
    found = load_data(space.data)
    space = space.model_copy(update={"data": found.resolve(space.data)})
    plan = StudyPlan(
        name="life",
        question=space.question,
        space=space.model_dump(mode="json"),
        space_digest=space.digest(),
        seed=0,
        budget={"trials": len(FOUND)},
        data={"counts": {"train": [1]} | ({"test": [1]} if found.test else {})},
    )
    with records.open_database(url) as database:
        study = records.create_study(database, plan)
        for number, (value, rate, tricks) in enumerate(FOUND):
            held = {name: TRICKS[name] for name in tricks}
            recipe = all_off(space).model_copy(
                update={"base_lr": rate, "tricks": held, "seed": number % 4 + (number == 3)}
            )
            put(database, study.id, completed(recipe), value)


def put(database: Database, study_id: int, recipe: Recipe, value: float) -> None:
    launch = records.add_trial(database, study_id, recipe, origin="tpe", launch=False)
    plain = {"loss": 1.0, "train_loss": 1.0, "lr": 0.1, "seconds": 1.0, "weights": "0" * 16}
    for epoch in range(1, recipe.epochs + 1):
        report = EpochReport.model_validate({"epoch": epoch, "accuracy": value, **plain})
        records.add_report(database, launch.trial_id, report)
    records.finish_trial(database, launch.trial_id, "complete")


def told(place: Place, *words: str) -> dict[str, Any]:
    status, out, err = place.here("confirm", "life", "--storage", "files", "--json", *words)
    assert status == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def looks(place: Place) -> list[records.LookRow]:
    with records.open_database(place.url, create=False) as database:
        return records.looks(database, "life")


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.usefixtures("ray_here")
def test_the_best_is_confirmed_and_the_test_split_is_looked_at_once(
    place: Place, tmp_path: Path
) -> None:
    search_of(place.url, place.folder)
    place.study = "life-confirm"

    found = told(place, "--top", "2", "--seeds", "2")

    rows = place.rows()
    by_label = {row["label"]: row for row in found["recipes"]}
    # Trial 3 repeats trial 1, so that trial 2 is the second; the search has used 0, 1, 2 and 4.
    assert found["seeds"] == [3, 5]
    assert {row.recipe.seed for row in rows} == {3, 5}
    assert (by_label["trial 1"]["searched"], by_label["all off"]["searched"]) == (0.95, 0.9)
    assert [row["label"] for row in found["recipes"]][-1].startswith("all off")
    best = by_label[found["best"]]
    baseline = by_label[best["baseline"]]
    assert best["gain"]["num"] == 2
    assert best["mean"] == pytest.approx(np.mean(list(best["values"].values())))
    assert best["curse"] == pytest.approx(100 * (best["mean"] - best["searched"]))
    # Trained once more and predicted by another way, the networks have the recorded test values.
    for row in (best, baseline):
        for seed, value in row["test"]["values"].items():
            trial = next(t for t in rows if (t.origin, t.recipe.seed) == (row["label"], int(seed)))
            assert value == pytest.approx(accuracy_on_test(trial.recipe, tmp_path / "again"))
    (look,) = looks(place)
    assert look.finished and look.result
    assert [one["label"] for one in look.candidates] == [best["label"], baseline["label"]]
    weights = {row.number: row.weights for row in rows}
    for one in look.candidates:
        assert one["weights"] == [weights[number] for number in one["trials"]]


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.usefixtures("ray_here")
def test_a_second_look_is_refused_or_told(place: Place) -> None:
    search_of(place.url, place.folder)
    found = told(place, "--top", "1", "--seeds", "2")
    (look,) = looks(place)

    assert told(place) == found
    assert looks(place) == [look]
    status, _, err = place.here("confirm", "life", "--study", "other", "--storage", "files")
    assert status == 1 and "was looked at once, last on" in err and "--look-again" in err
    status, _, err = place.here("confirm", "life", "--seeds", "3", "--storage", "files")
    assert status == 1 and "was begun with --seeds 2" in err

    twice = told(place, "--look-again")

    assert [one["number"] for one in twice["looks"]] == [1, 2]
    assert [one.forced for one in looks(place)] == [False, True]
    assert "The test set was looked at twice" in twice["sentences"][-1]
    assert twice["recipes"] == found["recipes"]
    assert "looked at twice" in place.here("confirm", "life", "--storage", "files")[1]
    status, out, err = place.here("resume", "life-confirm", "--storage", "files")
    assert status == 0 and "looked at twice" in out, err
    assert len(looks(place)) == 2


def accuracy_on_test(recipe: Recipe, folder: Path) -> float:
    """Train a recipe here and return its accuracy by the probabilities that `ensemble` averages."""
    data = load_data(recipe.data)
    assert data.test is not None
    kept: list[Path] = []

    def save(snapshot: Snapshot) -> bool:
        kept.append(snapshot.save(folder / recipe.digest()).path)
        return True

    train(recipe, data, on_epoch=save)
    found = predict(kept[-1], data, data.test)
    return float((found.probabilities.argmax(1) == data.test.labels).mean())


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.usefixtures("ray_here")
def test_the_look_may_come_later_and_lost_networks_are_trained_again(place: Place) -> None:
    search_of(place.url, place.folder)
    words = ("--top", "1", "--seeds", "2")

    before = told(place, *words, "--no-test")

    assert looks(place) == []
    assert all(row["test"] is None for row in before["recipes"])
    assert "was not looked at (--no-test)" in before["sentences"][-1]
    shutil.rmtree(place.folder / "files")

    after = told(place)

    assert len(looks(place)) == 1
    assert sum(row["test"] is not None for row in after["recipes"]) == 2
    assert [row["mean"] for row in after["recipes"]] == [row["mean"] for row in before["recipes"]]


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.usefixtures("ray_here")
def test_a_network_that_is_not_the_recorded_one_is_not_looked_at(place: Place) -> None:
    search_of(place.url, place.folder)
    told(place, "--top", "1", "--seeds", "2", "--no-test")
    files = sorted((place.folder / "files").rglob("*.checkpoint"))
    by_trial = {file.parent.name: file for file in files}
    shutil.copy(by_trial["trial-2"], by_trial["trial-0"])

    status, _, err = place.here("confirm", "life", "--storage", "files")

    assert status == 1
    assert "is not what the trial recorded" in err and "was not looked at" in err
    assert looks(place) == []


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.usefixtures("ray_here")
def test_without_a_test_split_the_validation_split_confirms(place: Place) -> None:
    rng = np.random.default_rng(0)
    for name, shade in (("dark", 40), ("light", 160)):
        (place.folder / "pictures" / name).mkdir(parents=True)
        for i in range(20):
            pixels = rng.integers(0, 60, (16, 16, 3)) + shade
            path = place.folder / "pictures" / name / f"{i}.png"
            Image.fromarray(pixels.astype(np.uint8)).save(path)
    search_of(place.url, place.folder, f'name = "folder:{place.folder}/pictures"')

    found = told(place, "--top", "1", "--seeds", "2")

    assert found["test_split"] is False
    assert "has no test split" in found["sentences"][-1]
    assert looks(place) == []


def test_there_must_be_something_to_confirm(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "life.toml").write_text(SPACE)
    space = load(tmp_path / "life.toml")
    plan = StudyPlan("life", "?", space.model_dump(mode="json"), space.digest(), 0, {"trials": 1})
    with records.open_database(database_url) as database:
        study = records.create_study(database, plan)
        put(database, study.id, completed(all_off(space)), 0.9)

        with pytest.raises(NotFoundError, match="no complete trial with a trick on"):
            confirm(database, "life")
        with pytest.raises(RecordsError, match="does not confirm 'life'"):
            confirm(database, "life", name="life")
        with pytest.raises(NotFoundError):
            confirm(database, "death")


def test_the_recommended_combination_races_beside_the_best_trials(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    fill_screened(url)
    with records.open_database(url) as database:
        parent = records.study(database, "clothes")
        chosen, race = _chosen(database, parent, 3, 5)
        best = records.best(database, "clothes", limit=1)[0]
        at_most = most_trials(database, "clothes", top=3, seeds=5)

    roles = [one.role for one, _ in chosen]
    recipes = {one.label: recipe for one, recipe in chosen}
    assert roles.count("recommended") == 1
    assert roles.count("candidate") in (2, 3)
    assert chosen[0][0].trial == best.number
    assert (chosen[0][0].value, chosen[0][0].baseline) == (best.value, "all off")
    for label, baseline in race.baselines.items():
        mine, plain = recipes[label], recipes[baseline]
        assert not plain.tricks
        assert mine.model_copy(update={"tricks": {}}) == plain
    racing = [one.label for one, _ in chosen if one.label not in {x.label for x in race.later}]
    assert at_most == (len(racing) + bool(race.later)) * 5
    assert racing[-1] == "all off"


def test_all_off_keeps_all_but_the_tricks(tmp_path: Path) -> None:
    (tmp_path / "life.toml").write_text(
        SPACE.replace("[tricks.mixup]", "[tricks.flip]\nalways = true\n\n[tricks.mixup]")
    )
    off = all_off(load(tmp_path / "life.toml"))
    tricks: Mapping[str, Any] = {"flip": {"probability": 0.25}, "mixup": {"alpha": 0.4}}
    recipe = completed(off.model_copy(update={"base_lr": 0.7, "tricks": tricks, "seed": 9}))

    plain = without_tricks(recipe, off)

    assert plain.tricks == {"flip": recipe.tricks["flip"]}
    assert plain == recipe.model_copy(update={"tricks": plain.tricks, "seed": 0})


def test_a_checkpoint_scores_as_its_trial_was_evaluated(tmp_path: Path) -> None:
    (tmp_path / "life.toml").write_text(SPACE)
    tricks: dict[str, Any] = {"ema": {}, "test_time_augmentation": {}, "mixup": {}}
    recipe = completed(
        all_off(load(tmp_path / "life.toml")).model_copy(update={"tricks": tricks, "epochs": 2})
    )
    data = load_data(recipe.data)
    kept: list[Path] = []

    def save(snapshot: Snapshot) -> bool:
        kept.append(snapshot.save(tmp_path).path)
        return True

    reports = train(recipe, data, on_epoch=save).reports

    for path, report in zip(kept, reports, strict=True):
        found = score_checkpoint(path, data, data.validation)
        assert (found.weights, dict(found.metrics)) == (report.weights, report.metrics)
        assert found.images == len(data.validation)


READERS = {
    "train/write_augmented.py",
    "tune/cluster/score_networks.py",
    "report/answer.py",
    "begin/survey.py",  # counts the images of every split
    *(f"{package}/confirmation.py" for package in ("analysis", "views", "cli", "report")),
}
"""Who has to do with the test split, or with what was found there, besides those who decode data."""


def test_nothing_else_reads_the_test_split() -> None:
    package = Path(autotrick.__file__).parent
    files = [*package.rglob("*.py"), *(package.parent / "dashboards").rglob("*.py")]
    readers = {
        file.relative_to(package if file.is_relative_to(package) else package.parent).as_posix()
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "test"
    }

    found = {reader for reader in readers if not reader.startswith("data/")}

    assert "tune/cluster/score_networks.py" in found
    assert found <= READERS
