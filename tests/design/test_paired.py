"""Recipes over the same seeds: error rates of the race and of the gains, against planted truth."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from scipy import stats

from autotrick.design.paired import can_win, gains, mean_interval, share_interval
from autotrick.random_streams import key_of

BASE = "all off"
SEED_NOISE = 0.7
"""Common to all recipes of one seed, which pairing removes."""


def race(
    truth: Mapping[str, float], noise: Mapping[str, float], seeds: int, number: int
) -> dict[str, dict[int, float]]:
    """Return the values of a race by recipe and seed; the truth has the baseline."""
    rng = np.random.default_rng(key_of(number, "race"))
    rounds: list[dict[str, float | None]] = []
    running = list(truth)
    for _ in range(seeds):
        shared = SEED_NOISE * rng.standard_normal()
        drawn = {one: rng.standard_normal() for one in truth}
        rounds.append({one: truth[one] + shared + noise[one] * drawn[one] for one in running})
        running = can_win(rounds, running, baseline=BASE, seeds=seeds)
    return {
        one: {
            seed: value for seed, each in enumerate(rounds) if (value := each.get(one)) is not None
        }
        for one in truth
    }


def planted(effects: Sequence[float], base: float = 0.0) -> dict[str, float]:
    return {f"trial {i}": effect for i, effect in enumerate(effects)} | {BASE: base}


def chosen(values: Mapping[str, Mapping[int, float]], seeds: int) -> str:
    whole = [one for one in values if one != BASE and len(values[one]) == seeds]
    return max(whole, key=lambda one: float(np.mean(list(values[one].values()))))


def against(values: Mapping[str, Mapping[int, float]]) -> dict[str, str]:
    return {label: BASE for label in values if label != BASE}


TRUTHS = {
    "all equal": planted([0.0] * 5),
    "one better": planted([0.3, 0, 0, 0, 0], base=-0.5),
    "steps": planted([0, -0.2, -0.4, -0.8, -2.0], base=-1.0),
    "all off is best": planted([-0.5, -0.5, -1, -1, -1]),
}
NOISES = {"equal": 1.0, "a noisy best": 3.0, "a steady best": 0.4}
RACES = 600


@pytest.mark.parametrize("seeds", [5, 10])
@pytest.mark.parametrize("truth", ["one better", "steps"])
@pytest.mark.parametrize("kind", NOISES)
def test_the_best_recipe_is_rarely_dropped(truth: str, kind: str, seeds: int) -> None:
    noise = dict.fromkeys(TRUTHS[truth], 0.5) | {"trial 0": 0.5 * NOISES[kind]}

    lost = sum(len(race(TRUTHS[truth], noise, seeds, i)["trial 0"]) < seeds for i in range(RACES))

    # 5 % may be; 600 races tell that to 1.8 points.
    assert lost / RACES <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / RACES)


def test_a_race_saves_what_is_far_behind() -> None:
    truth = TRUTHS["steps"]
    noise = dict.fromkeys(truth, 0.3)

    found = [race(truth, noise, 10, i) for i in range(100)]

    assert np.mean([len(each["trial 4"]) for each in found]) < 4
    assert all(len(each[BASE]) == 10 for each in found)


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("truth", TRUTHS)
@pytest.mark.parametrize("kind", NOISES)
def test_the_gain_of_the_chosen_recipe_is_covered(truth: str, kind: str, seeds: int) -> None:
    means = TRUTHS[truth]
    noise = dict.fromkeys(means, 0.5) | {"trial 0": 0.5 * NOISES[kind]}
    covered = claimed = 0
    for i in range(RACES):
        values = race(means, noise, seeds, i)
        best = chosen(values, seeds)
        gain = gains(values, against(values), seeds=seeds)[best]
        assert gain.low is not None
        assert gain.high is not None
        covered += gain.low <= means[best] - means[BASE] <= gain.high
        claimed += gain.low > 0

    assert covered / RACES >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / RACES)
    if truth in ("all equal", "all off is best"):
        assert claimed / RACES <= 0.05


def test_the_gain_is_covered_where_all_off_is_noisier() -> None:
    means = TRUTHS["all equal"]
    noise = dict.fromkeys(means, 0.5) | {BASE: 1.5}
    covered = 0
    for i in range(RACES):
        values = race(means, noise, 5, i)
        gain = gains(values, against(values), seeds=5)[chosen(values, 5)]
        covered += gain.low is not None and gain.high is not None and gain.low <= 0 <= gain.high

    assert covered / RACES >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / RACES)


def test_a_clear_gain_is_found() -> None:
    truth, noise = planted([1.5, 1.2, 1.0], base=0.0), dict.fromkeys(planted([0] * 3), 0.3)

    found = [race(truth, noise, 5, i) for i in range(200)]
    lows = [gains(each, against(each), seeds=5)[chosen(each, 5)].low for each in found]

    assert np.mean([low is not None and low > 0 for low in lows]) > 0.95


def test_nobody_is_dropped_before_the_third_seed_or_at_the_end() -> None:
    rounds = [{"trial 0": 9.0 + i, "trial 1": 1.0 + i, BASE: 5.0 + i} for i in range(5)]

    stay = {n: can_win(rounds[:n], rounds[0], baseline=BASE, seeds=5) for n in range(1, 6)}

    assert stay[1] == stay[2] == stay[5] == ["trial 0", "trial 1", BASE]
    assert stay[3] == stay[4] == ["trial 0", BASE]


def test_the_best_of_the_others_stays_behind_all_off() -> None:
    rounds = [{"trial 0": 1.0 + i, "trial 1": 0.5 + i, BASE: 9.0 + i} for i in range(3)]

    assert can_win(rounds, rounds[0], baseline=BASE, seeds=5) == ["trial 0", BASE]


def test_a_recipe_that_fails_with_a_seed_is_out() -> None:
    rounds: list[dict[str, float | None]] = [
        {"trial 0": 1.0, "trial 1": 1.2, BASE: 1.1},
        {"trial 0": None, "trial 1": 1.0, BASE: 1.3},
        {"trial 0": 1.5, "trial 1": 1.4, BASE: 1.2},
    ]

    assert can_win(rounds[:2], rounds[0], baseline=BASE, seeds=5) == ["trial 0", "trial 1", BASE]
    assert can_win(rounds, rounds[0], baseline=BASE, seeds=5) == ["trial 1", BASE]
    both = [each | {"trial 1": None} for each in rounds]
    assert can_win(both, rounds[0], baseline=BASE, seeds=5) == []


def test_a_baseline_that_fails_stays_and_the_others_are_compared() -> None:
    rounds: list[dict[str, float | None]] = [
        {"trial 0": 9.0 + i, "trial 1": 1.0 + i, "trial 2": 8.9 + i / 2, BASE: None if i else 5.0}
        for i in range(3)
    ]

    assert can_win(rounds, rounds[0], baseline=BASE, seeds=5) == ["trial 0", "trial 2", BASE]


def test_the_gain_of_one_recipe_is_a_paired_t_interval() -> None:
    values = {"trial 0": {3: 2.0, 4: 2.5, 7: 3.5, 9: 1.0}, BASE: {3: 1.0, 4: 2.0, 7: 2.25, 8: 0.0}}

    found = gains(values, {"trial 0": BASE}, seeds=3)["trial 0"]

    apart = np.array([1.0, 0.5, 1.25])
    low, high = stats.t.interval(0.95, 2, apart.mean(), stats.sem(apart))
    assert found.num == 3
    assert [found.mean, found.low, found.high] == pytest.approx([apart.mean(), low, high], rel=1e-3)


def test_one_seed_has_no_interval_and_none_has_no_gain() -> None:
    values = {"trial 0": {0: 2.0}, "trial 1": {1: 2.0}, BASE: {0: 1.0}}

    found = gains(values, against(values), seeds=1)

    assert set(found) == {"trial 0"}
    assert (found["trial 0"].mean, found["trial 0"].low, found["trial 0"].num) == (1.0, None, 1)


def test_intervals_agree_with_scipy() -> None:
    values = [0.5, 0.7, 0.65, 0.4]
    expected = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert mean_interval(values) == pytest.approx(expected, rel=1e-4)
    assert mean_interval(values[:1]) is None
    wilson = stats.binomtest(913, 1000).proportion_ci(method="wilson")
    assert share_interval(0.913, 1000) == pytest.approx((wilson.low, wilson.high), rel=1e-4)
    assert share_interval(1.0, 50)[1] == 1.0
