"""Bounds on the memory that training takes."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

import pytest

from autotrick import records
from autotrick.errors import ResourceError
from autotrick.recipe import DataRef, Recipe
from autotrick.records import RejectionRow
from autotrick.space import SearchSpace
from autotrick.train import memory_probe
from autotrick.tune.cluster.memory_slots import PROCESS, fitted, reserved, share
from autotrick.tune.constraints import ConstraintChecker, checker_of, measured_memory
from autotrick.tune.resources import Resources
from tests.tune.places import ONE_BY_ONE, PATIENCE_S, Place

Probed = Callable[[str], Callable[[], int]]
GIB = 2.0**30
TABLES: dict[str, Any] = {
    "name": "words",
    "question": "Which of those that there is room for?",
    "data": {"name": "digits", "image_size": 32, "validation": 0.2},
    "fixed": {"epochs": 1, "architecture": "lenet5"},
    "search": {
        "base_lr": {"low": 0.02, "high": 0.5, "log": True},
        "batch_size": [64, 1024],
    },
    "tricks": {"cosine_decay": {}},
}


def space_of(memory: float | str) -> SearchSpace:
    return SearchSpace.model_validate({**TABLES, "constraints": {"memory": memory}})


def recipe(batch_size: int, base_lr: float = 0.1) -> Recipe:
    data = DataRef(**TABLES["data"])
    return Recipe(
        data=data, architecture="lenet5", epochs=1, batch_size=batch_size, base_lr=base_lr
    )


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Callable[[], int]]:
    """Return a function that has all probes give one answer, and returns one that counts them."""

    def answering(answer: str) -> Callable[[], int]:
        made = tmp_path / "made"
        made.touch()
        code = f"open({str(made)!r}, 'a').write('.'); print({answer!r})"
        monkeypatch.setattr(memory_probe, "COMMAND", (sys.executable, "-c", code))
        return lambda: len(made.read_text())

    return answering


def test_no_probe_is_made_twice_in_a_study(desk: Any, probed: Probed, tmp_path: Path) -> None:
    made = probed('{"bytes": 5000}')
    desk.space = space_of(4000)
    first = checker_of(desk.space, Resources(cache=tmp_path))
    assert first is not None
    violation = first.violation(recipe(64))
    again = first.violation(recipe(64, base_lr=0.3))
    assert violation == again and str(violation) == "memory 0.004768 MiB, at most 0.003815 MiB"
    assert made() == 1

    desk.driver()
    study = records.study(desk.database, "words")
    known = recipe(1024), recipe(32)
    refused = RejectionRow(0, 0, known[0], "memory", inf, 4000)
    records.add_rejection(desk.database, study.id, refused)
    records.add_trial(desk.database, study.id, known[1], origin="tpe", measures={"memory": 3000})
    later = checker_of(
        desk.space,
        Resources(cache=tmp_path),
        measured=lambda: measured_memory(desk.database, "words"),
    )

    assert later is not None
    assert later.check(recipe(1024, base_lr=0.2))[0] is not None
    assert later.check(recipe(32, base_lr=0.2)) == (None, {"memory": 3000})
    assert made() == 1
    assert measured_memory(desk.database, "not there") == []


def test_memory_that_runs_out_in_the_probe_is_a_refusal_in_a_sentence(
    desk: Any, probed: Probed, tmp_path: Path
) -> None:
    probed('{"reason": "out_of_memory", "message": "it ran out"}')

    checker = checker_of(space_of("1 GiB"), Resources(cache=tmp_path))

    assert checker is not None
    violation = checker.violation(recipe(64))
    assert str(violation) == "memory more than there is, at most 1 GiB"
    assert violation is not None and violation.excess == 10


def sized(recipe: Recipe) -> Mapping[str, float]:
    return {"memory": 1e6 * recipe.batch_size}


def test_what_kept_the_bound_is_on_record_with_the_trial(desk: Any, say: Any) -> None:
    desk.space, desk.trials = space_of(1e8), 6
    driver = desk.driver(checker=ConstraintChecker({"memory": 1e8}, [sized]))

    for number in range(6):
        assert driver.next(f"h{number}")
        driver.on_start(f"h{number}", "here")
        driver.on_message(f"h{number}", say(0.5))

    rows = records.trials(desk.database, "words")
    assert [(row.recipe.batch_size, row.memory) for row in rows] == [(64, 64_000_000)] * 6
    away = records.rejections(desk.database, "words")
    assert away and {(row.recipe.batch_size, row.value) for row in away} == {(1024, 1.024e9)}


def test_a_trial_occupies_what_its_bound_and_its_process_need() -> None:
    space = space_of("2 GiB")

    assert reserved(space, Resources()) == 2 * GIB + PROCESS
    assert reserved(space, Resources(gpus_per_trial=0.5)) == 0
    assert reserved(SearchSpace.model_validate(TABLES), Resources()) == 0
    assert fitted(space, Resources()) == Resources()
    assert share(2 * GIB, 12 * GIB, 0.1) == pytest.approx(0.25)
    assert share(2 * GIB, 12 * GIB, 0.5) == 0.5
    with pytest.raises(ResourceError, match=r"a trial may take 12 GiB.*the GPU has 12 GiB"):
        share(12 * GIB, 12 * GIB, 0.5)


@pytest.mark.slow
@pytest.mark.ray
@pytest.mark.usefixtures("ray_here")
def test_search_turns_away_what_would_take_too_much_and_says_so(place: Place) -> None:
    space = place.folder / "life.toml"
    text = space.read_text().replace("batch_size = 64\n", "").replace("epochs = 6", "epochs = 1")
    text = text.replace("[search]", "[search]\nbatch_size = [64, 1024]")
    text = text.replace("image_size = 16", "image_size = 32").replace("[tricks.mixup]\n", "")
    space.write_text(text + '\n[constraints]\nmemory = "300 MiB"\n')

    code, out, err = place.here(*ONE_BY_ONE, "--trials", "5")

    rows = place.rows()
    assert code == 0, err
    assert [row.state for row in rows] == ["complete"] * 5
    assert {row.recipe.batch_size for row in rows} == {64}
    assert all(row.memory is not None and row.memory <= 300 * 2**20 for row in rows)
    assert "rejected before training:" in out and "over memory <= 300 MiB" in out


PACKED = """
import sys
from pathlib import Path

