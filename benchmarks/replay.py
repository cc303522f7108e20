"""Searches over recorded curves in virtual time: nothing is trained, nothing waits."""

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autotrick.recipe import Recipe
from benchmarks.curves import Curve, Recorded

Array = NDArray[np.float64]


class Search(Protocol):
    """Who decides what is tried and what goes on; trials are counted from 0."""

    def next(self) -> tuple[int, Recipe] | None:
        """Return a trial to start, or one to go on with; None while there is none."""

    def report(self, trial: int, epoch: int, accuracy: float) -> bool:
        """Take in an epoch, counted from 1; return whether the trial goes on at once."""

    def end(self, trial: int, failure: str) -> None:
        """Take in that a trial came to its end by itself, or diverged."""


@dataclass(frozen=True, slots=True)
class Replay:
    """How a search went, epoch of training by epoch of training, whichever trial had it.

    Attributes:
        regret: Points (hundredths of accuracy) by which the recipe that one would take at that moment
            ends below the table's best, when it is trained to its end.
        seconds: Virtual time at which that moment was.
        trials: Trials begun.
        whole: Of these, trials that were trained to their end.
    """

    regret: Array
    seconds: Array
    trials: int
    whole: int


class _Choice:
    """The recipe that one would take: the best whole one, before that the best of those that came far."""

    def __init__(self) -> None:
        self._rank = (0, 0.0)
        self.final = 0.0

    def see(self, epoch: int, accuracy: float, curve: Curve) -> None:
        if (epoch, accuracy) > self._rank:
            self._rank = epoch, accuracy
            self.final = 0.0 if curve.failure else curve.accuracy[-1]


def replay(table: Recorded, search: Search, *, workers: int, budget: int) -> Replay:
    """Return how a search over a table goes.

    Args:
        workers: Trials at a time.
        budget: Epochs of training in all; an epoch in which training diverges counts.
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
