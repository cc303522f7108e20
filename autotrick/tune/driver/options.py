"""Where and how a driver runs a study."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autotrick.observing import EVERY
from autotrick.tune.budget import Meter
from autotrick.tune.checkpoints.storage import Place
from autotrick.tune.constraints import ConstraintChecker
from autotrick.tune.driver.events import Listener


@dataclass(frozen=True)
class DriverOptions:
    """Where and how a driver runs a study.

    Attributes:
        storage: Folder or URL of the study's checkpoints; every node must reach it.
        cache: The data cache on every node; None for the default.
        device: `cpu` or `cuda`.
        deadline: `time.monotonic` after which no trial goes on; None for no limit.
        data_dir: Folder of the data's files; a node without the data looks there first.
        meter: Adds up what the study spends.
        shares: Processors and GPUs of a trial.
        hang_limit_s: Seconds of silence after which a worker is stopped; None for no limit.
        checker: Checks the space's constraints; None if it has none.
        notice: Receives sentences for people.
        observe: What of each trial is observed, and how many updates lie between two values of its
            loss.
    """

    storage: Place
    cache: Path | None
    device: str
    deadline: float | None
    listener: Listener
    data_dir: Path | None = None
    meter: Meter = field(default_factory=Meter)
    shares: tuple[float, float] = (1.0, 0.0)
    hang_limit_s: float | None = None
    checker: ConstraintChecker | None = None
    notice: Callable[[str], None] = field(default=lambda _: None)
    observe: tuple[tuple[str, ...], int] = ((), EVERY)
