"""How much each setting matters for the value, with an interval.

The value of whole trials is explained by all decisions of the space at once, each by itself: which trick
of a slot is on, the curve of a rate, what a setting changes where its trick is on. A decision's share is
the variance, over all recipes of the space, of what it adds, out of all that decisions add (the main
effects of functional ANOVA; Hutter, Hoos and Leyton-Brown, "An efficient approach for assessing
hyperparameter importance", ICML 2014). So it does not depend on where a search looked, as long as it looked
there at all: what never varied has no share. What two decisions do only together counts for neither.

There are more columns than most studies have trials. A prior that most decisions do nothing
(`autotrick.design.shrinkage`) keeps what does nothing from the top; intervals are those of the posterior,
and begin at 0 unless the data tell the sign of something that the decision does. Held to planted truth by
`python -m benchmarks effects`.

Pruned trials are left out, for their last epoch is not known, and so are those that diverged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from autotrick.design.decisions import Decisions
from autotrick.design.regression import Array
from autotrick.design.shrinkage import posterior
from autotrick.records.rows import TrialRow
from autotrick.space import SearchSpace

LEAST_TRIALS = 10
"""Complete trials that importances need."""

_MOST_TRIALS = 600
_ENDS = (2.5, 97.5)
_DOUBT = 0.0125
"""Posterior probability, of either sign, up to which a column's sign is told; shared by a group's columns."""

_FAMILIES = ("field", "switch", "setting")


@dataclass(frozen=True, slots=True)
class Importance:
    """A setting's share of what explains the value.

    Attributes:
        name: As the space names it; all entries of a policy are one.
        share: In [0, 1]; the shares of all settings sum to 1.
        low: Lower end of the 95 % interval, in [0, 1].
        high: Its upper end.
        num: Trials behind it: the complete ones that did not diverge.
        group: The trick or the architecture whose setting it is; its name if it is none.
    """

    name: str
    share: float
    low: float
    high: float
    num: int
    group: str = ""


def importance(trials: Sequence[TrialRow], space: SearchSpace) -> list[Importance]:
    """Return every setting's importance, largest first.

    Empty with fewer than ten complete trials, and where the data cannot tell of any setting that it
    matters. Beyond 600 complete trials a random selection of them is used. A trial with half the batch counts
    as the recipe that it replaces.

    Raises:
        SpaceError: A recipe is not of this space.
    """
    done = _comparable(trials)
    if len(done) < LEAST_TRIALS:
        return []
    rng = np.random.default_rng(0)
    if len(done) > _MOST_TRIALS:
        done = [done[i] for i in np.sort(rng.choice(len(done), _MOST_TRIALS, replace=False))]
    if space.study.on_out_of_memory == "smaller_batch":
        done = _as_asked(trials, done, space)
    values = np.array([row.value for row in done], float)
    decisions = Decisions(space)
    columns = decisions.columns([row.recipe for row in done])
    varied = np.ptp(columns, axis=0) > 0
    if not varied.any() or np.ptp(values) == 0:
        return []
    kept = np.array([g for g in range(len(decisions.groups)) if varied[decisions.of == g].any()])
    mine = np.flatnonzero(varied)
    of = np.searchsorted(kept, decisions.of[mine])
    families = np.array([_FAMILIES.index(decisions.groups[g].family) for g in kept])
    _, families = np.unique(families, return_inverse=True)
    within = posterior(columns[:, mine], of, families, values)
    drawn = np.zeros((len(within), len(decisions.of)))
    drawn[:, mine] = within
    variances = decisions.variances(drawn)[:, kept]
    shares = variances / variances.sum(axis=1, keepdims=True)
    told = [_told(within[:, of == i]) for i in range(len(kept))]
    if not any(told):
        return []
    low, high = np.percentile(shares, _ENDS, axis=0)
    rows = [
        Importance(
            decisions.groups[g].name,
            float(share),
            float(low[i]) if told[i] else 0.0,
            float(high[i]),
            len(done),
            decisions.groups[g].owner,
        )
        for i, (g, share) in enumerate(zip(kept, shares.mean(axis=0), strict=True))
    ]
    return sorted(rows, key=lambda row: (-row.share, row.name))


def _comparable(trials: Sequence[TrialRow]) -> list[TrialRow]:
    """Return the complete trials of at least half the median value (or at most twice, if less is better)."""
    done = [t for t in trials if t.state == "complete" and t.value is not None]
    if not done:
        return []
    metric = done[0].value_metric
    middle = median(row.value for row in done if row.value is not None)
    fence = metric.worth(middle / 2 if metric.larger else 2 * middle)
    return [row for row in done if metric.worth(row.value or 0.0) >= fence]


def _as_asked(
    trials: Sequence[TrialRow], done: Sequence[TrialRow], space: SearchSpace
) -> list[TrialRow]:
    """Return trials with the recipes that were asked for, where memory allowed only half the batch."""
    from autotrick.sample import HalvedRecipes

    halves = HalvedRecipes(space)
    for row in sorted(trials, key=lambda row: row.number):
        if row.state == "failed":
            halves.record_failure(row.recipe, row.reason)
    return [replace(row, recipe=halves.original_recipe(row.recipe)) for row in done]


def _told(coefficients: Array) -> bool:
    """Return whether the sign of one of (M, P) draws of a group's coefficients is known."""
    above = (coefficients > 0).mean(axis=0)
    return bool(np.minimum(above, 1 - above).min() <= _DOUBT / coefficients.shape[1])
