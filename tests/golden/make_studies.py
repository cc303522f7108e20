"""Records studies with the real command, to be resumed and reproduced by later versions.

    python -m tests.golden.make_studies

Of each space in `studies` there are two: `whole_NAME` ran to its end, and `half_NAME` was killed in the
middle of a trial. `studies.sql` is the database that both wrote, with FOLDER in place of the folder that
they ran in, and `files` has the checkpoints that the killed ones need. Both were made on commit 4db8e25.
"""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from autotrick import records
from autotrick.errors import AutotrickError
from autotrick.records import TrialRow
from tests.chaos.processes import kill_tree
from tests.golden.recorded import here

STUDIES = Path(__file__).parent / "studies"
NAMES = ("asha", "population")
ENVIRONMENT = STUDIES / "environment.json"
SHARED = ("optuna",)
"""What proposals depend on beside what weights depend on."""
FOLDER, HOST = "@FOLDER@", "the-host-of-then"
EPOCHS = 9
"""The second study is killed once its trials have trained so many, in the middle of a trial."""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="at-", dir="/tmp") as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/studies.db"
        for space in NAMES:
            whole = _search(folder, url, space, f"whole_{space}")
            if whole.wait() != 0:
                raise SystemExit((folder / "output.txt").read_text())
            half = _search(folder, url, space, f"half_{space}")
            while not _in_the_middle(url, f"half_{space}"):
                if half.poll() is not None:
                    raise SystemExit((folder / "output.txt").read_text())
                time.sleep(0.02)
            kill_tree(half.pid)
            half.wait()
        _keep(folder, url)


def _search(folder: Path, url: str, space: str, study: str) -> subprocess.Popen[bytes]:
    words = ["search", str(STUDIES / f"{space}.toml"), "--study", study, "--concurrency", "1"]
    variables = {"XDG_CACHE_HOME": str(folder / "cache"), "RAY_TMPDIR": str(folder / "ray")}
    with (folder / "output.txt").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "autotrick", *words, "--storage", "files", "--database", url],
            cwd=folder,
            env={**os.environ, **variables, "OMP_NUM_THREADS": "1"},
            stdout=output,
            stderr=output,
        )


def _trials(url: str, study: str) -> list[TrialRow]:
    try:
        with records.open_database(url, create=False) as database:
            return records.trials(database, study)
    except AutotrickError:
        return []


def _in_the_middle(url: str, study: str) -> bool:
    rows = _trials(url, study)
    within = any(row.state == "running" and row.epochs % 2 == 1 for row in rows)
    return within and sum(row.epochs for row in rows) >= EPOCHS


def _keep(folder: Path, url: str) -> None:
    shutil.rmtree(STUDIES / "files", ignore_errors=True)
    with records.open_database(url, create=False) as database:
        for space in NAMES:
            study = f"half_{space}"
            states = {row.number: row.state for row in records.trials(database, study)}
            for number, rows in records.checkpoints(database, study).items():
                if states[number] in ("complete", "pruned"):
                    continue
                for row in rows:
                    path = Path(row.path)
                    target = STUDIES / path.relative_to(folder)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, target)
    with closing(sqlite3.connect(folder / "studies.db")) as file:
        text = "\n".join(file.iterdump())
    for old, new in ((str(folder.resolve()), FOLDER), (socket.gethostname(), HOST)):
        text = text.replace(old, new)
    (STUDIES / "studies.sql").write_text(text + "\n")
    ENVIRONMENT.write_text(json.dumps(here(*SHARED), indent=1) + "\n")


if __name__ == "__main__":
    main()
