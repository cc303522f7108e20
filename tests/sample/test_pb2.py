"""What a bandit picks for the copies of a population: Parker-Holder et al., 2020."""

from pathlib import Path

import numpy as np
import pytest

from autotrick.recipe import Recipe
from autotrick.sample import Gain, initial_recipes, pb2_suggest, perturb
from autotrick.space import SearchSpace, load

SPACE = """
question = "What does a bandit pick?"

[data]
name = "digits"

[fixed]
architecture = "lenet5"
epochs = 8
batch_size = 64

[search]
base_lr = { low = 0.01, high = 1.0, log = true }

[tricks.mixup]
alpha = { low = 0.1, high = 1.0 }

[tricks.linear_warmup]
always = true
length = { low = 0.1, high = 0.2 }
"""


@pytest.fixture
def space(tmp_path: Path) -> SearchSpace:
    path = tmp_path / "bandit.toml"
    path.write_text(SPACE)
    return load(path)


@pytest.fixture
def parent(space: SearchSpace) -> Recipe:
    return initial_recipes(space)[0][1]


def trained(parent: Recipe, best: float, generation: int = 1, count: int = 8) -> list[Gain]:
    """A generation whose gain falls with the distance of the rate from the best, in decades."""
    rates = np.geomspace(0.012, 0.9, count)
    return [
        Gain(
            parent.model_copy(update={"base_lr": float(rate)}),
            generation,
            before=0.1,
            after=0.6 - 0.2 * abs(float(np.log10(rate / best))),
        )
        for rate in rates
    ]


def rates_suggested(space: SearchSpace, parent: Recipe, gains: list[Gain]) -> list[float]:
    now = max(gains, key=lambda gain: (gain.generation, gain.after))
    found = [pb2_suggest(space, parent, gains, now=now, seed=seed) for seed in range(10)]
    return [one["base_lr"] for one in found]


@pytest.mark.parametrize("best", [0.03, 0.3])
def test_it_picks_near_what_gained_most(space: SearchSpace, parent: Recipe, best: float) -> None:
    found = rates_suggested(space, parent, trained(parent, best))

    assert all(best / 3 < rate < best * 3 for rate in found)


def test_what_was_good_long_ago_counts_less(space: SearchSpace, parent: Recipe) -> None:
    gains = [gain for t in (1, 2, 3) for gain in trained(parent, 0.5, t)]
    gains += [gain for t in (4, 5) for gain in trained(parent, 0.03, t)]

    assert all(rate < 0.1 for rate in rates_suggested(space, parent, gains))


def test_copies_of_one_generation_keep_apart(space: SearchSpace, parent: Recipe) -> None:
    # Nothing is known of small rates: the bound is highest there until one is pending.
    gains = [gain for gain in trained(parent, 0.9, count=12) if gain.recipe.base_lr > 0.2]
    now = gains[-1]
    alone = pb2_suggest(space, parent, gains, now=now, seed=3)["base_lr"]
    pending = [parent.model_copy(update={"base_lr": alone})]

    beside = pb2_suggest(space, parent, gains, now=now, pending=pending, seed=3)["base_lr"]

    assert abs(np.log10(beside / alone)) > 0.1


def test_only_what_may_change_is_pb2_suggest(space: SearchSpace, parent: Recipe) -> None:
    gains = trained(parent, 0.1)
    mixing = parent.model_copy(update={"tricks": parent.tricks | {"mixup": {"alpha": 0.5}}})

    assert pb2_suggest(space, parent, gains, now=gains[0], seed=0).keys() == {"base_lr"}
    found = pb2_suggest(space, mixing, gains, now=gains[0], seed=0)
    assert found.keys() == {"base_lr", "mixup.alpha"}
    assert 0.01 <= found["base_lr"] <= 1.0 and 0.1 <= found["mixup.alpha"] <= 1.0


def test_heir_takes_what_was_pb2_suggest(space: SearchSpace, parent: Recipe) -> None:
    found = perturb(space, parent, 4, seed=1, suggested={"base_lr": 0.123})

    assert found.at(4).base_lr == 0.123
    assert found.at(3) == parent


def test_units_of_the_objective_do_not_matter(space: SearchSpace, parent: Recipe) -> None:
    gains = [gain for t in (1, 2) for gain in trained(parent, 0.2, t)]
    larger = [Gain(g.recipe, g.generation, 64 * g.before, 64 * g.after) for g in gains]

    assert rates_suggested(space, parent, larger) == rates_suggested(space, parent, gains)


@pytest.mark.parametrize("seed", range(5))
def test_what_members_began_with_does_not_drown_their_settings(
    space: SearchSpace, parent: Recipe, seed: int
) -> None:
    began = np.random.default_rng(seed).random(8)
    gains = [
        Gain(g.recipe, g.generation, float(b), float(b) + g.after)
        for g, b in zip(trained(parent, 0.03), began, strict=True)
    ]

    assert all(rate < 0.1 for rate in rates_suggested(space, parent, gains))


def test_equal_records_pick_equally(space: SearchSpace, parent: Recipe) -> None:
    gains = trained(parent, 0.2)

    first, second = (pb2_suggest(space, parent, gains, now=gains[4], seed=7) for _ in range(2))

    assert first == second
    assert pb2_suggest(space, parent, gains, now=gains[4], seed=8) != first


def test_gains_that_say_nothing_are_no_fault(space: SearchSpace, parent: Recipe) -> None:
    equal = [Gain(parent, 1, 0.1, 0.5)] * 4

    assert 0.01 <= pb2_suggest(space, parent, equal, now=equal[0], seed=0)["base_lr"] <= 1.0
