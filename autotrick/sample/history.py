"""What a sampler has been told, and the part of it that Optuna is shown.

TPE takes time in proportion to the trials that it sees: 1.1 s a proposal at 10,000 trials with 25
conditional decisions. It splits them into a few good ones (a tenth, at most 25) and the rest. Once
there are more than LIMIT, the best GOOD are shown and a sample of the rest. The sample is decided by
the trials' numbers alone; when and in what order they were told does not matter.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from statistics import NormalDist
from typing import Literal, Protocol

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState

from autotrick.domain import Choice, Domain, Float, Integer, Scalar
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe

LIMIT = 200
"""Finished trials that Optuna is shown at most."""

GOOD = 20
"""The good side of TPE at LIMIT trials: the best tenth."""

_NORMAL = NormalDist()

_LAST = 2
"""The kind that ranks below all trials."""

HALF = 10
"""Finished trials after which those of other studies count half."""

BROKEN = "constraints:broken"
"""What Optuna calls a constraint of ours, in a trial's attributes: above 0 where it is broken."""

_REFUSED, _TRIES = 2**40, 2**20
"""Numbers of what was turned away begin beyond those of all trials, so many for each trial."""

_PAST = 2**62  # Numbers of other studies' trials are below it: Optuna passes over those below 0.

State = Literal["waiting", "running", "complete", "pruned", "failed"]


