import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(*words: str, **more: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "autotrick", *words]
    return subprocess.run(command, stderr=subprocess.PIPE, check=False, text=True, **more)  # type: ignore[call-overload,no-any-return]


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize(
    "words", [["best", "digits"], ["trials", "digits", "--json"], ["--help"]], ids=" ".join
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_output_that_has_no_space_is_one_line(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = run(*words, stdout=full)

    assert (done.returncode, done.stderr) == (1, "Error: there is no space left.\n")


@pytest.mark.usefixtures("study")
def test_a_terminal_that_knows_few_letters_gets_others_in_their_place() -> None:
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}

    done = run("tricks", "digits", stdout=subprocess.PIPE, env=plain)

    assert done.returncode == 0 and done.stderr == ""
    assert "Tricks of digits" in done.stdout and done.stdout.isascii()


@pytest.mark.usefixtures("study")
def test_whoever_reads_only_the_beginning_sees_no_error() -> None:
    command = f"{sys.executable} -m autotrick trials digits --json | head -1"

    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)

    assert done.stdout.count("\n") == 1 and done.stderr == ""
