"""What runs on this machine, as Linux tells."""

import os
import signal
from contextlib import suppress
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """Return the processes below a process."""
    parents: dict[int, list[int]] = {}
    for each, (parent, _) in _table().items():
        parents.setdefault(parent, []).append(each)
    found, queue = [], [pid]
    while queue:
        below = parents.get(queue.pop(), [])
        found += below
        queue += below
    return found


def command_of(pid: int) -> str:
    """Return a process's words; empty when it is gone."""
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_text()
    except OSError:
        return ""


def named(word: str) -> list[int]:
    """Return the living processes whose command has a word, oldest first."""
    living = [pid for pid, (_, state) in _table().items() if state != "Z"]
    return sorted(pid for pid in living if word in command_of(pid).split("\0")[0])


def running(script: str) -> list[int]:
    """Return the living processes that run a script of that name."""
    living = [pid for pid, (_, state) in _table().items() if state != "Z"]
    return [
        pid for pid in living if any(w.endswith(f"/{script}") for w in command_of(pid).split("\0"))
    ]


def kill_tree(pid: int) -> None:
    """Kill a process and all below it, as a machine that loses its power does."""
    for each in [pid, *descendants(pid)]:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _table() -> dict[int, tuple[int, str]]:
    """Return parent and state of every process."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                state, parent, *_ = (entry / "stat").read_text().rpartition(")")[2].split()
                found[int(entry.name)] = int(parent), state
    return found
