from collections.abc import Callable, Mapping, Sequence
from math import inf

import numpy as np
import pytest

from autotrick.design.coding import effect_columns, tricks_of
from autotrick.design.precision import half_widths
from autotrick.design.regression import Fit
from autotrick.design.screening import Screen
from autotrick.space import OFF, SearchSpace, load

Levels = Sequence[Mapping[str, str]]


def design(halves: int = 2, runs: int = 24) -> tuple[Levels, list[int]]:
    screen = Screen(load("search_spaces/fashion_mnist_tricks.toml"), seed=0)
    rows = [row for half in range(halves) for row in screen.half(half, runs)]
    return rows, [half for half in range(halves) for _ in range(runs)]


@pytest.mark.parametrize("halves", [1, 2])
def test_forecast_agrees_with_simulated_least_squares(halves: int) -> None:
    rows, of = design(halves)
    widths = half_widths(rows, 0.5, halves=of)
    rng = np.random.default_rng(0)
    outcomes = rng.normal(0, 0.5, (400, len(rows))) + 2.0 * np.array(of)
    outcomes += 3.0 * np.array([row["flip"] != OFF for row in rows])
    for trick in ("flip", "mixup", "ricap", "cosine_decay", "ema"):
        columns, at = effect_columns(rows, trick, halves=of)
        fit = Fit(columns)
        own = np.eye(columns.shape[1])[at]
        found = [fit.contrast(own, values) for values in outcomes]
        truth = 3.0 if trick == "flip" else 0.0
        reached = [one.high - one.value for one in found if one.high is not None]
        # The mean of a standard error from few degrees of freedom is a little below its square's root.
        assert np.sqrt(np.mean(np.square(reached))) == pytest.approx(widths[trick], rel=0.06)
        held = [
            one.low <= truth <= one.high
            for one in found
            if one.low is not None and one.high is not None
        ]
        assert 0.92 <= np.mean(held) <= 0.985


def test_width_follows_the_noise_and_the_number_of_runs() -> None:
    (one, of_one), (two, of_two) = design(1), design(2)
    single, double = half_widths(one, 1.0, halves=of_one), half_widths(two, 1.0, halves=of_two)
    assert half_widths(one, 0.25)["ema"] == pytest.approx(single["ema"] / 4)
    assert all(double[trick] < 0.8 * single[trick] for trick in single)
    assert set(single) == set(tricks_of(one))


def test_a_slot_is_compared_with_off(space_of: Callable[..., SearchSpace]) -> None:
    rows = [
        {"slot.mix": option, "flip": flip}
        for option in (OFF, "cutmix", "mixup")
        for flip in (OFF, "flip")
    ]
    values = {OFF: 90.0, "cutmix": 91.0, "mixup": 93.0}
    outcomes = np.array([[values[row["slot.mix"]] + (row["flip"] != OFF) for row in rows]])
    for trick, effect in (("cutmix", 1.0), ("mixup", 3.0), ("flip", 1.0)):
        columns, at = effect_columns(rows, trick)
        assert Fit(columns).coefficient(at, outcomes).value == pytest.approx(effect)


def test_a_slot_without_off_is_compared_with_the_mean_of_the_others() -> None:
    names = ("adam", "lion", "muon", "sgdw")
    rows = [{"slot.optimizer": name, "flip": flip} for name in names for flip in (OFF, "flip")] * 2
    values = dict(zip(names, (90.0, 91.0, 92.0, 95.0), strict=True))
    # Shares that are not even do not weigh the mean.
    rows += [{"slot.optimizer": "adam", "flip": OFF}] * 3
    outcomes = np.array([[values[row["slot.optimizer"]] for row in rows]])
    for trick, effect in (("adam", 90 - 278 / 3), ("sgdw", 95 - 91.0), ("flip", 0.0)):
        columns, at = effect_columns(rows, trick)
        assert Fit(columns).coefficient(at, outcomes).value == pytest.approx(effect)


def test_what_the_runs_cannot_tell_has_no_width() -> None:
    together = [
        {"a": level, "b": level.replace("a", "b"), "c": c}
        for level in (OFF, "a")
        for c in (OFF, "c")
    ] * 2
    widths = half_widths(together, 1.0)
    assert widths["a"] == widths["b"] == inf
    assert widths["c"] < 3
    assert half_widths(together[:2], 1.0) == {"c": inf}