class Row(Protocol):
    """A recorded trial, as `autotrick.records` gives it."""

    @property
    def number(self) -> int: ...

    @property
    def state(self) -> State: ...

    @property
    def recipe(self) -> Recipe: ...

    @property
    def value(self) -> float | None: ...

    @property
    def measures(self) -> Mapping[str, float]: ...

    @property
    def epochs(self) -> int: ...

    @property
    def reason(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Observation:
    """A trial as the sampler knows it.

    Attributes:
        state: RUNNING also for trials that wait: both are yet to show what they are worth.
        value: What it is worth, larger is better; its metric, turned so, unless the space says otherwise.
        epochs: How many it had.
        active: Of the answers, those that the recipe depends on.
        excess: By how much it is over a constraint, as a share of the bound, where it was turned away
            for that; 0 for every trial.
    """

    number: int
    answers: Mapping[str, Scalar]
    distributions: Mapping[str, BaseDistribution]
    state: TrialState
    value: float | None
    epochs: int
    active: frozenset[str] = frozenset()
    excess: float = 0.0

    @property
    def rank(self) -> tuple[int, int, float, int]:
        """Sorts the best first, as TPE does: whole trials, then pruned ones, the longer the better.

        Last comes what was turned away, the less it was over the better.
        """
        value = -self.excess if self.value is None else self.value
        return (*self.kind, -value, self.number)

    @property
    def kind(self) -> tuple[int, int]:
        """Equal for trials whose values can be compared; sorts like `rank`."""
        if self.excess > 0:
            return (_LAST, 0)
        pruned = self.state == TrialState.PRUNED
        return (pruned, -self.epochs if pruned else 0)

    def frozen(self, score: float | None = None) -> FrozenTrial:
        """Return it as Optuna keeps trials: as it is, or complete with a score in place of its value."""
        reports: dict[int, float] = {}
        if self.state == TrialState.PRUNED and self.value is not None:
            reports[self.epochs] = self.value
        state = self.state if score is None else TrialState.COMPLETE
        value = self.value if score is None else score
        # 0 is the trial that is being proposed.
        number = self.number + 1 if self.number >= 0 else _PAST + self.number
        return FrozenTrial(
            number=number,
            trial_id=number,
            state=state,
            value=value if state == TrialState.COMPLETE else None,
            datetime_start=None,
            datetime_complete=None,
            params=dict(self.answers),
            distributions=dict(self.distributions),
            user_attrs={},
            system_attrs={BROKEN: self.excess} if self.excess > 0 else {},
            intermediate_values=reports,
        )

    @property
    def order(self) -> tuple[int, int]:
        """Sorts by number; what was turned away comes before the trial that it was proposed for."""
        if not is_refusal(self.number):
            return (self.number, _TRIES)
        return divmod(self.number - _REFUSED, _TRIES)


def refusal(number: int, place: int) -> int:
    """Return the number of a proposal that was turned away.

    Args:
        number: Of the trial that it was made for.
        place: How many were turned away for that one before.
    """
    return _REFUSED + number * _TRIES + place


def is_refusal(number: int) -> bool:
    """Return whether a number is that of a proposal that was turned away."""
    return number >= _REFUSED


class History:
    """Observed trials by number."""

    def __init__(self, seed: int, past: Iterable[Observation] = ()) -> None:
        """Begin without trials.

        Args:
            seed: Decides which trials are shown when there are many.
            past: Trials of other studies with their scores as values, and numbers below 0.
        """
        self._seed = seed
        self._past = sorted(past, key=lambda told: self._lot(told.number))
        self._told: dict[int, Observation] = {}
        self._running: set[int] = set()
        self._ranked: list[tuple[int, int, float, int]] = []
        self._drawn: list[tuple[int, int]] = []
        self._frozen: dict[int, FrozenTrial] = {}

    def put(self, told: Observation) -> None:
        """Take a trial in, in place of what was told of it before."""
        self.drop(told.number)
        self._told[told.number] = told
        if told.state == TrialState.RUNNING:
            self._running.add(told.number)
        elif told.state != TrialState.FAIL:
            insort(self._ranked, told.rank)
            insort(self._drawn, self._lot(told.number))

    def drop(self, number: int) -> None:
        """Forget a trial, if it was told."""
        told = self._told.pop(number, None)
        self._frozen.pop(number, None)
        if told is None:
            return
        if told.state == TrialState.RUNNING:
            self._running.discard(number)
        elif told.state != TrialState.FAIL:
            del self._ranked[bisect_left(self._ranked, told.rank)]
            del self._drawn[bisect_left(self._drawn, self._lot(number))]

    def best(self) -> Mapping[str, Scalar]:
        """Return the answers of the best finished trial; empty when there is none."""
        return self._told[self._ranked[0][-1]].answers if self.count else {}

    def kind(self, number: int) -> tuple[int, int]:
        """Return what is equal for trials that can be compared."""
        return self._told[number].kind

    def value(self, number: int, value: float) -> None:
        """Say what a trial is worth, in place of what was told."""
        told = self._told[number]
        if told.value != value:
            self.put(replace(told, value=value))

    def complete(self, number: int) -> bool:
        """Return whether a trial has come to its end."""
        return self._told[number].state == TrialState.COMPLETE

    def shown(self) -> list[FrozenTrial]:
        """Return what Optuna is shown, by number; scored where there are trials of other studies."""
        if self._past:
            return self.scored()
        numbers = self._numbers()
        self._frozen = {n: self._frozen.get(n) or self._told[n].frozen() for n in numbers}
        return list(self._frozen.values())

    def scored(self) -> list[FrozenTrial]:
        """Return the same, with all finished trials complete and their score as the value.

        The score is the normal quantile of the rank among all finished trials (a Gaussian copula, as
        in Salinas, Shen, Perrone, ICML 2020): for samplers that cannot compare a pruned trial with a
        complete one, or suffer from outliers.
        """
        scores = copula(self._ranked)
        own = [self._told[number].frozen(scores.get(number)) for number in self._numbers()]
        return [past.frozen() for past in self._remembered()] + own

    @property
    def count(self) -> int:
        """How many trials of the study's own teach something; what was turned away is none."""
        return bisect_left(self._ranked, (_LAST,))

    @property
    def teaching(self) -> int:
        """How many finished trials `scored` gives, with what was turned away."""
        return len(self._remembered()) + min(len(self._ranked), LIMIT)

    def sampled(self) -> list[Observation]:
        """Return the finished trials that Optuna is shown, by number."""
        return [self._told[n] for n in self._numbers() if n not in self._running]

    def finished(self) -> list[Observation]:
        """Return the trials that teach something, those of other studies first, in their order."""
        own = sorted((self._told[rank[-1]] for rank in self._ranked), key=lambda told: told.order)
        return [*self._past, *own]

    def _remembered(self) -> Sequence[Observation]:
        """Return the trials of other studies that still count.

        With HALF finished trials of its own the study remembers half of them, with three times as
        many a quarter.
        """
        return self._past[: round(len(self._past) * HALF / (HALF + self.count))]

    def _numbers(self) -> list[int]:
        best = {rank[-1] for rank in self._ranked[:GOOD]}
        rest = (number for _, number in self._drawn if number not in best)
        return sorted({*best, *islice(rest, LIMIT - len(best)), *self._running})

    def _lot(self, number: int) -> tuple[int, int]:
        return key_of(self._seed, "history", number), number


def copula(ranked: Iterable[tuple[int, int, float, int]]) -> dict[int, float]:
    """Return the score of each trial by number: the normal quantile of its rank.

    Args:
        ranked: Ranks, the best first; equal trials share a score.
    """
    placed = list(enumerate(ranked))
    found: dict[int, float] = {}
    for _, equal in groupby(placed, key=lambda one: one[1][:-1]):
        places, ranks = zip(*equal, strict=True)
        share = (sum(places) / len(places) + 0.5) / len(placed)
        found |= dict.fromkeys((rank[-1] for rank in ranks), _NORMAL.inv_cdf(1 - share))
    return found


def distribution(domain: Domain) -> BaseDistribution:
    """Return the domain as Optuna writes it."""
    match domain:
        case Float(low, high, log):
            return FloatDistribution(low, high, log=log)
        case Integer(low, high, log, step):
            return IntDistribution(low, high, log=log, step=step)
        case Choice(options):
            return CategoricalDistribution(options)
    raise AssertionError(f"Optuna has no distribution for {domain!r}")
