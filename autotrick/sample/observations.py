"""What a sampler has observed, and the part of it that Optuna sees.

TPE takes time in proportion to the trials that it sees: 1.1 s a proposal at 10,000 trials with 25
conditional decisions. It splits them into a few good ones (a tenth, at most 25) and the rest. Once
there are more than LIMIT, Optuna sees the best GOOD and a sample of the rest. Only the trials'
numbers decide the sample; when and in what order they were added does not matter.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import groupby, islice
from math import inf
from statistics import NormalDist
from typing import Literal, NamedTuple, Protocol

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
"""Finished trials that Optuna sees at most."""

GOOD = 20
"""The good side of TPE at LIMIT trials: the best tenth."""

_NORMAL = NormalDist()

_LAST = 2
"""The kind that ranks below all trials."""

HALF = 10
"""Finished trials after which those of other studies count half."""

BROKEN = "constraints:broken"
"""The attribute of an Optuna trial that holds a violated constraint: above 0 where it is violated."""

State = Literal["waiting", "running", "complete", "pruned", "failed"]


class RecordedTrial(Protocol):
    """A recorded trial, as `autotrick.records` returns it."""

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


class Kind(IntEnum):
    """What was observed."""

    EARLIER_TRIAL = 0
    TRIAL = 1
    REJECTION = 2


class Key(NamedTuple):
    """Names an observation: a trial, a rejected proposal, or a trial of an earlier study.

    Attributes:
        number: The trial's; of a rejected proposal, that of the trial that it was made for; of an
            earlier study's trial, its position in the warm start.
        attempt: How many proposals were rejected for that trial before this one.
    """

    kind: Kind
    number: int
    attempt: int = 0

    @property
    def stream(self) -> int:
        """The integer that names it in random streams: recorded proposals depend on it."""
        match self.kind:
            case Kind.EARLIER_TRIAL:
                return -2 - self.number
            case Kind.TRIAL:
                return self.number
            case Kind.REJECTION:
                return 2**40 + self.number * 2**20 + self.attempt

    @property
    def optuna_number(self) -> int:
        """The number of its Optuna trial, which must not be negative; 0 is the one being proposed."""
        return 2**62 + self.stream if self.kind is Kind.EARLIER_TRIAL else self.stream + 1

    @property
    def order(self) -> tuple[int, float]:
        """Sorts by number; rejected proposals come before the trial that they were made for."""
        return self.number, self.attempt if self.kind is Kind.REJECTION else inf


def trial_key(number: int) -> Key:
    """Return the key of one of the study's own trials."""
    return Key(Kind.TRIAL, number)


Rank = tuple[int, int, float, int, Key]


@dataclass(frozen=True, slots=True)
class Observation:
    """A trial or a rejected proposal as the sampler knows it.

    Attributes:
        state: RUNNING also for trials that wait: the value of both is still open.
        value: Its objective value, larger is better; its metric, turned so, unless the space says
            otherwise.
        epochs: How many epochs it was trained.
        active: Of the answers, those that the recipe depends on.
        excess: By how much a rejected proposal is over a constraint, as a share of the bound; 0 for
            every trial.
    """

    key: Key
    answers: Mapping[str, Scalar]
    distributions: Mapping[str, BaseDistribution]
    state: TrialState
    value: float | None
    epochs: int
    active: frozenset[str] = frozenset()
    excess: float = 0.0

    @property
    def rank(self) -> Rank:
        """Sorts the best first, as TPE does: whole trials, then pruned ones, the longer the better.

        Rejected proposals come last, the one with the smallest excess first.
        """
        value = -self.excess if self.value is None else self.value
        return (*self.kind, -value, self.key.stream, self.key)

    @property
    def kind(self) -> tuple[int, int]:
        """Equal for trials whose values can be compared; sorts like `rank`."""
        if self.excess > 0:
            return (_LAST, 0)
        pruned = self.state == TrialState.PRUNED
        return (pruned, -self.epochs if pruned else 0)

    def frozen(self, score: float | None = None) -> FrozenTrial:
        """Return it as an Optuna trial: as it is, or complete with a score in place of its value."""
        reports: dict[int, float] = {}
        if self.state == TrialState.PRUNED and self.value is not None:
            reports[self.epochs] = self.value
        state = self.state if score is None else TrialState.COMPLETE
        value = self.value if score is None else score
        number = self.key.optuna_number
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


