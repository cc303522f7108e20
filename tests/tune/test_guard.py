"""A search whose process cannot speak any more, because a call of Ray's holds Python's lock."""

import subprocess
import sys
import textwrap
from threading import Event

import pytest

from autotrick.tune.cluster.process_watch import Watch

pytestmark = pytest.mark.slow

HOLDING = "import ctypes\nhold = ctypes.PyDLL(None).sleep\n"
"""`hold` sleeps in C without letting any other thread of Python run."""


def ended(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", HOLDING + textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_start_that_holds_the_lock_ends_with_a_sentence() -> None:
    done = ended(
        """
        from autotrick.tune.cluster.exit_guard import Guard, start_limit
        with start_limit(Guard(), 0.5):
            hold(60)
        """
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: Ray has not started within 0.5 s.")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("ends", ["raise SystemExit(3)", "raise KeyboardInterrupt"])
def test_a_start_in_time_says_nothing(ends: str) -> None:
    done = ended(
        f"""
        import sys, time
        from autotrick.tune.cluster.exit_guard import Guard, start_limit
        guard = Guard()
        try:
            with start_limit(guard, 0.3):
                {ends}
        except KeyboardInterrupt:
            pass
        # Nothing is to come: the limit passes, and the second after which it ends the process.
        time.sleep(1.6)
        """
    )

    assert (done.returncode, done.stderr) == (3 if "3" in ends else 0, "")


WATCHED = """
import os, subprocess, time
from types import SimpleNamespace
from autotrick.tune.cluster.process_watch import Watch

started = {name: subprocess.Popen(["sleep", "20"], stderr=-3, stdout=-3) for name in ("raylet", "gcs_server", "log_monitor")}
watch = Watch()
processes = {name: [SimpleNamespace(process=process)] for name, process in started.items()}
watch.begin("s", processes, lambda error: None)

def lose(name):
    started[name].kill()
    hold(2)  # no thread of Python sees it; Ray's own ends the process at last

def leave():
    for process in started.values():
        process.kill()
    os._exit(1)
"""


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("lose('raylet'); leave()", "Ray's raylet on this machine has ended"),
        ("lose('gcs_server'); leave()", "Ray's control server on this machine has ended"),
        ("lose('log_monitor'); leave()", ""),
        ("leave()", ""),
        ("lose('raylet'); watch.end(); leave()", ""),
    ],
)
def test_a_process_that_is_ended_says_which_of_rays_was_lost(then: str, said: str) -> None:
    done = ended(WATCHED + then)

    assert done.returncode == 1
    if said:
        assert done.stderr.startswith(f"Error: {said}")
        assert done.stderr.endswith("Nothing is lost: autotrick resume s\n")
    else:
        assert done.stderr == ""


def test_a_search_that_does_not_end_in_order_is_ended() -> None:
    done = ended(
        WATCHED
        + "import autotrick.tune.cluster.process_watch as w\nw.END_S = 0.5\nlose('raylet')\ntime.sleep(30)"
    )

    assert done.returncode == 1
    assert "Ray's raylet on this machine has ended" in done.stderr


def test_a_lost_process_ends_the_search_in_order() -> None:
    raylet = subprocess.Popen(["sleep", "60"])
    looked, told, errors = Event(), Event(), []

    def fail(error: BaseException) -> None:
        errors.append(str(error))
        told.set()

    class Process:
        pid = raylet.pid

        def poll(self) -> int | None:
            looked.set()
            return raylet.poll()

    class Started:
        process = Process()

    watch = Watch()
    try:
        watch.begin("mine", {"raylet": [Started]}, fail)
        assert looked.wait(10) and not errors
        raylet.kill()
        assert told.wait(10)
    finally:
        watch.end()
        raylet.kill()
        raylet.wait()

    assert errors[0].endswith("Nothing is lost: autotrick resume mine")


@pytest.mark.parametrize(
    ("then", "said"), [("os._exit(1)", True), ("watch.end(); os._exit(1)", False)]
)
def test_a_search_on_a_cluster_whose_head_is_gone_says_so(then: str, said: bool) -> None:
    begun = WATCHED[: WATCHED.index("started =")] + "watch = Watch()\nwatch.begin('s', {}, print)\n"

    done = ended(begun + then)

    assert ("Is the cluster's head still there? Nothing is lost" in done.stderr) == said
