"""What a driver is set up with, and what it tells those who watch."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autotrick.recipe import EpochReport, Recipe
from autotrick.tune.storage import Place


@dataclass(frozen=True, slots=True)
class Event:
    """Something that people who watch a search want to know.

    Attributes:
        kind: `started`, `epoch`, `paused`, `lost`, `behind` (its checkpoint is older than what is on
            record), or the final state.
        report: The newest epoch, when there is one.
        note: Why, when that needs saying.
        lag_s: Of an epoch: from the arrival of its report until it was recorded.
    """

    kind: str
    number: int
    recipe: Recipe
    report: EpochReport | None = None
    note: str = ""
    lag_s: float = 0.0


Listener = Callable[[Event], None]


@dataclass(frozen=True)
class Setup:
    """What a driver works with beside the study.

    Attributes:
        storage: Folder or URL of the study's checkpoints; every node must reach it.
        cache: The data cache on every node; None for the default.
        device: `cpu` or `cuda`.
        deadline: `time.monotonic` after which no trial goes on; None for no limit.
        data_dir: Where the data's files are; a node that has not the data looks there first.
        hang_limit_s: Silence after which a worker is given up; None for no limit.
    """

    storage: Place
    cache: Path | None
    device: str
    deadline: float | None
    listener: Listener
    data_dir: Path | None = None
    hang_limit_s: float | None = None
