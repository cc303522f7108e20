"""Memory that really runs out under a worker."""

import os
import subprocess
import sys

import pytest

from autotrick import records
from tests.tune.places import PATIENCE_S, Place

pytestmark = [pytest.mark.slow, pytest.mark.ray]

ROOM = 1_000_000_000
"""Bytes that a worker may take beyond what it is before training. On two cores a trial with batches of
1024 took 1,400 MB and one with 512 took 700 MB: there is a factor of 1.4 to either side."""

SCARCE = f"""
import resource, sys
from pathlib import Path

import autotrick
from autotrick.tune import Options, Resources
from autotrick.tune.cluster.worker import Assignment, work

def enough(recipe, folder):
    # What training loads and compiles takes no part in it.
    from autotrick.data import load
    from autotrick.train import measure_speed
    small = recipe.model_copy(update={{"batch_size": 8}})
    measure_speed(small, load(recipe.data, cache_dir=folder))
    lines = open("/proc/self/status").read().splitlines()
    taken = next(int(line.split()[1]) for line in lines if line.startswith("VmSize"))
    return 1024 * taken + {ROOM}

def scarce(config):
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if not hasattr(resource, "enough"):  # the worker's next trial gets no more than its first
        mine = Assignment.model_validate_json(config["assignment"])
        resource.enough = enough(mine.recipe, mine.cache)
    resource.setrlimit(resource.RLIMIT_AS, (resource.enough, hard))
    try:
        work(config)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))

space = autotrick.load_space(Path("life.toml"))
with autotrick.open_database(sys.argv[1]) as database:
    places = Resources(concurrency=1, storage=Path("files"))
    options = Options(trainable=scarce)
    autotrick.search(space, database, trials=6, resources=places, options=options)
"""


def test_trial_that_runs_out_of_memory_is_tried_with_half_the_batch(place: Place) -> None:
    space = place.folder / "life.toml"
    text = space.read_text().replace("batch_size = 64", "batch_size = 1024")
    text = text.replace("epochs = 6", "epochs = 1").replace("image_size = 16", "image_size = 48")
    space.write_text(text + '\n[study]\non_out_of_memory = "smaller_batch"\n')
    script = place.folder / "scarce.py"
    script.write_text(SCARCE)

    done = subprocess.run(
        [sys.executable, str(script), place.url],
        cwd=place.folder,
        # Or every thread of Ray's would reserve 64 MiB of its own, more of them on more cores.
        env={**os.environ, **place.variables, "MALLOC_ARENA_MAX": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * PATIENCE_S,
    )

    rows = place.rows()
    failed = [row for row in rows if row.state == "failed"]
    halves = [row for row in rows if "with half the batch" in row.origin]
    through = [row for row in halves if row.state == "complete"]
    seen = [(row.state, row.reason, row.recipe.batch_size, row.origin) for row in rows]
    assert done.returncode == 0, done.stderr[-2000:]
    assert failed, seen
    assert {row.reason for row in failed} == {"out_of_memory"}
    assert through, seen
    for row in halves:
        before = rows[int(row.origin.split()[1])]
        assert row.recipe.batch_size == before.recipe.batch_size // 2
        assert row.recipe.lr == before.recipe.lr
    with records.open_database(place.url) as database:
        tries = records.attempts(database, "life", failed[0].number)
    assert "memory ran out at batch size 1024" in str(tries[-1].reason)
