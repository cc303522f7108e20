"""A search that refuses to begin leaves nothing: no database, no study, no folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autotrick import records
from tests.cli.conftest import SPACE
from tests.tune.tracking import Store, documented

Refused = Callable[..., str]


def written(folder: Path, more: str = "") -> str:
    # Given by its path from the root, it is no part of what is left in the folder.
    path = folder.parent / "question.toml"
    path.write_text(SPACE + more)
    return str(path)


def test_recipe_that_breaks_a_constraint(refused: Refused, folder: Path) -> None:
    space = written(folder, '[constraints]\nparameters = 10\n\n[[recipes]]\nlabel = "mine"\n')

    assert "which the search has to try, has parameters" in refused("search", space)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--warm-start", "earlier"], "no study named 'earlier'"),
        (["--enqueue", "earlier:3"], "no study named 'earlier'"),
        (["--enqueue", "earlier"], "STUDY:NUMBER"),
        (["--mlflow", "nowhere"], "--mlflow takes the address"),
        (["--sampler", "grid"], "grid"),
        (["--max-cost", "5"], "needs the price of a trial-hour"),
        (["--tensorboard", "/proc/none"], "cannot be written to"),
    ],
)
def test_what_is_asked_for_is_not_there(
    refused: Refused, folder: Path, words: list[str], said: str
) -> None:
    assert said in refused("search", written(folder), *words)


def test_openmp_gives_fewer_threads_than_a_recipe_has(
    refused: Refused, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_THREAD_LIMIT", "1")
    space = Path(written(folder))
    space.write_text(space.read_text().replace("epochs = 3", "epochs = 3\nthreads = 2"))

    assert "OMP_THREAD_LIMIT=1 allows fewer" in refused("search", str(space))


@pytest.mark.slow
@pytest.mark.ray
def test_machine_has_not_the_memory_of_one_trial(refused: Refused, folder: Path) -> None:
    space = written(folder, '[constraints]\nmemory = "9 TiB"\n')

    assert "the largest node gives" in refused("search", space)


def test_study_of_other_trials_whatever_was_to_be_told(refused: Refused, folder: Path) -> None:
    space = written(folder, '[constraints]\nparameters = 10\n\n[[recipes]]\nlabel = "mine"\n')
    store = Store()

    with documented(store) as url:
        line = refused("search", space, "--tensorboard", "board/here", "--mlflow", url)

    assert "which the search has to try, has parameters" in line
    assert store.experiments == {}


def test_import_of_what_is_no_study(refused: Refused, folder: Path) -> None:
    file = folder.parent / "nothing.jsonl"
    file.write_text("{}\n")

    assert "nothing.jsonl" in refused("import", str(file))


def test_study_that_was_begun_with_another_pruning(refused: Refused, folder: Path) -> None:
    from autotrick.space import load
    from autotrick.tune import Resources, ready

    space = Path(written(folder))
    read = load(space)
    with ready(read, Resources()) as loaded, records.open_database("sqlite:///a.db") as made:
        plain, digest = loaded.model_dump(mode="json"), read.digest()
        plan = records.StudyPlan("question", "Which?", plain, digest, 0, {"trials": 2})
        records.create_study(made, plan)

    line = refused(
        "search", written(folder, '[pruning]\nmethod = "pbt"\n'), "--database", "sqlite:///a.db"
    )

    assert "begun with another [pruning]: method is 'pbt' and was 'median'" in line
