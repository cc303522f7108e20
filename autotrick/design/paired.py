"""Recipes compared over the same seeds: who can still win, and what each gains over a baseline.

Recipes of one seed share initial weights and data order, so values are compared within seeds. Two
recipes' differences over r seeds have a variance of their own, known with r - 1 degrees of freedom,
which is next to nothing for five seeds. The differences of all pairs say together how large it usually
is. Both count: the variance is known better where recipes are alike, and a noisy one is not taken for a
steady one (compare Smyth, "Linear models and empirical Bayes methods for assessing differential
expression", SAGMB, 2004, where the weight of what is usual is estimated too).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import sqrt

import numpy as np

from autotrick.design.regression import Array, t_quantile

_quantile = lru_cache(maxsize=256)(t_quantile)
FIRST_LOOK = 3
"""Seeds before which nobody is dropped: two differences do not tell a noisy recipe from a bad one."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What a recipe gains over the baseline, in the unit of its values.

    Attributes:
        mean: Mean difference over the seeds that both have.
        low: Lower end of its interval; None for fewer than two seeds.
        high: Upper end.
        num: Number of seeds.
    """

    mean: float
    low: float | None
    high: float | None
    num: int


def can_win(
    rounds: Sequence[Mapping[str, float | None]],
    running: Iterable[str],
    *,
    baseline: str,
    seeds: int,
    miss: float = 0.05,
) -> list[str]:
    """Return the recipes that can still be the best, by differences within seeds.

    A recipe is out when another one is better by more than chance explains. The looks after three seeds
    and after each further one but the last share the chance of an error equally, and so do a recipe's
    rivals (Bonferroni), so the best recipe stays with a probability of at least 1 - `miss` however often
    is looked. A recipe that failed with a seed is out from the third seed on. The baseline always stays,
    and so does the best of the others, whose gain is what is asked for. When all others failed, nobody stays.

    Args:
        rounds: Values by recipe, larger is better, one mapping for each seed so far; None for a
            failed trial. Who was dropped is missing from later ones.
        running: The recipes of the last round.
        baseline: One of them.
        seeds: Number of seeds that the race has at most.
        miss: Probability that the best recipe is dropped.
    """
    labels = list(running)
    others = [label for label in labels if label != baseline]
    if not FIRST_LOOK <= len(rounds) < seeds or not others:
        return labels
    sound = [one for one in others if all(each.get(one) is not None for each in rounds)]
    if not sound:
        return []
    # A round in which the baseline failed still compares the others.
    steady = all(each.get(baseline) is not None for each in rounds)
    rivals = [*sound, baseline] if steady else sound
    values = np.array([[each[label] for label in rivals] for each in rounds], dtype=float)
    leader = int(values[:, : len(sound)].mean(axis=0).argmax())
    tests = (len(rounds[0]) - 1) * (seeds - FIRST_LOOK)
    beaten = _beaten(values, miss / max(1, tests))
    out = {label for i, label in enumerate(sound) if beaten[i] and i != leader}
    return [label for label in labels if label == baseline or (label in sound and label not in out)]


def _beaten(values: Array, chance: float) -> list[bool]:
    """Return which columns another column beats.

    Args:
        values: (seeds, recipes).
        chance: Of an error in the comparison of two.
    """
    num, count = values.shape
    if count < 2:
        return [False] * count
    apart = values[:, :, None] - values[:, None, :]
    own = apart.var(axis=0, ddof=1)
    usual = float(own[np.triu_indices(count, 1)].mean())
    reach = _quantile((num - 1) * (count - 1), level=1 - chance)
    margin = reach * np.sqrt(np.maximum(own, usual) / num)
    behind = apart.mean(axis=0) > margin
    np.fill_diagonal(behind, val=False)
    return [bool(found) for found in behind.any(axis=0)]


def gains(
    values: Mapping[str, Mapping[int, float]],
    baselines: Mapping[str, str],
    *,
    seeds: int,
    level: float = 0.95,
) -> dict[str, Gain]:
    """Return what recipes gain over their baselines, with intervals that hold all at once.

    So the interval of the recipe that is chosen for its value holds too. One that was dropped early has
    a wider interval: it was dropped at a moment that its own values chose.

    The variance is the mean of the recipe's own and of the usual one of all pairs, or the own one alone
    where there is one pair. More weight on the usual one would make intervals narrower, and too narrow
    where all tricks off is noisier than the others.

    Args:
        values: By recipe and seed, larger is better.
        baselines: The baseline of each recipe that is compared; seeds that both have count.
        seeds: Number of seeds of recipes that were not dropped.
        level: Probability that all intervals of recipes with all seeds hold.
    """
    usual, together = _usual_variance(values)
    found = {}
    for label, baseline in baselines.items():
        each = _apart(values.get(label, {}), values.get(baseline, {}))
        if not len(each):
            continue
        mean, own = float(each.mean()), len(each) - 1
        if not own:
            found[label] = Gain(mean, None, None, 1)
            continue
        borrowed = min(max(0.0, together - own), own)
        total = borrowed + own
        variance = (borrowed * usual + own * float(each.var(ddof=1))) / total
        looks = 1 if len(each) >= seeds else max(1, seeds - FIRST_LOOK)
        error = (1 - level) / len(baselines) / looks
        reach = _quantile(total, level=1 - error / 2) * sqrt(variance / len(each))
        found[label] = Gain(mean, mean - reach, mean + reach, len(each))
    return found


def _usual_variance(values: Mapping[str, Mapping[int, float]]) -> tuple[float, float]:
    """Return the variance of a difference over all pairs of recipes, and its degrees of freedom.

    With all seeds for all recipes both are those of the residuals of recipes x seeds.
    """
    known = [found for found in values.values() if len(found) > 1]
    squares, weight = 0.0, 0
    for one, other in combinations(known, 2):
        apart = _apart(one, other)
        if len(apart) > 1:
            squares += float(apart.var(ddof=1)) * (len(apart) - 1)
            weight += len(apart) - 1
    spent = max((len(found) - 1 for found in known), default=0)
    freedom = sum(len(found) - 1 for found in known) - spent
    return squares / max(1, weight), float(min(freedom, weight))


def _apart(one: Mapping[int, float], other: Mapping[int, float]) -> Array:
    """Return the differences over the seeds that both have."""
    return np.array([one[seed] - other[seed] for seed in sorted(one.keys() & other.keys())])


def mean_interval(values: Sequence[float], *, level: float = 0.95) -> tuple[float, float] | None:
    """Return the ends of the t interval around a mean; None for fewer than two values."""
    if len(values) < 2:
        return None
    found = np.array(values)
    reach = _quantile(len(found) - 1, level=(1 + level) / 2)
    half = reach * float(found.std(ddof=1)) / sqrt(len(found))
    return float(found.mean()) - half, float(found.mean()) + half


def share_interval(share: float, num: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the ends of Wilson's interval around a share of `num` images.

    Wilson, "Probable inference, the law of succession, and statistical inference", JASA, 1927.
    """
    z = _quantile(1e6, level=(1 + level) / 2)
    scale = 1 + z * z / num
    centre = (share + z * z / (2 * num)) / scale
    half = z / scale * sqrt(share * (1 - share) / num + z * z / (4 * num * num))
    return max(0.0, centre - half), min(1.0, centre + half)
