"""`autotrick.search` in a script without a main guard and in a notebook, with callbacks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.ray]

SCRIPT = """
import json
import autotrick
from autotrick.tune import Resources

epochs, trials = [], []
space = autotrick.load_space("mine.toml")
database = autotrick.open_database("sqlite:///results.db")
row = autotrick.search(
    space,
    database,
    trials=2,
    resources=Resources(concurrency=1),
    on_epoch=lambda event: epochs.append((event.number, event.report.epoch)),
    on_trial=lambda event: trials.append((event.number, event.kind)),
)
best = autotrick.best_trials(database, "mine")[0]
found = autotrick.reproduce_trial(database, "mine", best.number)
print(json.dumps({"state": row.state, "epochs": epochs, "trials": trials, "same": found.identical}))
"""
NOTEBOOK = """
import asyncio

async def cell():
    exec(open("script.py").read(), globals())

asyncio.run(cell())
"""


@pytest.mark.parametrize("name", ["script.py", "notebook.py"])
def test_a_search_from_python(mine: Path, tmp_path: Path, name: str) -> None:
    (mine.parent / "script.py").write_text(SCRIPT)
    (mine.parent / "notebook.py").write_text(NOTEBOOK)

    done = subprocess.run(
        [sys.executable, name], cwd=mine.parent, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["state"], found["same"]) == ("complete", True)
    assert sorted(map(tuple, found["epochs"])) == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert found["trials"].count([0, "started"]) == found["trials"].count([0, "complete"]) == 1
