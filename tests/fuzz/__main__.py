"""`python -m tests.fuzz [KIND ...] --inputs 10000 --seed 1`: a long run, and a table of it."""

import argparse
import faulthandler
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.fuzz import harness
from tests.fuzz.kinds import KINDS

MEMORY_B = 12_000_000_000
"""Bytes of address space that a kind's process may have; torch alone takes some 4."""
COLUMNS = ("kind", "inputs", "seconds", "refused", "accepted", "faults")
EVERY = 100


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--inputs", type=int, default=10_000, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, help="file for every fault; else they are printed")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    words = parser.parse_args()
    for name in words.kinds:
        if name not in KINDS:
            parser.error(f"unknown kind {name!r}. Kinds: {', '.join(KINDS)}.")
    return words


def main() -> int:
    """Try all kinds, each in a process of its own; return 1 if there was a fault."""
    words = _words()
    if words.one:
        return _child(words.one, words.inputs, words.seed, words.log)
    rows = [_parent(name, words) for name in words.kinds or KINDS]
    print(" ".join(f"{column:>10}" for column in COLUMNS))  # noqa: T201
    for row in rows:
        print(" ".join(f"{row[column]:>10}" for column in COLUMNS))  # noqa: T201
    return int(any(row["faults"] for row in rows))


def _parent(name: str, words: argparse.Namespace) -> dict[str, Any]:
    """Return the row of a kind; a process that dies of an input begins anew after it."""
    total: dict[str, Any] = dict.fromkeys(COLUMNS[1:], 0) | {"kind": name}
    with tempfile.TemporaryDirectory(prefix="autotrick-fuzz-") as folder:
        log = words.log or Path(folder) / "faults.txt"
        command = [sys.executable, "-m", "tests.fuzz", "--one", name, "--seed", str(words.seed)]
        command += ["--inputs", str(words.inputs), "--log", str(log)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        last = done.stdout.splitlines()[-1:]
        try:
            total |= json.loads(last[0])
        except (IndexError, ValueError):
            total["faults"] += 1
            with log.open("a") as file:
                file.write(f"{name}: the process ended with {done.returncode}, after {last}\n")
        total["seconds"] = f"{float(total['seconds']):.0f}"
        if words.log is None and log.exists():
            print(log.read_text())  # noqa: T201
    return total


def _child(name: str, count: int, seed: int, log: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_B, MEMORY_B))
    faulthandler.enable()
    doing = log.with_name(f"{log.name}.{name}.doing")

    def note(i: int, given: Any) -> None:
        # What is in C code does not hear the alarm: this ends the process.
        faulthandler.dump_traceback_later(2 * harness.WALL_S, exit=True)
        doing.write_text(f"{name} {i}: {given!r}\n", errors="backslashreplace")

    def tell(i: int, given: Any, outcome: harness.Outcome) -> None:
        if outcome.verdict == "fault":
            with log.open("a", errors="backslashreplace") as file:
                file.write(f"=== {name} input {i}\n{given!r:.4000}\n{outcome.said[-4000:]}\n")
        if (i + 1) % EVERY == 0:
            print(f"{name}: {i + 1} of {count}", file=sys.stderr, flush=True)  # noqa: T201

    tally = harness.ran(KINDS[name].module(), count, seed, tell=tell, note=note)
    faulthandler.cancel_dump_traceback_later()
    doing.unlink(missing_ok=True)
    row = {column: getattr(tally, column) for column in COLUMNS if column != "kind"}
    print(json.dumps(row), flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
