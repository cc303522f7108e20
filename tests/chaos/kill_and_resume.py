"""Kill -9 at random: drivers, workers, a Ray node, PostgreSQL; resume; count what is lost.

Drivers also get SIGHUP, two SIGINT, and SIGSTOP with SIGCONT 90 s later.

    python -m tests.chaos.kill_and_resume --studies 10 --kills 100 --seed 1

Studies come one after another, on SQLite and PostgreSQL in turn, on one Ray cluster of two nodes.
All of it runs inside network and process namespaces of its own, for which this needs root. Prints
one JSON object and exits with 1 if anything was lost, doubled or came out differently.
"""

import argparse
import json
import math
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from autotrick import records
from tests.chaos.counting import counted
from tests.chaos.killing import Cluster, Killed, drive_and_kill
from tests.postgres import PostgresServer

NAMESPACE = ("unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child")
INSIDE = "AUTOTRICK_CHAOS_INSIDE"


def parsed(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=10, help="at least so many")
    parser.add_argument("--kills", type=int, default=100, help="at least so many in all")
    parser.add_argument("--trials", type=int, default=18, help="of each study")
    parser.add_argument("--minutes", type=float, help="kill for so long at most")
    parser.add_argument("--stop", type=float, default=90.0, help="seconds that a driver is stopped")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(words)


def storm(asked: argparse.Namespace, folder: Path, server: PostgresServer) -> dict[str, object]:
    """Run the studies, and return what is printed."""
    chance = random.Random(asked.seed)
    begun = time.monotonic()
    kills: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    violations: Counter[str] = Counter()
    with Cluster.running(folder) as cluster:
        end = begun + 60 * asked.minutes if asked.minutes else math.inf
        while counts["studies"] < asked.studies or kills.total() < asked.kills:
            if counts["studies"] and time.monotonic() > end:
                break
            number = counts["studies"]
            left = asked.kills - kills.total()
            quota = max(1, math.ceil(left / max(1, asked.studies - number)))
            on_sqlite = number % 2 == 0
            url = f"sqlite:///{folder}/{number}.db" if on_sqlite else server.new_database()
            place = folder / str(number)
            place.mkdir()
            on = None if on_sqlite else server
            killed = Killed(place, url, asked.trials, on, cluster, asked.stop, end)
            drive_and_kill(killed, quota, kills, chance)
            with records.open_database(url, create=False) as database:
                found, wrong = counted(database, killed.name, asked.trials)
            wrong.update(killed.violations)
            found.update(studies=1, drivers=killed.drivers, **{killed.database: 1})
            kills += killed.kills
            counts += found
            violations.update(wrong)
            sys.stderr.write(f"{json.dumps({**found, **killed.kills})} {+wrong or ''}\n")
    return {
        "seed": asked.seed,
        "minutes": round((time.monotonic() - begun) / 60, 1),
        "kills": kills.total(),
        "killed": dict(sorted(kills.items())),
        **counts,
        "violations": violations,
    }


def main() -> int:
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # `nohup` ignores it in all that it starts
        words = [sys.executable, "-m", "tests.chaos.kill_and_resume", *sys.argv[1:]]
        os.execvp(NAMESPACE[0], [*NAMESPACE, *words])
    with (
        tempfile.TemporaryDirectory(prefix="at-", dir="/tmp") as folder,  # sockets: short paths
        PostgresServer.running() as server,
    ):
        found = storm(parsed(), Path(folder), server)
    sys.stdout.write(json.dumps(found) + "\n")
    return int(any(found["violations"].values()))  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
