"""Events for people who watch a search."""

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.recipe import EpochReport, Recipe


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a search.

    Attributes:
        kind: `started`, `epoch`, `paused`, `lost`, `behind` (its checkpoint is older than the last
            recorded epoch), or the final state.
        report: The newest epoch, if there is one.
        note: An explanation, if one is needed.
        lag_s: Seconds from the arrival of an epoch's report until it was recorded.
        step: Where the trial stands in the study's plan, such as `screen 7/24`; empty without a plan.
    """

    kind: str
    number: int
    recipe: Recipe
    report: EpochReport | None = None
    note: str = ""
    lag_s: float = 0.0
    step: str = ""


Listener = Callable[[Event], None]
