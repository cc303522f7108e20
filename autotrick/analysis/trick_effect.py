"""What a trick changes, and what may be said of it."""

from dataclasses import dataclass
from enum import StrEnum

PRECISION = 0.5
"""Half-width of the interval around 0 in which an effect does not matter, where a space does not say."""


class Source(StrEnum):
    """Which trials an effect is estimated from."""

    SCREEN = "screen"
    SEARCH = "search"


class Verdict(StrEnum):
    """What the trials say about a trick."""

    HELPS = "helps"
    HARMS = "harms"
    NO_MATTER = "does not matter"
    UNCLEAR = "cannot tell yet"


@dataclass(frozen=True, slots=True)
class TrickEffect:
    """What a trick changes.

    Attributes:
        num_with: Trials with it among those compared.
        num_without: Trials without it.
        num_pruned: How many of both were stopped before `epoch`; their value is a forecast.
        num_left_out: Trials that diverged, which are not compared.
        epoch: The epoch compared at.
        epochs: The last epoch of the recipes compared.
        effect: In the metric's unit for people (points, hundredths, of accuracy); None where the trials
            cannot carry an interval.
        low: Lower end of the 95 % interval; None with it.
        high: Its upper end.
        effect_with_diverged: The effect with those that diverged among the trials; None if none did or
            it cannot be told.
        diverged_with: Share of the trials with the trick that diverged, in [0, 1]; None without trials.
        diverged_without: The same of the trials without it.
        cost: Seconds per epoch with the trick, as a factor of those without.
        cost_low: Lower end of the factor's 95 % interval, or None.
        cost_high: Its upper end.
        against: What stands in the trick's place when it is off; empty if nothing does.
        note: Why a number is missing, or what limits it; empty otherwise.
        larger: Whether larger values of the metric are better.
        source: The trials that it is estimated from.
        precision: Half-width of the interval around 0 in which an effect does not matter, in the unit
            of `effect`.
        needed: About how many more trials it takes for a verdict at the noise seen; None where there
            is a verdict, or no interval to judge that by.
    """

    trick: str
    num_with: int
    num_without: int
    num_pruned: int
    epoch: int
    effect: float | None
    low: float | None = None
    high: float | None = None
    cost: float | None = None
    cost_low: float | None = None
    cost_high: float | None = None
    against: tuple[str, ...] = ()
    note: str = ""
    num_left_out: int = 0
    larger: bool = True
    epochs: int = 0
    source: Source = Source.SEARCH
    precision: float = PRECISION
    needed: int | None = None
    diverged_with: float | None = None
    diverged_without: float | None = None
    effect_with_diverged: float | None = None

    @property
    def final(self) -> bool:
        """Whether trials are compared at the last epoch of their recipes; an earlier one is no verdict."""
        return self.epoch >= self.epochs

    @property
    def better(self) -> bool | None:
        """Whether values at `epoch` are better (True) or worse (False); None while the interval has 0."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return None
        return (self.low > 0) is self.larger

    @property
    def helps(self) -> bool | None:
        """Whether the verdict is that it helps (True) or harms (False); None for any other."""
        return self.better if self.final else None

    @property
    def verdict(self) -> Verdict:
        """What the trials say about the trick."""
        if self.low is None or self.high is None or not self.final:
            return Verdict.UNCLEAR
        if self.helps is not None:
            return Verdict.HELPS if self.helps else Verdict.HARMS
        inside = -self.precision <= self.low and self.high <= self.precision
        return Verdict.NO_MATTER if inside else Verdict.UNCLEAR
