import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autotrick.data import Dataset
from autotrick.recipe import Recipe
from autotrick.train import lr_find, train
from autotrick.train.lr_find import longest_fall, suggest
from autotrick.tricks import Run, Trick

MakeRecipe = Callable[..., Recipe]


@dataclass(frozen=True, kw_only=True)
class Watch(Trick):
    """Write down the rate of every update."""

    name = "watch"
    seen: ClassVar[list[float]] = []

    def after_step(self, run: Run) -> None:
        self.seen.append(run.optimizer.param_groups[0]["lr"])


def test_the_rate_climbs_geometrically(
    digits: Dataset, make_recipe: MakeRecipe, switch_on: Callable[[type[Trick]], None]
) -> None:
    switch_on(Watch)
    Watch.seen.clear()
    asked = make_recipe(tricks={"watch": {}}, batch_size=32, scaling_exponent=1.0)

    found = lr_find(asked, digits, low=1e-4, high=0.1, updates=31)

    np.testing.assert_allclose(found.rates, 1e-4 * 10 ** (np.arange(31) / 10), rtol=1e-9)
    np.testing.assert_allclose(Watch.seen, np.array(found.rates) * 32 / 256, rtol=1e-9)
    assert found.setting == "base_lr" and not found.diverged
    assert len(found.losses) == len(found.smoothed) == 31


def test_an_optimizers_own_rate_is_tested(digits: Dataset, make_recipe: MakeRecipe) -> None:
    asked = make_recipe(tricks={"adam": {"lr": 0.002}})
    other = make_recipe(tricks={"adam": {"lr": 0.05}}, base_lr=3.0)

    found, again = (lr_find(each, digits, high=0.01, updates=12) for each in (asked, other))

    assert found.setting == "adam.lr"
    assert found.losses == pytest.approx(again.losses, rel=1e-4)


def test_schedules_are_left_out(digits: Dataset, make_recipe: MakeRecipe) -> None:
    tricks: dict[str, dict[str, Any]] = {"linear_warmup": {"length": 0.5}, "cosine_decay": {}}

    plain = lr_find(make_recipe(), digits, high=0.1, updates=12)
    scheduled = lr_find(make_recipe(tricks=tricks), digits, high=0.1, updates=12)

    assert scheduled == plain


def test_nothing_outside_changes(
    digits: Dataset, make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = make_recipe(epochs=1, tricks={"mixup": {}, "ema": {}})
    weights = train(asked, digits).weights
    images, threads = digits.train.images.copy(), torch.get_num_threads()
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)
    expected = torch.rand(3), np.random.rand(3).tolist(), random.random()
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)

    first = lr_find(asked, digits, updates=12)

    assert torch.rand(3).equal(expected[0])
    assert (np.random.rand(3).tolist(), random.random()) == expected[1:]
    assert np.array_equal(digits.train.images, images) and torch.get_num_threads() == threads
    assert lr_find(asked, digits, updates=12) == first
    assert train(asked, digits).weights == weights
    assert not list(tmp_path.iterdir())


def test_ends_when_the_loss_explodes(digits: Dataset, make_recipe: MakeRecipe) -> None:
    asked = make_recipe(architecture="lenet5", architecture_settings={})

    found = lr_find(asked, digits, low=0.01, high=1e6, updates=60)

    assert found.diverged and len(found.rates) < 60
    assert np.isfinite(found.losses).all()
    assert all(x <= 4 * min(found.smoothed) for x in found.smoothed[:-1])


def test_smoothing_is_a_mean_corrected_for_its_start(
    digits: Dataset, make_recipe: MakeRecipe
) -> None:
    found = lr_find(make_recipe(), digits, updates=15)

    for n in range(1, len(found.losses) + 1):
        weights = 0.9 ** np.arange(n)[::-1]
        expected = np.average(found.losses[:n], weights=weights)
        assert found.smoothed[n - 1] == pytest.approx(expected, rel=1e-9)


def test_suggestions_of_a_known_curve() -> None:
    # Flat, then a fall that is steepest at 0.01, lowest at 1, then an explosion of five points.
    rates = np.geomspace(1e-5, 100, 71)
    place = np.log10(rates)
    smoothed = 2.3 - 1 / (1 + np.exp(-3 * (place + 2))) + 0.001 * place**2 * (place > 0)
    smoothed[-5:] *= 4

    found = suggest(rates, smoothed)

    fall = rates[7:66][smoothed[7:66].argmin()]
    assert found["steep"] == pytest.approx(0.01, rel=0.3)
    assert found["minimum"] == pytest.approx(fall / 10)
    assert found["valley"] == pytest.approx(np.sqrt(rates[7] * fall), rel=0.3)


def test_a_loss_that_never_falls_has_no_suggestion() -> None:
    assert suggest(np.geomspace(1e-5, 1, 50), np.linspace(1, 2, 50)) == {}


@given(st.lists(st.integers(0, 9), min_size=1, max_size=9))
@settings(max_examples=60)
def test_the_longest_fall_is_the_longest(values: list[int]) -> None:
    first, last = longest_fall(np.array(values, float))

    falls = [
        chosen
        for size in range(1, len(values) + 1)
        for chosen in itertools.combinations(range(len(values)), size)
        if all(values[a] > values[b] for a, b in itertools.pairwise(chosen))
    ]
    longest = max(map(len, falls))
    assert any(len(f) == longest and (f[0], f[-1]) == (first, last) for f in falls)
