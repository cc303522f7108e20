"""What people who watch a search are told."""

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.recipe import EpochReport, Recipe


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
