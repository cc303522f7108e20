"""One study, and those who kill what it runs on."""

import math
import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from autotrick import records
from autotrick.errors import AutotrickError
from autotrick.records import TrialRow
from tests.chaos.processes import kill_tree, named, running
from tests.postgres import PostgresServer

SPACE = """
question = "Does the study survive?"

[data]
name = "digits"
image_size = 16
validation = 0.2

[fixed]
epochs = 9
architecture = "fastnet"

[architectures.fastnet]
width = 0.25

[search]
batch_size = [16, 32]
base_lr = {{ low = 0.03, high = 0.6, log = true }}

[tricks.linear_warmup]
length = {{ low = 0.05, high = 0.25 }}

[tricks.cosine_decay]

[tricks.mixup]
alpha = {{ low = 0.05, high = 1.0 }}

[tricks.cutout]

[tricks.ema]

[tricks.label_smoothing]

[pruning]
method = "{method}"
first = 1

[study]
seed = {seed}
plan = {plan}
"""

PLANS = ('["search"]', '["base", "screen", "search"]')
SCREENED_FROM = 18
"""Trials from which half of the studies have a screen."""


ADDRESS = "127.0.0.1:6399"
WORKER = "ImplicitFunc"
MONITOR = "log_monitor.py"
JOINS = 10
RUN_LENGTH = 3
"""Workers and nodes that are killed between two drivers: a trial that loses four gives up."""


class Cluster:
    """Two Ray nodes on this machine, each with room for one trial; the second can be killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        head = ["--head", "--node-ip-address=127.0.0.1", "--port=6399", "--include-dashboard=false"]
        self._ray("start", *head, f"--temp-dir={folder}/ray")
        self._first = named("raylet")[0]
        self._first_monitors = set(running(MONITOR))
        self._second = self._join()

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator["Cluster"]:
        """Give a cluster that ends with the block."""
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        try:
            yield cls(folder)
        finally:
            for pid in [*named("raylet"), *named("gcs_server")]:
                kill_tree(pid)

    def kill_node(self) -> None:
        """Take the second node away with all that runs on it."""
        kill_tree(self._second)
        self._drop_monitors()

    def mend_node(self) -> None:
        """Let another node join in its place."""
        self._second = self._join()

    def _join(self) -> int:
        for _ in range(JOINS):
            # On a busy machine Ray gives a new node up that takes long to start.
            with suppress(subprocess.CalledProcessError):
                self._ray("start", f"--address={ADDRESS}")
                return next(pid for pid in named("raylet") if pid != self._first)
            for pid in named("raylet"):
                if pid != self._first:
                    kill_tree(pid)
            self._drop_monitors()
        raise RuntimeError(f"no second node after {JOINS} tries")

    def _drop_monitors(self) -> None:
        """End what no raylet is above, and would read logs for ever."""
        for pid in set(running(MONITOR)) - self._first_monitors:
            kill_tree(pid)

    def _ray(self, *words: str) -> None:
        room = ("--num-cpus=1", "--object-store-memory=100000000", "--disable-usage-stats")
        command = [str(Path(sys.executable).with_name("ray")), *words, *room]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@dataclass
class Killed:
    """A study that is driven by subprocesses, and what was done to it.

    Attributes:
        server: Of the database, when that is PostgreSQL.
        stop_s: For how long a driver is stopped.
        end: `time.monotonic` after which nothing is killed any more.
        drivers: How many were started.
    """

    folder: Path
    url: str
    trials: int
    server: PostgresServer | None
    cluster: Cluster
    stop_s: float = 90.0
    end: float = math.inf
    kills: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    drivers: int = 0
    name: str = "chaos"

    @property
    def database(self) -> str:
        return "sqlite" if self.server is None else "postgresql"

    def drive(self) -> subprocess.Popen[bytes]:
        """Start `search`, or `resume` once the study is on record."""
        self.drivers += 1
        if self.rows() is not None:
            words = ["resume", self.name]
        else:
            words = ["search", str(self.folder / "chaos.toml"), "--trials", str(self.trials)]
            words += ["--storage", str(self.folder / "files"), "--address", ADDRESS]
        command = [sys.executable, "-m", "autotrick", *words, "--database", self.url]
        with self.output.open("ab") as file:
            return subprocess.Popen(command, stdout=file, stderr=file, cwd=self.folder)

    @property
    def output(self) -> Path:
        return self.folder / "output.txt"

    def rows(self) -> list[TrialRow] | None:
        """Return the trials on record; None while there is no study."""
        try:
            with records.open_database(self.url, create=False) as database:
                return records.trials(database, self.name)
        except AutotrickError:
            return None

    def driven_by(self, pid: int) -> bool:
        """Return whether a process has claimed the study."""
        try:
            with records.open_database(self.url, create=False) as database:
                owner = records.study(database, self.name).owner
        except AutotrickError:
            return False
        return owner is not None and owner.split(":")[1] == str(pid)

    def open_attempts(self) -> int:
        with records.open_database(self.url, create=False) as database:
            tries = [
                records.attempts(database, self.name, n) for n in range(len(self.rows() or []))
            ]
        return sum(attempt.state == "open" for each in tries for attempt in each)

    def attempts(self) -> int:
        return sum(row.attempts for row in self.rows() or [])

    def epochs(self) -> int:
        return sum(row.epochs for row in self.rows() or [])


def drive_and_kill(study: Killed, quota: int, before: Counter[str], chance: random.Random) -> None:
    """Drive the study to its end, and kill so often on the way as it lasts.

    What was killed least, counting what the studies `before` saw, is killed next.
    """
    method = "asha" if chance.random() < 0.8 else "none"
    seed = chance.randrange(2**31)
    plan = chance.choice(PLANS) if study.trials >= SCREENED_FROM else PLANS[0]
    space = SPACE.format(method=method, seed=seed, plan=plan)
    (study.folder / "chaos.toml").write_text(space)
    kinds = [kind for kind in KILLERS if kind != "database" or study.server]
    driver, in_a_row = study.drive(), 0
    while _more(study, quota) and _moment(study, driver, chance):
        kind = "driver" if in_a_row == RUN_LENGTH else _rarest(kinds, before + study.kills, chance)
        in_a_row = 0 if kind in ENDING else in_a_row + (kind in ("worker", "node"))
        if KILLERS[kind](study, driver, chance):
            study.kills[kind] += 1
        if kind in ENDING:
            driver = study.drive()
    _finish(study, driver)


def _more(study: Killed, quota: int) -> bool:
    return study.kills.total() < quota and time.monotonic() < study.end


def _rarest(kinds: Sequence[str], kills: Counter[str], chance: random.Random) -> str:
    """Return one of the kinds that were killed least."""
    least = min(kills[kind] for kind in kinds)
    return chance.choice([kind for kind in kinds if kills[kind] == least])


def _moment(study: Killed, driver: subprocess.Popen[bytes], chance: random.Random) -> bool:
    """Wait for a random moment, mostly between epochs; return whether the driver lives then."""
    kind = chance.random()
    if kind < 0.7:
        _until(driver, study.epochs, study.epochs() + chance.randint(0, 2))
        _sleep(driver, chance.uniform(0, 1))
    elif kind < 0.85:
        _until(driver, study.attempts, study.attempts())
        _sleep(driver, chance.uniform(0, 3))
    else:
        _sleep(driver, chance.uniform(0.5, 8))
    return driver.poll() is None


def _until(driver: subprocess.Popen[bytes], count: Callable[[], int], seen: int) -> None:
    while driver.poll() is None and count() <= seen:
        time.sleep(0.2)


def _sleep(driver: subprocess.Popen[bytes], seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        driver.wait(seconds)


def _kill_driver(study: Killed, driver: subprocess.Popen[bytes], chance: random.Random) -> bool:
    driver.kill()
    return driver.wait() == -signal.SIGKILL


def _hang_up(study: Killed, driver: subprocess.Popen[bytes], chance: random.Random) -> bool:
    driver.send_signal(signal.SIGHUP)
    return _ended_in_order(study, driver, signal.SIGHUP)


def _interrupt_twice(study: Killed, driver: subprocess.Popen[bytes], chance: random.Random) -> bool:
    driver.send_signal(signal.SIGINT)
    _sleep(driver, chance.uniform(0, 2))
    if driver.poll() is None:
        driver.send_signal(signal.SIGINT)
    return _ended_in_order(study, driver, signal.SIGINT)


def _ended_in_order(study: Killed, driver: subprocess.Popen[bytes], sign: signal.Signals) -> bool:
    """Wait for a driver's end; return whether the signal brought it, and see that it left nothing open."""
    try:
        status = driver.wait(120)
    except subprocess.TimeoutExpired:
        study.violations["drivers_that_heard_no_signal"] += 1
        driver.kill()
        driver.wait()
        return False
    if study.rows() is not None:
        study.violations["attempts_open_after_a_signal"] += study.open_attempts()
    # Before its handlers are there a process dies of a signal; after its last trial it has ended well.
    if status not in (128 + sign, -sign, 0):
        study.violations["drivers_that_broke_off"] += 1
    return status != 0


