"""An ablation on Ray that is killed again and again comes to the same rows as one that is not."""

import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autotrick import records
from autotrick.records import Database, StudyPlan
from autotrick.space import SearchSpace
from autotrick.space.changes import with_tricks
from autotrick.space.defaults import all_off
from autotrick.tune.recipe_space import completed
from tests.tune.places import Place

KILLS = 3
SPACE = {
    "name": "parent",
    "question": "Which tricks help?",
    "data": {"name": "digits", "image_size": 16, "validation": 0.3},
    "fixed": {"architecture": "fastnet", "epochs": 2, "batch_size": 64, "base_lr": 0.5},
    "architectures": {"fastnet": {"width": 0.25}},
    "tricks": {"mixup": {}, "cosine_decay": {}, "label_smoothing": {}},
}
ABLATE = ("ablate", "parent", "0", "--seeds", "3", "--precision", "5", "--storage", "files")


@pytest.fixture
def make_place(tmp_path: Path) -> Iterator[Callable[[str], Place]]:
    """Return a function that makes a folder with a database of its own, in which a search is recorded."""
    sessions = tempfile.mkdtemp(prefix="at-", dir="/tmp")  # Ray's sockets need short paths
    variables = {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "RAY_TMPDIR": sessions,
        "OMP_NUM_THREADS": "1",
    }
    made: list[Place] = []

    def make(name: str) -> Place:
        (tmp_path / name).mkdir()
        place = Place(tmp_path / name, f"sqlite:///{tmp_path}/{name}.db", variables)
        place.study = "parent-ablate-0"
        with records.open_database(place.url) as database:
            record_search(database)
        made.append(place)
        return place

    yield make
    for process in (process for place in made for process in place.started):
        if process.poll() is None:
            process.kill()
        process.communicate()
    shutil.rmtree(sessions, ignore_errors=True)


def record_search(database: Database) -> None:
    """Record a search with one trial, whose recipe is ablated."""
    space = SearchSpace.model_validate(SPACE)
    plan = StudyPlan("parent", "?", space.model_dump(mode="json"), space.digest(), 0, {"trials": 1})
    study = records.create_study(database, plan)
    recipe = completed(with_tricks(space, all_off(space), ["mixup", "cosine_decay"]))
    launch = records.add_trial(database, study.id, recipe, origin="random", launch=False)
    records.finish_trial(database, launch.trial_id, "failed", reason="nan_loss")


def results(place: Place) -> list[tuple[object, ...]]:
    """Return all that training decides of each trial of a complete ablation."""
    with records.open_database(place.url, create=False) as database:
        assert records.study(database, place.study).state == "complete"
    return [
        (row.number, row.origin, row.state, row.digest, row.epochs, row.value, row.weights)
        for row in place.rows()
    ]


@pytest.mark.slow
@pytest.mark.ray
def test_an_ablation_that_is_killed_has_the_rows_of_one_that_is_not(
    make_place: Callable[[str], Place],
) -> None:
    chance = random.Random(int(os.environ.get("AUTOTRICK_CHAOS_SEED", "0")))
    whole, killed = make_place("whole"), make_place("killed")
    status, out, err = whole.run(*ABLATE)
    assert status == 0, err
    expected = results(whole)
    assert "parent-ablate-0: each trick in trial 0 of parent" in out

    interrupted = 0
    for _ in range(KILLS):
        process = killed.start(*ABLATE)
        killed.wait_for_more_epochs(chance.randint(1, 4), process)
        process.kill()
        process.communicate()
        interrupted += any(row.state == "running" for row in killed.rows())
    status, again, err = killed.run(*ABLATE)

    assert status == 0, err
    assert interrupted > 0
    assert results(killed) == expected
    assert len({row.recipe.seed for row in killed.rows()}) > 1
    said = [text.splitlines()[-2:] for text in (out, again)]  # what is free, without times
    assert said[0] == said[1]
