"""What a study may spend beside a number of trials: trial-hours, money, and patience."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autotrick import records
from autotrick.errors import ResourceError
from autotrick.objective import Value
from autotrick.records import Database, StudyRow
from autotrick.space import Plateau, SearchSpace
from autotrick.tune.resources import Resources


@dataclass(frozen=True, slots=True)
class Limits:
    """The budgets of a study; None for no limit.

    Attributes:
        trial_hours: Wall time of all attempts, times the GPUs that each occupies, or the processors
            where it has no GPU.
        cost_per_hour: Money for one trial-hour, in any currency.
        max_cost: Money in all.
        plateau: How long the search goes on without getting better.
        since: Number of the first trial that the plateau's patience counts.
    """

    trial_hours: float | None = None
    cost_per_hour: float | None = None
    max_cost: float | None = None
    plateau: Plateau | None = None
    since: int = 0

    @classmethod
    def of(cls, budget: Mapping[str, Any]) -> "Limits":
        """Return those of a study's recorded budget."""
        plateau = budget.get("plateau")
        return cls(
            trial_hours=budget.get("trial_hours"),
            cost_per_hour=budget.get("cost_per_hour"),
            max_cost=budget.get("max_cost"),
            plateau=Plateau.model_validate(plateau) if plateau else None,
            since=budget.get("plateau_since", 0),
        )


class Meter:
    """Adds up what a study spends, and says when that is enough.

    Attributes:
        share: What an attempt occupies: GPUs, or processors where it has none.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        hours: float = 0.0,
        share: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with what is on record.

        Args:
            hours: Trial-hours of the attempts that have ended.
            clock: Gives seconds.
        """
        self.share = share
        self._limits = limits or Limits()
        self._ended = hours
        self._clock = clock
        self._begun: dict[str, float] = {}
        self._best: list[Value] = []
        self._fruitless = 0

    def begin(self, handle: str) -> None:
        """Note that an attempt begins."""
        self.end(handle)
        self._begun[handle] = self._clock()

    def end(self, handle: str) -> None:
        """Note that an attempt has ended; harmless when none has begun."""
        begun = self._begun.pop(handle, None)
        if begun is not None:
            self._ended += self._hours(begun)

    @property
    def hours(self) -> float:
        """Trial-hours so far, those of attempts under way included."""
        return self._ended + sum(map(self._hours, self._begun.values()))

    @property
    def cost(self) -> float | None:
        """Money so far; None where an hour has no price."""
        price = self._limits.cost_per_hour
        return None if price is None else price * self.hours

    def saw(self, number: int, value: Value | None) -> None:
        """Take in a trial that has finished, in the order of finishing.

        It counts as better where its value is above the best one by more than the plateau's delta.
        With several objectives it does where no trial before it was as good in all of them.

        Args:
            value: What it is worth if it is complete, else None.
        """
        plateau = self._limits.plateau
        if plateau is None:
            return
        better = value is not None and self._better(value, plateau.delta)
        if better:
            assert value is not None
            self._best = [value, *(v for v in self._best if isinstance(value, tuple))]
        if better or number < self._limits.since:
            self._fruitless = 0
        else:
            self._fruitless += 1

    def replay(self, finished: Iterable[tuple[int, Value | None]]) -> None:
        """Take in recorded trials, as `saw` does each."""
        for number, value in finished:
            self.saw(number, value)

    @property
    def spent(self) -> str | None:
        """Which budget is used up, in words; None while none is. Trials under way are stopped."""
        limits, cost = self._limits, self.cost
        if limits.trial_hours is not None and self.hours >= limits.trial_hours:
            return f"trial-hours: {self.hours:.3g} of {limits.trial_hours:g} are spent"
        if limits.max_cost is not None and cost is not None and cost >= limits.max_cost:
            return f"cost: {cost:.2f} of {limits.max_cost:g} is spent"
        return None

    @property
    def plateau(self) -> str | None:
        """Why nothing new is begun any more, in words; None while the search gets better."""
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


def check_price(budget: Mapping[str, Any]) -> None:
    """Refuse a limit on money where nothing says what an hour costs: it would never be reached.

    Raises:
        ResourceError: There is a limit and no price.
    """
    if budget.get("max_cost") is not None and budget.get("cost_per_hour") is None:
        raise ResourceError(
            f"a cost of {budget['max_cost']:g} at most needs the price of a trial-hour. Give it: "
            "--cost-per-hour, or `cost_per_hour` in [study]."
        )


def meter_of(database: Database, study: StudyRow, resources: Resources) -> Meter:
    """Return the meter of a recorded study."""
    share = resources.gpus_per_trial or resources.cpus_per_trial
    hours = records.trial_hours(database, study.id)
    return Meter(Limits.of(study.budget), hours=hours, share=share)


def spending_of(space: SearchSpace) -> dict[str, Any]:
    """Return the budgets that a space names, as a study records them."""
    names = {"trial_hours", "cost_per_hour", "max_cost", "plateau"}
    found = space.study.model_dump(mode="json", include=names)
    return {name: value for name, value in found.items() if value is not None}


def _as_good(one: Value, other: tuple[float, ...]) -> bool:
    assert isinstance(one, tuple)
    return all(a >= b for a, b in zip(one, other, strict=True))
