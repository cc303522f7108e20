"""Commands that a signal ends while they wait: one line, the shell's status, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.synthetic import fill

pytestmark = pytest.mark.slow


@pytest.fixture
def waiting(folder: Path) -> Any:
    """Return a function that starts an export to a pipe that nobody reads, and waits until it waits."""
    fill(f"sqlite:///{folder}/autotrick.db", 3, name="digits")
    os.mkfifo(folder / "pipe.jsonl")
    started: list[subprocess.Popen[str]] = []

    def start(*before: str) -> subprocess.Popen[str]:
        words = [*before, sys.executable, "-m", "autotrick", "export", "digits", "-o", "pipe.jsonl"]
        process = subprocess.Popen(
            words,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        until(lambda: waits_for_a_reader(process.pid), process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def waits_for_a_reader(pid: int) -> bool:
    return Path(f"/proc/{pid}/wchan").read_text() in {"wait_for_partner", "fifo_open"}


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert process.poll() is None and time.monotonic() < end, process.communicate(timeout=1)
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_a_command_in_a_line(waiting: Any, number: signal.Signals) -> None:
    process = waiting()

    process.send_signal(number)

    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.split()) == (128 + number, "", ["Aborted!"])


def test_two_interrupts_are_one(waiting: Any) -> None:
    process = waiting()

    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)

    _, err = process.communicate(timeout=30)
    assert (process.returncode, err.split()) == (130, ["Aborted!"])


def test_hang_up_does_not_end_what_nohup_started(waiting: Any) -> None:
    process = waiting("nohup")

    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)

    process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("words", [("trials", "digits"), ("trials", "digits", "--json")], ids=str)
def test_reader_that_has_seen_enough_is_no_traceback(folder: Path, words: tuple[str, ...]) -> None:
    fill(f"sqlite:///{folder}/autotrick.db", 60, name="digits")
    command = [sys.executable, "-m", "autotrick", *words]

    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        err = process.stderr.read()

    assert err == ""