def _stop(study: Killed, driver: subprocess.Popen[bytes], chance: random.Random) -> bool:
    driver.send_signal(signal.SIGSTOP)
    time.sleep(study.stop_s)
    driver.send_signal(signal.SIGCONT)
    return driver.poll() is None


def _kill_worker(study: Killed, driver: subprocess.Popen[bytes], chance: random.Random) -> bool:
    workers = named(WORKER)
    if workers:
        os.kill(chance.choice(workers), signal.SIGKILL)
    return bool(workers)


def _kill_node(study: Killed, driver: subprocess.Popen[bytes], chance: random.Random) -> bool:
    study.cluster.kill_node()
    _sleep(driver, chance.uniform(0, 3))
    study.cluster.mend_node()
    return True


def _kill_database(study: Killed, driver: subprocess.Popen[bytes], chance: random.Random) -> bool:
    assert study.server is not None
    # Who finds no database when it begins says so at once, and is begun again by whoever wants it.
    while driver.poll() is None and not study.driven_by(driver.pid):
        time.sleep(0.2)
    if driver.poll() is not None:
        return False
    study.server.kill()
    _sleep(driver, chance.uniform(0, 4))
    study.server.start()
    return True


KILLERS = {
    "driver": _kill_driver,
    "worker": _kill_worker,
    "node": _kill_node,
    "database": _kill_database,
    "hang up": _hang_up,
    "interrupt twice": _interrupt_twice,
    "stop": _stop,
}
ENDING = ("driver", "hang up", "interrupt twice")
"""What ends a driver, so that another one has to go on."""


def _finish(study: Killed, driver: subprocess.Popen[bytes]) -> None:
    """Let the study come to its end; a driver that was not killed ends well."""
    if driver.wait() != 0:
        study.violations["drivers_that_gave_up"] += 1
        sys.stderr.write(study.output.read_text()[-3000:])
        study.drive().wait()
    end = time.monotonic() + 30
    while named(WORKER) and time.monotonic() < end:
        time.sleep(0.2)
    study.violations["workers_left"] += len(named(WORKER))
