"""Limits of a study beside its number of trials: trial-hours, money, and a plateau."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from autotrick import records
from autotrick.errors import ResourceError
from autotrick.objective import Value
from autotrick.records import Database, SearchSettings, StudyRow
from autotrick.space import Plateau, SearchSpace
from autotrick.tune.resources import Resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a study may spend; None leaves what is recorded, or sets no limit.

    Attributes:
        trial_hours: Trial-hours in all: wall time of all attempts, times the GPUs that each occupies,
            or the processors if it has no GPU.
        cost_per_hour: Price of a trial-hour, in any currency.
        max_cost: Cost in all.
    """

    trial_hours: float | None = None
    cost_per_hour: float | None = None
    max_cost: float | None = None

    def to_json(self) -> dict[str, float]:
        """Return what is set, by the keys of the record."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a study; None for no limit.

    Attributes:
        trial_hours: Trial-hours in all, as `Spending` counts them.
        cost_per_hour: Price of a trial-hour, in any currency.
        max_cost: Cost in all.
        plateau: When the search ends because it no longer improves.
        since: Number of the first trial that counts for the plateau.
    """

    trial_hours: float | None = None
    cost_per_hour: float | None = None
    max_cost: float | None = None
    plateau: Plateau | None = None
    since: int = 0

    @classmethod
    def of(cls, settings: SearchSettings) -> "Limits":
        """Return those of a study."""
        return cls(
            trial_hours=settings.trial_hours,
            cost_per_hour=settings.cost_per_hour,
            max_cost=settings.max_cost,
            plateau=Plateau.model_validate(settings.plateau) if settings.plateau else None,
            since=settings.plateau_since,
        )


class Meter:
    """Adds up what a study spends, and tells when a limit is reached.

    Attributes:
        share: What an attempt occupies: GPUs, or processors if it has none.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        hours: float = 0.0,
        share: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with what is recorded.

        Args:
            hours: Trial-hours of the attempts that have ended.
            clock: Returns seconds.
        """
        self.share = share
        self._limits = limits or Limits()
        self._ended = hours
        self._clock = clock
        self._begun: dict[str, float] = {}
        self._best: list[Value] = []
        self._fruitless = 0

    def begin(self, handle: str) -> None:
        """Record that an attempt begins."""
        self.end(handle)
        self._begun[handle] = self._clock()

    def end(self, handle: str) -> None:
        """Record that an attempt has ended; harmless if none has begun."""
        begun = self._begun.pop(handle, None)
        if begun is not None:
            self._ended += self._hours(begun)

    @property
    def hours(self) -> float:
        """Trial-hours so far, including those of running attempts."""
        return self._ended + sum(map(self._hours, self._begun.values()))

    @property
    def cost(self) -> float | None:
        """Cost so far; None if an hour has no price."""
        price = self._limits.cost_per_hour
        return None if price is None else price * self.hours

    def add_result(self, number: int, value: Value | None, *, searched: bool = True) -> None:
        """Count a trial for the plateau; call it in the order of finishing.

        A trial is better if its value is above the best one by more than the plateau's delta. With
        several objectives it is better if no earlier trial was as good in all of them.

        Args:
            value: Its objective value if it is complete, else None.
            searched: Whether the search proposed it. Trials of base and screen are not meant to be
                better than those before, so the plateau begins after them.
        """
        plateau = self._limits.plateau
        if plateau is None:
            return
        better = value is not None and self._better(value, plateau.delta)
        if better:
            assert value is not None
            self._best = [value, *(v for v in self._best if isinstance(value, tuple))]
        if better or not searched or number < self._limits.since:
            self._fruitless = 0
        else:
            self._fruitless += 1

    def replay(self, finished: Iterable[tuple[int, Value | None, bool]]) -> None:
        """Count recorded trials, as `add_result` does each."""
        for number, value, searched in finished:
            self.add_result(number, value, searched=searched)

    @property
    def spent(self) -> str | None:
        """Which limit is reached, in words; None if none is. Running trials are then stopped."""
        limits, cost = self._limits, self.cost
        if limits.trial_hours is not None and self.hours >= limits.trial_hours:
            return f"trial-hours: {self.hours:.3g} of {limits.trial_hours:g} are spent"
        if limits.max_cost is not None and cost is not None and cost >= limits.max_cost:
            return f"cost: {cost:.2f} of {limits.max_cost:g} is spent"
        return None

    @property
    def plateau(self) -> str | None:
        """Why no new trial begins, in words; None while the search improves."""
        plateau = self._limits.plateau
        if plateau is None or self._fruitless < plateau.trials:
            return None
        more = f" by more than {plateau.delta:g}" if plateau.delta else ""
        return f"plateau: none of the last {self._fruitless} finished trials was better{more}"

    def _better(self, value: Value, delta: float) -> bool:
        if isinstance(value, tuple):
            return not any(_as_good(other, value) for other in self._best)
        best = self._best[0] if self._best else None
        assert not isinstance(best, tuple)
        return best is None or value > best + delta

    def _hours(self, begun: float) -> float:
        return self.share * (self._clock() - begun) / 3600


def check_price(settings: SearchSettings, spending: Spending) -> None:
    """Raise ResourceError for a limit on cost without a price, which would never be reached.

    Args:
        spending: Replaces that of the settings, as far as it is set.

    Raises:
        ResourceError: There is a limit and no price.
    """
    max_cost = settings.max_cost if spending.max_cost is None else spending.max_cost
    prices = (settings.cost_per_hour, spending.cost_per_hour)
    if max_cost is not None and prices == (None, None):
        raise ResourceError(
            f"a cost of {max_cost:g} at most needs the price of a trial-hour. Give it: "
            "--cost-per-hour, or `cost_per_hour` in [study]."
        )


def meter_of(database: Database, study: StudyRow, resources: Resources) -> Meter:
    """Return the meter of a recorded study."""
    share = resources.gpus_per_trial or resources.cpus_per_trial
    hours = records.trial_hours(database, study.id)
    return Meter(Limits.of(study.settings), hours=hours, share=share)


def limits_of(space: SearchSpace) -> dict[str, Any]:
    """Return the limits that a space names, by the keys of the record."""
    names = {"trial_hours", "cost_per_hour", "max_cost", "plateau"}
    found = space.study.model_dump(mode="json", include=names)
    return {name: value for name, value in found.items() if value is not None}


def _as_good(one: Value, other: tuple[float, ...]) -> bool:
    assert isinstance(one, tuple)
    return all(a >= b for a, b in zip(one, other, strict=True))
