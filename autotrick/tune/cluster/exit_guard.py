"""A process that prints why this one ended, if this one cannot.

Ray waits in calls that hold Python's lock, so that no other Python thread runs and no signal arrives,
and it ends the process that uses it when its control server is gone. The guard process then prints a
sentence that it received in advance; it checks by itself whether Ray's processes are alive.
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
"""Seconds that Ray may take to start; the longest start measured took 60 s, at a load of 20."""

_LATER_S = 1.0
"""Seconds after which the process ends: the guard has printed its sentence by then."""

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
    """Prints a sentence if this process does not end in order."""

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
        """Replace what the guard watches.

        Args:
            words: `sentence`; `limit`, seconds after which it prints the sentence; `alive`, processes
                by name: if one of them ends, it prints the sentence when this process ends, with that
                name for `PROCESS`; `ended`, what it prints whenever this process does not end in
                order. Without words it watches nothing.
        """
        assert self._process.stdin is not None
        with suppress(OSError):  # a guard that is gone prints nothing
            self._process.stdin.write(json.dumps(words).encode() + b"\n")

    def dismiss(self) -> None:
        """End the guard: this process ends in order."""
        # It would end by itself when its input closes, but print its sentence.
        self._process.kill()
        self._process.communicate()


@contextmanager
def start_limit(guard: Guard, limit_s: float | None = None) -> Iterator[None]:
    """End this process with status 1 and a sentence if the block does not end in time.

    Args:
        limit_s: None for `START_S`.
    """
    limit = START_S if limit_s is None else limit_s
    sentence = (
        f"Error: Ray has not started within {limit:g} s. Were its workers killed, or is the machine out "
        "of memory? Nothing is lost: start the same command once more.\n"
    )
    guard.tell(sentence=sentence, limit=limit)
    # Its output is not for people; Ray's processes end with their parent.
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        faulthandler.dump_traceback_later(limit + _LATER_S, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            guard.tell()


def describe(name: str, process: str) -> str:
    """Return the sentence about a search that has lost one of Ray's processes."""
    return (
        f"Ray's {process} on this machine has ended; was it killed, or is the machine out of memory? "
        f"Nothing is lost: autotrick resume {name}"
    )


def watch(guard: Guard, name: str, alive: Mapping[str, int]) -> None:
    """Let a guard print which of the processes that a search needs has ended.

    Those of a cluster run elsewhere; if its head is gone, Ray ends this process after a minute.
    """
    if alive:
        guard.tell(sentence=f"Error: {describe(name, 'PROCESS')}\n", alive=dict(alive))
        return
    guard.tell(
        ended="Error: Ray, or somebody else, has ended this process. Is the cluster's head still there? "
        f"Nothing is lost: autotrick resume {name}\n"
    )