class Observations:
    """All observations of a study, by key."""

    def __init__(self, seed: int, earlier: Iterable[Observation] = ()) -> None:
        """Begin without trials.

        Args:
            seed: Decides which trials Optuna sees when there are many.
            earlier: Trials of other studies, with their scores as values.
        """
        self._seed = seed
        self._earlier = sorted(earlier, key=lambda seen: self._lot(seen.key))
        self._by_key: dict[Key, Observation] = {}
        self._running: set[Key] = set()
        self._ranked: list[Rank] = []
        self._drawn: list[tuple[int, Key]] = []
        self._frozen: dict[Key, FrozenTrial] = {}

    def add(self, seen: Observation) -> None:
        """Add an observation; it replaces an earlier one of the same key."""
        self.remove(seen.key)
        self._by_key[seen.key] = seen
        if seen.state == TrialState.RUNNING:
            self._running.add(seen.key)
        elif seen.state != TrialState.FAIL:
            insort(self._ranked, seen.rank)
            insort(self._drawn, self._lot(seen.key))

    def remove(self, key: Key) -> None:
        """Remove an observation, if there is one of that key."""
        seen = self._by_key.pop(key, None)
        self._frozen.pop(key, None)
        if seen is None:
            return
        if seen.state == TrialState.RUNNING:
            self._running.discard(key)
        elif seen.state != TrialState.FAIL:
            del self._ranked[bisect_left(self._ranked, seen.rank)]
            del self._drawn[bisect_left(self._drawn, self._lot(key))]

    def best(self) -> Mapping[str, Scalar]:
        """Return the answers of the best finished trial; empty when there is none."""
        return self._by_key[self._ranked[0][-1]].answers if self.count else {}

    def kind(self, key: Key) -> tuple[int, int]:
        """Return what is equal for trials that can be compared."""
        return self._by_key[key].kind

    def observe(self, key: Key, value: float, epochs: int) -> None:
        """Note how far a trial has come, which runs (again, if it had paused); others stay."""
        seen = self._by_key.get(key)
        paused = seen and seen.state == TrialState.PRUNED and seen.value is not None
        if seen and (paused or seen.state == TrialState.RUNNING):
            self.add(replace(seen, state=TrialState.RUNNING, value=value, epochs=epochs))

    def set_value(self, key: Key, value: float) -> None:
        """Replace the value of a trial."""
        seen = self._by_key[key]
        if seen.value != value:
            self.add(replace(seen, value=value))

    def is_complete(self, key: Key) -> bool:
        """Return whether a trial is complete."""
        return self._by_key[key].state == TrialState.COMPLETE

    def for_optuna(self) -> list[FrozenTrial]:
        """Return what Optuna sees, by number; scored where there are trials of other studies."""
        if self._earlier:
            return self.scored()
        keys = self._visible()
        self._frozen = {k: self._frozen.get(k) or self._by_key[k].frozen() for k in keys}
        return list(self._frozen.values())

    def scored(self) -> list[FrozenTrial]:
        """Return the same, with all finished trials complete and their score as the value.

        The score is the normal quantile of the rank among all finished trials (a Gaussian copula, as
        in Salinas, Shen, Perrone, ICML 2020): for samplers that cannot compare a pruned trial with a
        complete one, or suffer from outliers.
        """
        scores = self.scores()
        own = [self._by_key[key].frozen(scores.get(key)) for key in self._visible()]
        return [seen.frozen() for seen in self.remembered()] + own

    def scores(self) -> dict[Key, float]:
        """Return the score of each finished trial and rejection, as in `scored`."""
        return copula(self._ranked)

    @property
    def count(self) -> int:
        """How many of the study's own trials the sampler learns from; rejections do not count."""
        return bisect_left(self._ranked, (_LAST,))

    @property
    def num_scored(self) -> int:
        """How many finished trials and rejections `scored` returns."""
        return len(self.remembered()) + min(len(self._ranked), LIMIT)

    def sampled(self) -> list[Observation]:
        """Return the finished trials that Optuna sees, by number."""
        return [self._by_key[key] for key in self._visible() if key not in self._running]

    def running(self) -> list[Observation]:
        """Return the trials that run or wait, by number."""
        return [self._by_key[key] for key in sorted(self._running)]

    def finished(self) -> list[Observation]:
        """Return all that the sampler learns from, trials of other studies first, in their order."""
        own = sorted((self._by_key[rank[-1]] for rank in self._ranked), key=lambda o: o.key.order)
        return [*self._earlier, *own]

    def remembered(self) -> Sequence[Observation]:
        """Return the trials of other studies that still count.

        With HALF finished trials of its own the study remembers half of them, with three times as
        many a quarter.
        """
        return self._earlier[: round(len(self._earlier) * HALF / (HALF + self.count))]

    def _visible(self) -> list[Key]:
        best = {rank[-1] for rank in self._ranked[:GOOD]}
        rest = (key for _, key in self._drawn if key not in best)
        return sorted({*best, *islice(rest, LIMIT - len(best)), *self._running})

    def _lot(self, key: Key) -> tuple[int, Key]:
        return key_of(self._seed, "history", key.stream), key


def copula(ranked: Iterable[Rank]) -> dict[Key, float]:
    """Return the score of each observation: the normal quantile of its rank.

    Args:
        ranked: Ranks, the best first; equal trials share a score.
    """
    placed = list(enumerate(ranked))
    found: dict[Key, float] = {}
    for _, equal in groupby(placed, key=lambda one: one[1][:3]):
        places, ranks = zip(*equal, strict=True)
        share = (sum(places) / len(places) + 0.5) / len(placed)
        found |= dict.fromkeys((rank[-1] for rank in ranks), _NORMAL.inv_cdf(1 - share))
    return found


def distribution(domain: Domain) -> BaseDistribution:
    """Return the domain as a distribution of Optuna.

    Raises:
        AssertionError: The domain is a policy, which consists of many decisions.
    """
    match domain:
        case Float(low, high, log):
            return FloatDistribution(low, high, log=log)
        case Integer(low, high, log, step):
            return IntDistribution(low, high, log=log, step=step)
        case Choice(options):
            return CategoricalDistribution(options)
    raise AssertionError(f"Optuna has no distribution for {domain!r}")
