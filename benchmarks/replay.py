"""Replay searches over recorded curves in virtual time, without training or waiting."""

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autotrick.recipe import Recipe
from autotrick.space import SearchSpace
from benchmarks.curves import Curve

Array = NDArray[np.float64]


class Table(Protocol):
    """Answer recipes of a space with curves."""

    @property
    def space(self) -> SearchSpace: ...

    @property
    def epochs(self) -> int:
        """Return the epochs of a complete trial."""

    @property
    def best(self) -> float:
        """Return the highest final accuracy of a recipe, in [0, 1]."""

    def find(self, recipe: Recipe) -> Curve:
        """Return the curve of a recipe."""


class Search(Protocol):
    """Decide which trials to start and continue; trials are counted from 0."""

    def next(self) -> tuple[int, Recipe] | None:
        """Return a trial to start or continue; None if there is none at the moment."""

    def report(self, trial: int, epoch: int, accuracy: float) -> bool:
        """Record an epoch, counted from 1; return whether the trial continues immediately."""

    def end(self, trial: int, failure: str) -> None:
        """Record that a trial finished or diverged."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Hold the progress of a search by training epoch, over all trials.

    Attributes:
        regret: Points (hundredths of accuracy) by which the final accuracy of the recipe that one
            would pick at that time falls short of the table's best.
        seconds: Virtual time of each epoch.
        trials: Trials started.
        whole: Trials trained to the end.
    """

    regret: Array
    seconds: Array
    trials: int
    whole: int


class _Choice:
    """Pick the best complete recipe, or before that the best of those that came far."""

    def __init__(self) -> None:
        self._rank = (0, 0.0)
        self.final = 0.0

    def see(self, epoch: int, accuracy: float, curve: Curve) -> None:
        if (epoch, accuracy) > self._rank:
            self._rank = epoch, accuracy
            self.final = curve.final


def replay(table: Table, search: Search, *, workers: int, budget: int) -> Replay:
    """Return the progress of a search over a table.

    Args:
        workers: Number of parallel trials.
        budget: Training epochs in total, including those in which training diverges.
    """
    regret, seconds = np.empty(budget), np.empty(budget)
    events: list[tuple[float, int]] = []
    curves: dict[int, Curve] = {}
    done: dict[int, int] = {}
    choice, spent, now = _Choice(), 0, 0.0
    while spent < budget:
        while len(events) < workers and (job := search.next()):
            trial, recipe = job
            curves[trial] = table.find(recipe)
            done.setdefault(trial, 0)
            heappush(events, (now + curves[trial].seconds, trial))
        if not events:
            regret[spent:], seconds[spent:] = regret[spent - 1], now
            break
        now, trial = heappop(events)
        curve, epoch = curves[trial], done[trial] + 1
        if epoch > len(curve.accuracy):
            search.end(trial, curve.failure)
        else:
            done[trial] = epoch
            choice.see(epoch, curve.accuracy[epoch - 1], curve)
            goes_on = search.report(trial, epoch, curve.accuracy[epoch - 1])
            if epoch == table.epochs:
                search.end(trial, "")
            elif goes_on:
                heappush(events, (now + curve.seconds, trial))
        regret[spent], seconds[spent] = 100 * (table.best - choice.final), now
        spent += 1
    whole = sum(epoch == table.epochs for epoch in done.values())
    return Replay(regret, seconds, len(done), whole)
