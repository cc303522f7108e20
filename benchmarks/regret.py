"""Compute the regret of searches on a table, with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.replay import Array
from benchmarks.searches import BASELINE, DEFAULT

SHARES = (1 / 8, 1 / 4, 1 / 2, 1.0)
"Shares of the budget at which to report regret."
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Spent:
    """Hold repeated runs of a search over a table.

    Attributes:
        regret: (R, B) points, by repetition and training epoch.
        seconds: (R,) virtual seconds until the budget was used up.
        trials: Trials started, on average.
        whole: Trials trained to the end, on average.
    """

    regret: Array
    seconds: Array
    trials: float
    whole: float


@dataclass(frozen=True, slots=True)
class Line:
    """Hold a search's mean regret at one budget with a 95 % interval (bootstrap over repetitions)."""

    table: str
    search: str
    epochs: int
    regret: float
    low: float
    high: float
    trials: float
    whole: float


def means(values: Array) -> Array:
    """Return (S, B) bootstrap means of (R, B) repetitions."""
    drawn = np.random.default_rng(0).integers(len(values), size=(_RESAMPLES, len(values)))
    counts = np.apply_along_axis(np.bincount, 1, drawn, minlength=len(values))
    found: Array = counts @ values / len(values)
    return found


def lines(name: str, found: Mapping[str, Spent]) -> list[Line]:
    """Return one line per search and budget."""
    made = []
    for search, spent in found.items():
        budget = spent.regret.shape[1]
        for share in SHARES:
            at = spent.regret[:, round(share * budget) - 1 :][:, :1]
            low, high = np.percentile(means(at), (2.5, 97.5))
            made.append(
                Line(
                    name,
                    search,
                    round(share * budget),
                    round(float(at.mean()), 3),
                    round(float(low), 3),
                    round(float(high), 3),
                    round(spent.trials, 1),
                    round(spent.whole, 1),
                )
            )
    return made


def reached(curve: Array, level: float) -> int:
    """Return the epochs until a mean regret stays at a level; one more than there are if never."""
    above = np.flatnonzero(curve > level + 1e-12)
    return int(above[-1]) + 2 if len(above) else 1


def share(found: Mapping[str, Spent], search: str = DEFAULT) -> tuple[float, float, float]:
    """Return the budget share at which a search has the baseline's final regret, with its interval."""
    ours, theirs = found[search].regret, found[BASELINE].regret
    budget = ours.shape[1]
    shares = [
        reached(curve, level) / budget
        for curve, level in zip(means(ours), means(theirs)[::-1, -1], strict=True)
    ]
    low, high = np.percentile(shares, (2.5, 97.5))
    return reached(ours.mean(axis=0), theirs[:, -1].mean()) / budget, float(low), float(high)
