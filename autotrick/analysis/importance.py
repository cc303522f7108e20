"""How much each setting matters for the value, with an interval.

The shares are the sampler's (PED-ANOVA: Watanabe, Bansal, Hutter, "PED-ANOVA: Efficiently
Quantifying Hyperparameter Importance in Arbitrary Subspaces", IJCAI 2023,
https://arxiv.org/abs/2304.10255). The interval comes from computing them again on random halves of
the trials (half-sampling): their spread around the whole is that of the whole around the truth.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from autotrick.records.rows import TrialRow
from autotrick.space import SearchSpace

_LEAST_TRIALS = 10
_MOST_TRIALS = 600
_SAMPLES = 12
Shares = Callable[[Sequence[TrialRow]], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Importance:
    """A setting's share of what explains the value.

    Attributes:
        name: As the space names it.
        share: In [0, 1]; the shares of all settings sum to 1.
        low: Lower end of the 95 % interval, in [0, 1].
        high: Its upper end.
        num: Complete trials behind it.
    """

    name: str
    share: float
    low: float
    high: float
    num: int


def importance(trials: Sequence[TrialRow], space: SearchSpace) -> list[Importance]:
    """Return every setting's importance, largest first; empty with fewer than ten complete trials.

    Beyond 600 complete trials an even selection of them is used. A trial with half the batch counts
    as the recipe that it replaces.
    """
    from autotrick.sample import HalvedRecipes, importances

    halves = HalvedRecipes(space)
    for row in sorted(trials, key=lambda row: row.number) if halves.enabled else ():
        if row.state == "failed":
            halves.record_failure(row.recipe, row.reason)

    def shares(rows: Sequence[TrialRow]) -> Mapping[str, float]:
        return importances(
            space, [replace(row, recipe=halves.original_recipe(row.recipe)) for row in rows]
        )

    return with_intervals(trials, shares)


def with_intervals(trials: Sequence[TrialRow], shares: Shares) -> list[Importance]:
    """Return importances by `shares` with their intervals.

    Args:
        shares: From complete trials to a share in [0, 1] by name.
    """
    done = [t for t in trials if t.state == "complete" and t.value is not None]
    if len(done) < _LEAST_TRIALS:
        return []
    rng = np.random.default_rng(0)
    if len(done) > _MOST_TRIALS:
        done = _some(done, _MOST_TRIALS, rng)
    whole = shares(done)
    halves = [shares(_some(done, len(done) // 2, rng)) for _ in range(_SAMPLES)]
    rows = [
        _row(name, share, [half.get(name, 0.0) for half in halves], len(done))
        for name, share in whole.items()
    ]
    return sorted(rows, key=lambda row: (-row.share, row.name))


def _some(trials: Sequence[TrialRow], count: int, rng: np.random.Generator) -> list[TrialRow]:
    return [trials[i] for i in np.sort(rng.choice(len(trials), count, replace=False))]


def _row(name: str, share: float, halves: Sequence[float], num: int) -> Importance:
    reach = 1.96 * float(np.sqrt(np.mean(np.square(np.asarray(halves) - share))))
    return Importance(name, share, max(0.0, share - reach), min(1.0, share + reach), num)