import autotrick, ray
from autotrick.tune import Resources

ray.init("local", num_cpus=2, _memory=3 * 2**30, include_dashboard=False, log_to_driver=False)
space = autotrick.load_space(Path("life.toml"))
places = Resources(concurrency=2, storage=Path("files"))
with autotrick.open_database(sys.argv[1]) as database:
    autotrick.search(space, database, trials=3, resources=places)
    wide = space.model_copy(update={"constraints": type(space.constraints)(memory=3 * 2.0**30)})
    try:
        autotrick.search(wide, database, study="wide", trials=1, resources=places)
    except autotrick.AutotrickError as error:
        print(error)
"""


@pytest.mark.slow
@pytest.mark.ray
def test_trials_that_run_together_keep_within_the_memory_of_their_node(place: Place) -> None:
    space = place.folder / "life.toml"
    text = space.read_text().replace("epochs = 6", "epochs = 2").replace("[tricks.mixup]\n", "")
    space.write_text(text + '\n[constraints]\nmemory = "1 GiB"\n')
    script = place.folder / "packed.py"
    script.write_text(PACKED)

    done = subprocess.run(
        [sys.executable, str(script), place.url],
        cwd=place.folder,
        env={**os.environ, **place.variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * PATIENCE_S,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    with records.open_database(place.url) as database:
        tries = [
            tried
            for row in place.rows()
            for tried in records.attempts(database, "life", row.number)
        ]
    ends = sorted((tried.started, tried.ended) for tried in tries)
    assert len(ends) == 3
    # There are two processors, and memory for one at a time: 1 GiB and a process, of 3 GiB.
    for (_, ended), (started, _) in pairwise(ends):
        assert ended is not None and ended <= started
    assert "a trial needs 4 GiB (constraints.memory" in done.stdout
    assert "the largest node gives 3 GiB" in done.stdout
