import os
import subprocess
import sys
from pathlib import Path

import pytest

INTERRUPTED = """
import runpy, sys

class Interrupting:
    def find_spec(name, path=None, target=None):
        if name == "click":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting)
sys.argv = ["autotrick", "--help"]
runpy.run_module("autotrick", run_name="__main__")
"""


def test_an_interrupt_while_the_command_loads_is_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False
    )

    assert done.returncode == 130
    assert done.stderr.split() == ["Aborted!"] and not done.stdout


def test_a_working_folder_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f'cd "{gone}" && rmdir "{gone}" && exec "{sys.executable}" -P -m autotrick studies'

    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        "Error: the working folder cannot be used: No such file or directory. "
        "Change to another folder.\n"
    )


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"COLUMNS": "1"},
        {"COLUMNS": "many", "TERM": "dumb"},
        {"OMP_NUM_THREADS": "rubbish"},
        {"RAY_ADDRESS": "::::", "RAY_TMPDIR": "", "TMPDIR": "two\nlines"},
    ],
    ids=lambda variables: "+".join(variables),
)
def test_odd_variables_change_nothing(tmp_path: Path, variables: dict[str, str]) -> None:
    environment = {**os.environ, "AUTOTRICK_DATABASE": f"sqlite:///{tmp_path}/a.db", **variables}

    done = subprocess.run(
        [sys.executable, "-m", "autotrick", "catalogue", "--help"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("closed", [">&-", "<&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_failure(closed: str) -> None:
    command = f'exec "{sys.executable}" -m autotrick --help {closed}'

    assert subprocess.run(["bash", "-c", command], capture_output=True, check=False).returncode == 0
