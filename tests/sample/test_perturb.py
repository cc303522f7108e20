"""Recipes that go on from another with changed settings."""

from pathlib import Path

import pytest

from autotrick.recipe import Recipe
from autotrick.sample import initial_recipes, perturb
from autotrick.space import SearchSpace, load

SPACE = """
question = "What do heirs change?"

[data]
name = "digits"

[fixed]
architecture = "lenet5"
epochs = 8
batch_size = 64

[search]
base_lr = { low = 0.01, high = 1.0, log = true }

[tricks.mixup]
always = true
alpha = { low = 0.1, high = 1.0 }

[tricks.dropout]
always = true
probability = { low = 0.1, high = 0.5 }

[tricks.linear_warmup]
always = true
length = { low = 0.1, high = 0.2 }

[tricks.searched_policy]
always = true
policy = "search"
"""


@pytest.fixture
def space(tmp_path: Path) -> SearchSpace:
    path = tmp_path / "heirs.toml"
    path.write_text(SPACE)
    return load(path)


@pytest.fixture
def parent(space: SearchSpace) -> Recipe:
    return initial_recipes(space)[0][1]


def test_heir_is_its_parent_until_the_change(space: SearchSpace, parent: Recipe) -> None:
    found = perturb(space, parent, 4, seed=1)

    assert found.at(3) == parent
    assert found.at(4) != parent
    assert [leg.after for leg in found.course] == [4]


def test_what_shapes_the_network_or_counts_updates_stays(
    space: SearchSpace, parent: Recipe
) -> None:
    changed = {
        name for seed in range(30) for name in perturb(space, parent, 4, seed=seed).course[0].tricks
    }

    assert changed == {"mixup", "searched_policy"}


def test_policy_keeps_its_operations(space: SearchSpace, parent: Recipe) -> None:
    found = perturb(space, parent, 4, seed=3).at(4).tricks["searched_policy"]["policy"]
    before = parent.tricks["searched_policy"]["policy"]
    assert isinstance(found, list) and isinstance(before, list)

    names = [[step[0] for step in sub] for sub in found]  # type: ignore[index,union-attr]
    assert names == [[step[0] for step in sub] for sub in before]  # type: ignore[index,union-attr]
    assert found != before


def test_rate_is_perturbed_or_drawn_anew_within_its_range(
    space: SearchSpace, parent: Recipe
) -> None:
    rates = [perturb(space, parent, 4, seed=seed).at(4).base_lr for seed in range(400)]

    shares = [
        sum(abs(rate / parent.base_lr - factor) < 1e-9 for rate in rates) / len(rates)
        for factor in (0.8, 1.2)
    ]
    # 0.375 of 400 draws each; four standard errors are 0.097.
    assert all(abs(share - 0.375) < 0.097 for share in shares)
    assert min(rates) >= 0.01 and max(rates) <= 1.0


def test_equal_seeds_change_equally(space: SearchSpace, parent: Recipe) -> None:
    assert perturb(space, parent, 4, seed=5) == perturb(space, parent, 4, seed=5)
    assert perturb(space, parent, 4, seed=5) != perturb(space, parent, 4, seed=6)


def test_heir_of_an_heir_keeps_the_legs_before_it(space: SearchSpace, parent: Recipe) -> None:
    first = perturb(space, parent, 2, seed=1)

    second = perturb(space, first, 4, seed=2)

    assert second.course[0] == first.course[0]
    assert second.at(2) == first.at(2)
    assert [leg.after for leg in second.course] == [2, 4]


@pytest.mark.parametrize(
    ("trick", "low", "high", "begun"),
    [("discriminative_lr.decay", 0.7, 1.0, 0.9), ("discriminative_lr.decay", 0.7, 1.0, 1.0)],
)
def test_what_prepares_the_training_is_not_switched_on_or_off(
    tmp_path: Path, trick: str, low: float, high: float, begun: float
) -> None:
    owner, _, setting = trick.partition(".")
    path = tmp_path / "off.toml"
    own = f"[tricks.{owner}]\nalways = true\n{setting} = {{ low = {low}, high = {high} }}\n"
    hand = f'[[recipes]]\nlabel = "hand"\nanswers = {{ "{trick}" = {begun} }}\n'
    path.write_text(SPACE + own + hand)
    space = load(path)
    parent = dict(initial_recipes(space))["hand"]

    found = [
        perturb(space, parent, 4, seed=seed).at(4).tricks[owner][setting] for seed in range(40)
    ]

    if begun == high:
        assert set(found) == {high}
    else:
        assert high not in found and len(set(found)) > 5
        picked = perturb(space, parent, 4, seed=0, suggested={trick: high}).at(4)
        assert picked.tricks[owner][setting] == begun
