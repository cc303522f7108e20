"""Which trials go on after an epoch, which pause to go on later, and which end.

A pruner sees only values by trial number and epoch, larger is better: a driver that resumes a study
refills it from the records, and a simulator uses the same one. With several objectives a value is a
tuple of those known at a rung, and rungs rank by `pareto.order`.
"""

from array import array
from bisect import bisect_left, insort
from collections.abc import Collection, Sequence
from enum import Enum
from math import inf

from autotrick.objective import Value
from autotrick.pareto import Point, order
from autotrick.space import Pruning

MEDIAN_OF = 5
"""Other trials that the median rule needs at an epoch before it prunes there."""


class Verdict(Enum):
    """Whether a trial goes on after an epoch."""

    GO = "go"
    PAUSE = "pause"
    STOP = "stop"


class Pruner:
    """Lets every trial go on; subclasses decide otherwise."""

    def __init__(self) -> None:
        # The latest epoch from which each trial went on: no verdict is given twice.
        self._passed: dict[int, int] = {}

    def report(self, trial: int, epoch: int, value: Value) -> Verdict:
        """Add the value of an epoch and return whether the trial goes on.

        A repeated report, as after a lost worker, counts once.
        """
        self._add(trial, epoch, value)
        if epoch <= self._passed.get(trial, 0):
            return Verdict.GO
        verdict = self._decide(trial, epoch)
        if verdict is Verdict.GO:
            self._passed[trial] = epoch
        return verdict

    def refill(self, trial: int, values: Sequence[Value]) -> None:
        """Add the recorded values of a trial, epoch by epoch from the first.

        The verdict after the last epoch is not recorded, and will be given again.
        """
        for epoch, value in enumerate(values, start=1):
            self._add(trial, epoch, value)
        self._passed[trial] = max(0, len(values) - 1)

    def sync_epochs(self, trial: int, epochs: int) -> tuple[int, ...]:
        """Return the epochs, up to a trial's last, at which its worker waits for the verdict.

        Only a pause must come at its exact epoch. A trial that ends may train a moment longer.
        """
        return ()

    def pauses_at(self, trial: int, epoch: int) -> bool:
        """Return whether a trial at this epoch may have been paused there."""
        return False

    def promotable(self, paused: Collection[int]) -> int | None:
        """Return the paused trial that goes on next; None if none does."""
        return None

    def promote(self, trial: int, epoch: int) -> None:
        """Let a trial go on from its current epoch."""
        self._passed[trial] = max(epoch, self._passed.get(trial, 0))

    def _add(self, trial: int, epoch: int, value: Value) -> None:
        """Record a value."""

    def _decide(self, trial: int, epoch: int) -> Verdict:
        return Verdict.GO


class _Rung:
    """The values of trials at one epoch."""

    def __init__(self) -> None:
        self._ranked: list[tuple[float, int]] = []
        self._values: dict[int, float] = {}
        # With several objectives each new point may change the rank of all.
        self._points: dict[int, Point] = {}
        self._stale = False

    def add(self, trial: int, value: Value) -> None:
        if isinstance(value, tuple):
            self._stale = self._stale or self._points.get(trial) != value
            self._points[trial] = value
            return
        if trial in self._values:
            del self._ranked[bisect_left(self._ranked, (-self._values[trial], trial))]
        self._values[trial] = value
        insort(self._ranked, (-value, trial))

    @property
    def ranked(self) -> list[tuple[float, int]]:
        """Pairs of a sort key and a trial, the best first."""
        if self._stale:
            numbers = list(self._points)
            best_first = enumerate(order(list(self._points.values())))
            self._ranked = [(float(rank), numbers[i]) for rank, i in best_first]
            self._stale = False
        return self._ranked

    def best(self, count: int) -> list[int]:
        return [trial for _, trial in self.ranked[:count]]

    def keeps(self, trial: int, count: int) -> bool:
        """Return whether a trial is among the best `count`, or equal to the last of them."""
        last = self.ranked[count - 1][0]
        return trial in {number for key, number in self.ranked if key <= last}


class _Halving(Pruner):
    """Compares trials at rungs, each `factor` times later than the one before."""

    def __init__(self, first: int, factor: int) -> None:
        super().__init__()
        self._first = first
        self._factor = factor
        self._rungs: dict[int, _Rung] = {}

    def _is_rung(self, epoch: int) -> bool:
        rung = self._first
        while rung < epoch:
            rung *= self._factor
        return rung == epoch

    def _add(self, trial: int, epoch: int, value: Value) -> None:
        if self._is_rung(epoch):
            self._rungs.setdefault(epoch, _Rung()).add(trial, value)


