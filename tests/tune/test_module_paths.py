"""Modules of the working folder come after all others, in the command and in what it starts."""

import subprocess
import sys
from pathlib import Path

import pytest

from autotrick.train import memory_probe

pytestmark = pytest.mark.slow

SHADOWS = ("statistics", "queue", "random", "torch", "email", "numpy", "json", "click", "ray")


@pytest.fixture
def shadowed(tmp_path: Path) -> Path:
    """A working folder whose modules end whoever imports them."""
    for name in SHADOWS:
        text = f"raise SystemExit('the user\\'s own {name} was imported')\n"
        if name in ("email", "numpy"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "__init__.py").write_text(text)
        else:
            (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def test_the_module_as_a_command(shadowed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autotrick", "--version"],
        cwd=shadowed,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("autotrick ")


def test_the_memory_probe(shadowed: Path) -> None:
    done = subprocess.run(
        memory_probe.COMMAND, cwd=shadowed, input="{}", capture_output=True, text=True, check=False
    )

    # It has come to read the question, which is not one.
    assert "validation error" in done.stderr.lower() and "recipe" in done.stderr


def test_a_trainable_of_the_drivers_folder_is_found_last(shadowed: Path) -> None:
    (shadowed / "mine.py").write_text(
        "import statistics\ndef work(config): print('worked', statistics.mean([1, 3]))\n"
    )
    packing = (
        "import sys; sys.path[:] = [p for p in sys.path if p]\n"
        "from ray import cloudpickle\n"
        "from autotrick.tune.cluster.module_paths import with_paths\n"
        "sys.path.append('.')\n"
        "import mine\n"
        "open('work.pickle', 'wb').write(cloudpickle.dumps(with_paths(mine.work)))\n"
    )
    subprocess.run([sys.executable, "-P", "-c", packing], cwd=shadowed, check=True)
    working = (
        "from ray import cloudpickle\n"
        "cloudpickle.loads(open('work.pickle', 'rb').read())({'a': 1})\n"
    )

    done = subprocess.run(
        [sys.executable, "-P", "-c", working],
        cwd=shadowed,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.returncode) == ("worked 2\n", 0), done.stderr
