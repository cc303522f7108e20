"""Intervals of paired differences: do they cover at every look at once?"""

from collections.abc import Callable

import numpy as np
import pytest

from autotrick.design.regression import Array, t_quantile
from autotrick.design.sequential import Rounds, differences, levels

Spread = Callable[[int], list[float]]
SPREADS: dict[str, tuple[float, Spread]] = {
    "equal": (0.5, lambda count: [0.5] * count),
    "one spreads twice as much": (0.5, lambda count: [*[0.5] * (count - 1), 1.0]),
    "the reference spreads twice as much": (1.0, lambda count: [0.5] * count),
}


def study(rng: np.random.Generator, reference: float, spreads: list[float], seeds: int) -> Array:
    """Return (1 + K, S) values of a reference and K recipes that are all worth the same."""
    noise = rng.standard_normal((1 + len(spreads), seeds))
    values: Array = noise * np.array([reference, *spreads])[:, None] + rng.normal(0, 1, seeds)
    return values + 90


def coverage(name: str, count: int, seeds: int, studies: int) -> Array:
    """Return (K,) how often all intervals of a recipe cover, while recipes are dropped when clear."""
    rng = np.random.default_rng([count, seeds])
    reference, spreads = SPREADS[name]
    held = np.zeros(count)
    for _ in range(studies):
        values = study(rng, reference, spreads(count), seeds)
        labels = {str(i) for i in range(count)}
        missed: set[str] = set()
        rounds: list[dict[str, float | None]] = []
        for seed in range(seeds):
            here = {label: float(values[1 + int(label), seed]) for label in sorted(labels)}
            rounds.append({"it": float(values[0, seed]), **here})
            for label, found in differences(rounds, "it", seeds=seeds).items():
                if found.low is not None and found.high is not None:
                    missed |= {label} if not found.low <= 0 <= found.high else set()
            labels -= missed
        held += [str(i) not in missed for i in range(count)]
    return held / studies


@pytest.mark.parametrize(
    ("name", "count", "seeds", "least"),
    [
        ("equal", 1, 5, 0.95),
        ("equal", 3, 3, 0.95),
        ("equal", 10, 5, 0.95),
        ("one spreads twice as much", 10, 5, 0.95),
        ("the reference spreads twice as much", 10, 5, 0.93),
        ("one spreads twice as much", 4, 3, 0.94),
    ],
)
def test_all_looks_at_once_cover_with_95_percent(
    name: str, count: int, seeds: int, least: float
) -> None:
    studies = 2000 // count
    found = coverage(name, count, seeds, studies)

    # Two standard deviations of the simulation.
    assert found.mean() >= least - 0.01
    assert found.min() >= 0.90 - 2 * (0.09 / studies) ** 0.5


@pytest.mark.parametrize("seeds", [3, 5, 8])
def test_a_recipe_alone_misses_at_any_of_its_looks_with_5_percent(seeds: int) -> None:
    values = np.random.default_rng(seeds).standard_normal((100_000, seeds))
    missed = np.zeros(len(values), bool)
    for num, level in zip(range(2, seeds + 1), levels(seeds), strict=True):
        seen = values[:, :num]
        ratio = seen.mean(axis=1) / seen.std(axis=1, ddof=1) * num**0.5
        missed |= np.abs(ratio) > t_quantile(num - 1, level=1 - level / 2)

    assert 0.045 < missed.mean() < 0.051
    assert sorted(levels(seeds)) == list(levels(seeds))


def test_a_missing_seed_leaves_out_its_pair_only() -> None:
    rounds: Rounds = [
        {"it": 90.0, "other": 91.0},
        {"it": None, "other": 50.0},
        {"it": 90.0, "other": 92.0},
    ]

    found = differences(rounds, "it", seeds=3)["other"]

    assert (found.num, found.mean) == (2, 1.5)
    assert found.low is not None and found.low < 1.5


def test_one_seed_has_no_interval_and_equal_values_leave_no_doubt() -> None:
    one = differences([{"it": 90.0, "other": 91.0}], "it", seeds=5)["other"]
    same = differences([{"it": v, "other": v} for v in (90.0, 91.5)], "it", seeds=5)["other"]

    assert (one.num, one.mean, one.low) == (1, 1.0, None)
    assert (same.low, same.high) == pytest.approx((0.0, 0.0), abs=1e-9)


def test_a_recipe_that_spreads_wildly_widens_only_its_own_interval() -> None:
    rng = np.random.default_rng(1)
    calm = rng.normal(90, 0.3, (6, 3))
    wild = np.array([90.0, 40.0, 70.0])
    rounds = [{"it": calm[0, s], **{f"r{i}": calm[i, s] for i in range(1, 6)}} for s in range(3)]

    before = differences(rounds, "it", seeds=5)
    after = differences([{**seen, "wild": wild[s]} for s, seen in enumerate(rounds)], "it", seeds=5)

    assert all(after[label] == before[label] for label in before)
    assert after["wild"].low is not None and after["wild"].low < -100
