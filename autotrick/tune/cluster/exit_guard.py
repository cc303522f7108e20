"""A process that says why this one ended, where this one cannot.

Ray waits in calls that hold Python's lock, so that no other thread of Python runs and no signal comes
through, and where its control server is gone it ends the process that uses it. Then a process beside
this one knows what to say: it is told in advance, and it looks by itself whether Ray's processes live.
"""

import faulthandler
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from autotrick.redaction import public_environment

START_S = 180.0
"""The longest start that was seen took a minute, on a machine with a load of 20."""

_LATER_S = 1.0
"""So much later the process ends: what is to be said is said by then."""

_CODE = """
import json, os, select, time

def dead(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return os.path.exists("/proc/self/stat")
    except OSError:
        return False

def say(sentence):
    try:
        os.write(2, sentence.encode())
    except OSError:
        pass
    raise SystemExit

told, began, sentence, seen = {}, time.monotonic(), None, None
while True:
    if select.select([0], [], [], 0.5)[0]:
        word = os.read(0, 65536)
        if not word:
            say(sentence or told.get("ended", ""))
        told, began = json.loads(word.splitlines()[-1]), time.monotonic()
    for name, pid in told.get("alive", {}).items():
        if sentence is None and dead(pid):
            # Twice, because they end with their parent too.
            if seen == name:
                sentence = told["sentence"].replace("PROCESS", name)
            seen = name
            break
    if "limit" in told and time.monotonic() - began > told["limit"]:
        say(told["sentence"])
"""


class Guard:
    """Says a sentence should this process not end in order."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _CODE],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            bufsize=0,
            env=public_environment(),
            start_new_session=True,  # Ctrl-C, which ends a search in order, does not end its guard
        )

    def tell(self, **words: Any) -> None:
        """Say what to look at from now on.

        Args:
            words: `sentence`; `limit` in seconds, after which it is said; `alive`, processes by name,
                after the end of which it is said when this process ends, with their name in the place
                of `PROCESS`; `ended`, what is said whenever this process ends but in order. Nothing
                stands for nothing to look at.
        """
        assert self._process.stdin is not None
        with suppress(OSError):  # a guard that is gone says nothing
            self._process.stdin.write(json.dumps(words).encode() + b"\n")

    def dismiss(self) -> None:
        """Let it go: this process ends in order."""
        # It ends by itself when nobody can tell it anything any more, but it would say its sentence.
        self._process.kill()
        self._process.communicate()


@contextmanager
def start_limit(guard: Guard, limit_s: float | None = None) -> Iterator[None]:
    """End this process with 1 and a sentence, should the block not end in time.

    Args:
        limit_s: None for `START_S`.
    """
    limit = START_S if limit_s is None else limit_s
    sentence = (
        f"Error: Ray has not started within {limit:g} s. Were its workers killed, or is the machine out "
        "of memory? Nothing is lost: start the same command once more.\n"
    )
    guard.tell(sentence=sentence, limit=limit)
    # What it writes is not for people; Ray's processes end with their parent.
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        faulthandler.dump_traceback_later(limit + _LATER_S, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            guard.tell()


def describe(name: str, process: str) -> str:
    """Return what is to be said of a search one of whose processes of Ray has ended."""
    return (
        f"Ray's {process} on this machine has ended; was it killed, or is the machine out of memory? "
        f"Nothing is lost: autotrick resume {name}"
    )


def watch(guard: Guard, name: str, alive: Mapping[str, int]) -> None:
    """Let a guard say which of the processes that a search needs has ended.

    Of a cluster they run elsewhere; where its head is gone, Ray ends this process after a minute.
    """
    if alive:
        guard.tell(sentence=f"Error: {describe(name, 'PROCESS')}\n", alive=dict(alive))
        return
    guard.tell(
        ended="Error: Ray, or somebody else, has ended this process. Is the cluster's head still there? "
        f"Nothing is lost: autotrick resume {name}\n"
    )
