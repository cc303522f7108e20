"""A small space, a study over it, and a driver that is spoken to as Ray would."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autotrick import records
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import Database, StudyPlan, TrialRow
from autotrick.space import SearchSpace, load
from autotrick.tune.cluster.worker import Failure, Message, SavedCheckpoint
from autotrick.tune.driver.driver import Driver
from autotrick.tune.driver.events import Event
from autotrick.tune.driver.lease import Lease
from autotrick.tune.driver.options import DriverOptions
from tests.tune import places
from tests.tune.places import Place

HEAD = """
question = "Does the driver keep its word?"

[data]
name = "digits"
fingerprint = "f00d"
image_size = 16

[fixed]
architecture = "lenet5"
batch_size = 64
epochs = 4

[search]
base_lr = { low = 0.01, high = 1.0, log = true }
"""


SPACE = f"""{HEAD}
[tricks.mixup]

[pruning]
method = "asha_stop"
first = 1
factor = 2

[objective]
objectives = ["accuracy"]
also = []
"""


POPULATION = f"""{HEAD}
[pruning]
method = "pbt"
first = 2
population = 4
"""


@pytest.fixture
def make_space(tmp_path: Path) -> Callable[..., SearchSpace]:
    """Return a function that reads the space, with replacements made in its text."""
    return _reader(SPACE, tmp_path)


@pytest.fixture
def make_population(tmp_path: Path) -> Callable[..., SearchSpace]:
    """Return the same of a space whose study is a population."""
    return _reader(POPULATION, tmp_path)


def _reader(base: str, folder: Path) -> Callable[..., SearchSpace]:
    def make(name: str = "words", more: str = "", **replacements: str) -> SearchSpace:
        text = base + more
        for key, value in replacements.items():
            old = next(line for line in text.splitlines() if line.startswith(f"{key} ="))
            text = text.replace(old, f"{key} = {value}")
        path = folder / f"{name}.toml"
        path.write_text(text)
        return load(path)

    return make


@dataclass
class Desk:
    """A study with its database, and drivers that conduct it one after another."""

    database: Database
    space: SearchSpace
    storage: Path
    events: list[Event] = field(default_factory=list)
    trials: int = 4
    claim: Lease = field(init=False)

    def driver(self, *, deadline: float | None = None, **more: Any) -> Driver:
        plan = StudyPlan(
            self.space.name,
            self.space.question,
            self.space.model_dump(mode="json"),
            self.space.digest(),
            0,
            {"trials": self.trials},
        )
        study = records.create_study(self.database, plan)
        setup = DriverOptions(self.storage, None, "cpu", deadline, self.events.append, **more)
        # Nobody has claimed the study, so no claim is renewed.
        self.claim = Lease(self.database, study.id, stale_after=60)
        return Driver(self.database, study, self.space, setup, self.claim)

    def trial(self, number: int) -> TrialRow:
        return records.trial(self.database, self.space.name, number)

    def attempts(self, number: int) -> list[tuple[str, str | None]]:
        rows = records.attempts(self.database, self.space.name, number)
        return [(row.state, row.reason) for row in rows]

    def curve(self, number: int) -> list[float]:
        found = records.reports(self.database, self.space.name, numbers=[number])
        return [report.accuracy for report in found.get(number, [])]

    def states(self) -> list[str]:
        return [row.state for row in records.trials(self.database, self.space.name)]

    def study_state(self) -> str:
        return records.study(self.database, self.space.name).state


@pytest.fixture
def desk(database: Database, make_space: Callable[..., SearchSpace], tmp_path: Path) -> Desk:
    return Desk(database, make_space(), tmp_path / "files")


def report(epoch: int, accuracy: float, weights: str = "w") -> EpochReport:
    return EpochReport(
        epoch=epoch,
        accuracy=accuracy,
        loss=0.5,
        train_loss=0.5,
        lr=0.1,
        seconds=2.0,
        weights=f"{weights}{epoch}",
    )


@pytest.fixture(scope="session")
def say() -> Callable[..., str]:
    """Return a function that words a worker's message: accuracies of the epochs from `start` on."""

    def word(*accuracies: float, start: int = 1, saved: int | None = None, **fields: Any) -> str:
        if saved is not None:
            fields["checkpoint"] = SavedCheckpoint(
                path=f"/files/epoch-{saved}", epoch=saved, checksum="c", bytes=7
            )
        if "failure" in fields:
            reason, message, *trace = fields["failure"]
            fields["failure"] = Failure(reason=reason, message=message, trace="".join(trace))
        reports = tuple(report(start + i, accuracy) for i, accuracy in enumerate(accuracies))
        return Message(reports=reports, **fields).model_dump_json()

    return word


@pytest.fixture(scope="session")
def recipe_of() -> Callable[[dict[str, Any]], Recipe]:
    """Return a function that reads the recipe out of an assignment."""
    from autotrick.tune.cluster.worker import Assignment

    return lambda config: Assignment.model_validate_json(config["assignment"]).recipe


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def ray_here(cache: Path) -> Iterator[None]:
    """A cluster of this process with two processors, for all searches of a module that run here."""
    from autotrick.tune.cluster import engine

    with (
        tempfile.TemporaryDirectory(prefix="at-", dir="/tmp") as sessions,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setenv("RAY_TMPDIR", sessions)
        patched.setenv("XDG_CACHE_HOME", str(cache))
        patched.setenv("OMP_NUM_THREADS", "1")
        with engine.cluster(None, slots=2, cpus=1, gpus=0):
            yield


@pytest.fixture
def make_place(tmp_path: Path, cache: Path) -> Iterator[Callable[[str], Place]]:
    """Return a function that makes a place; ends at the end all that was started there."""
    sessions = tempfile.mkdtemp(prefix="at-", dir="/tmp")  # Ray's sockets need short paths
    scratch = tmp_path / "scratch"  # Ray's storage, while a study runs
    scratch.mkdir()
    made: list[Place] = []

    def make(url: str) -> Place:
        (tmp_path / "life.toml").write_text(places.SPACE)
        variables = {
            "XDG_CACHE_HOME": str(cache),
            "RAY_TMPDIR": sessions,
            "TMPDIR": str(scratch),
            "RAY_ADDRESS": "127.0.0.1:1",  # of no concern to a search that names no cluster
            "AUTOTRICK_DATABASE": "postgresql://me:v3rysecret@elsewhere/results",
            "OMP_NUM_THREADS": "1",
        }
        made.append(Place(tmp_path, url, variables))
        return made[-1]

    yield make
    for process in (process for place in made for process in place.started):
        if process.poll() is None:
            process.kill()
        process.communicate()
    shutil.rmtree(sessions, ignore_errors=True)


@pytest.fixture
def place(make_place: Callable[[str], Place], tmp_path: Path) -> Place:
    return make_place(f"sqlite:///{tmp_path}/r3markable.db")
