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


@pytest.mark.parametrize("where", ["under a file", "under /proc"])
def test_a_cache_that_cannot_be_made_names_the_ways_out(
    refused: Refused, folder: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    (folder.parent / "file").write_text("")
    base = folder.parent / "file" if where == "under a file" else Path("/proc/none")
    space = written(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(base))

    said = refused("search", space)

    assert f"while caching a data set in {base}/autotrick. Set XDG_CACHE_HOME" in said
    assert "--cache" in said
    assert "--cache" in refused("search", space, "--cache", str(base / "other"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--concurrency", "1000000000"], "concurrency must be above 0 and at most 10,000"),
        (["--concurrency", "9000"], "Lower --concurrency to"),
        (["--gpus-per-trial", "1e9"], "gpus_per_trial must be at least 0 and at most 10,000"),
        (["--cpus-per-trial", "1e9"], "cpus_per_trial must be above 0 and at most 10,000"),
    ],
)
def test_counts_that_cannot_be_meant(
    refused: Refused, folder: Path, words: list[str], said: str
) -> None:
    assert said in refused("search", written(folder), *words)
    assert said in refused("search", written(folder), "--dry-run", *words)


@pytest.mark.parametrize("line", ["threads = 7000", "threads = 1000000"])
def test_threads_beyond_the_limit(refused: Refused, folder: Path, line: str) -> None:
    space = Path(written(folder))
    space.write_text(space.read_text().replace("epochs = 3", f"epochs = 3\n{line}"))

    assert "`1 <= threads <= 512` must hold" in refused("search", str(space))