class Promotion(_Halving):
    """Asynchronous successive halving: trials pause at a rung, the best 1/factor of it go on.

    Li, Jamieson, Rostamizadeh, Gonina, Hardt, Recht, Talwalkar, "A System for Massively Parallel
    Hyperparameter Tuning", MLSys 2020. https://arxiv.org/abs/1810.05934

    Differs: a trial that is among the best when it reports goes on at once, without a pause.
    """

    def sync_epochs(self, trial: int, epochs: int) -> tuple[int, ...]:
        return tuple(filter(self._is_rung, range(1, epochs + 1)))

    def pauses_at(self, trial: int, epoch: int) -> bool:
        return self._is_rung(epoch)

    def promotable(self, paused: Collection[int]) -> int | None:
        for epoch in sorted(self._rungs, reverse=True):
            for trial in self._going_on(epoch):
                if trial in paused and self._passed.get(trial, 0) < epoch:
                    return trial
        return None

    def _decide(self, trial: int, epoch: int) -> Verdict:
        if not self._is_rung(epoch) or trial in self._going_on(epoch):
            return Verdict.GO
        return Verdict.PAUSE

    def _going_on(self, epoch: int) -> list[int]:
        rung = self._rungs[epoch]
        return rung.best(len(rung.ranked) // self._factor)


class StopOnly(_Halving):
    """Asynchronous successive halving without promotion: a trial that is not among the best ends.

    A trial goes on if it is among the best 1/factor of all that have reached the rung so far, itself
    included; the first one always does. Ray Tune calls this ASHA.
    """

    def _decide(self, trial: int, epoch: int) -> Verdict:
        if not self._is_rung(epoch):
            return Verdict.GO
        rung = self._rungs[epoch]
        count = max(1, len(rung.ranked) // self._factor)
        return Verdict.GO if rung.keeps(trial, count) else Verdict.STOP


class Hyperband(Pruner):
    """Brackets of asynchronous successive halving with different first rungs.

    Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar, "Hyperband: A Novel Bandit-Based Approach to
    Hyperparameter Optimization", JMLR 2018. https://arxiv.org/abs/1603.06560

    A trial's number decides its bracket, in the paper's proportions.
    """

    def __init__(self, first: int, factor: int, epochs: int) -> None:
        super().__init__()
        rungs = [first]
        while rungs[-1] * factor < epochs:
            rungs.append(rungs[-1] * factor)
        # The last bracket has no rung before the last epoch: its trials are whole.
        self._brackets = [Promotion(rung, factor) for rung in [*rungs, rungs[-1] * factor]]
        depth = len(rungs)
        shares = [-(-(depth + 1) * factor**s // (s + 1)) for s in range(depth, -1, -1)]
        self._rounds = _spread(shares)

    def report(self, trial: int, epoch: int, value: Value) -> Verdict:
        return self._bracket(trial).report(trial, epoch, value)

    def refill(self, trial: int, values: Sequence[Value]) -> None:
        self._bracket(trial).refill(trial, values)

    def sync_epochs(self, trial: int, epochs: int) -> tuple[int, ...]:
        return self._bracket(trial).sync_epochs(trial, epochs)

    def pauses_at(self, trial: int, epoch: int) -> bool:
        return self._bracket(trial).pauses_at(trial, epoch)

    def promotable(self, paused: Collection[int]) -> int | None:
        found = (bracket.promotable(paused) for bracket in self._brackets)
        return next((trial for trial in found if trial is not None), None)

    def promote(self, trial: int, epoch: int) -> None:
        self._bracket(trial).promote(trial, epoch)

    def _bracket(self, trial: int) -> Promotion:
        return self._brackets[self._rounds[trial % len(self._rounds)]]


class Median(Pruner):
    """Stops a trial whose best value is below the median of the others' running means.

    Golovin, Solnik, Moitra, Kochanski, Karro, Sculley, "Google Vizier: A Service for Black-Box
    Optimization", KDD 2017. https://doi.org/10.1145/3097983.3098043
    """

    def __init__(self, first: int) -> None:
        super().__init__()
        self._first = first
        # By trial: last epoch, sum of its values and the best. By epoch: the sorted running means.
        # Few bytes per trial, because a study may have many.
        self._trials: dict[int, tuple[int, float, float]] = {}
        self._means: dict[int, array[float]] = {}

    def _add(self, trial: int, epoch: int, value: Value) -> None:
        assert not isinstance(value, tuple), "a space with several objectives has no median rule"
        last, total, best = self._trials.get(trial, (0, 0.0, -inf))
        if epoch > last:
            self._trials[trial] = epoch, total + value, max(best, value)
            insort(self._means.setdefault(epoch, array("d")), (total + value) / epoch)

    def _decide(self, trial: int, epoch: int) -> Verdict:
        last, total, best = self._trials[trial]
        means = self._means[epoch]
        if epoch < max(self._first, last) or len(means) <= MEDIAN_OF:
            return Verdict.GO
        return (
            Verdict.GO if best >= _median(means, bisect_left(means, total / last)) else Verdict.STOP
        )


def _median(ordered: Sequence[float], without: int) -> float:
    """Return the median of sorted values without the one at index `without`."""
    count = len(ordered) - 1
    middle = ((count - 1) // 2, count // 2)
    low, high = (ordered[i + (i >= without)] for i in middle)
    return (low + high) / 2


def pruner(settings: Pruning, epochs: int) -> Pruner:
    """Return the pruner of a space's settings.

    Args:
        epochs: Epochs of the longest recipe.
    """
    match settings.method:
        case "asha":
            return Promotion(settings.first, settings.factor)
        case "asha_stop":
            return StopOnly(settings.first, settings.factor)
        case "hyperband":
            return Hyperband(settings.first, settings.factor, epochs)
        case "median":
            return Median(settings.first)
        case _:
            return Pruner()


def _spread(shares: Sequence[int]) -> list[int]:
    """Return indices, each as often as its share, spread evenly over the round."""
    total = sum(shares)
    positions = [
        ((turn + 0.5) * total / share, i) for i, share in enumerate(shares) for turn in range(share)
    ]
    return [i for _, i in sorted(positions)]
