"""Every shipped space loads, keeps to its schema, and proposes recipes that can be built."""

import itertools
from functools import cache
from pathlib import Path

import pytest

from autotrick.models import complete
from autotrick.sample import Sampler, initial_recipes
from autotrick.space import SearchSpace, decisions, load
from autotrick.tricks import TRICKS, assemble, build

FILES = sorted((Path(__file__).parent.parent / "search_spaces").glob("*.toml"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def space(path: Path) -> SearchSpace:
    return loaded(path)


@cache
def loaded(path: Path) -> SearchSpace:
    """Read a space once: the whole catalogue takes seconds."""
    return load(path)


def test_the_promised_ones_are_there() -> None:
    names = {path.stem for path in FILES}

    promised = {"quickstart", "fashion_mnist_tricks", "cifar10_tricks", "cifar10_autoaugment"}
    assert promised <= names


def test_one_asks_for_the_whole_catalogue() -> None:
    listed = load(FILES[0].with_name("fashion_mnist_catalogue.toml")).tricks

    # These need a network that was trained before.
    assert set(TRICKS) - set(listed) == {"distillation", "pretrained_start", "shallow_start"}


def test_its_head_says_why_and_its_name_on_what(path: Path, space: SearchSpace) -> None:
    lines = path.read_text().splitlines()

    assert len(list(itertools.takewhile(lambda line: line.startswith("# "), lines))) >= 2
    assert space.question.endswith("?")
    assert path.stem == "quickstart" or path.stem.startswith(space.data.name)


def test_its_tricks_build_at_the_ends_of_every_range(space: SearchSpace) -> None:
    for name, listed in space.tricks.items():
        ends = {key: domain.ends() for key, domain in listed.settings.items()}
        for key, values in ends.items():
            for value in values:
                build(name, {other: end[0] for other, end in ends.items()} | {key: value})


def test_its_experts_are_valid_and_differ(space: SearchSpace) -> None:
    recipes = [recipe for _, recipe in initial_recipes(space)]

    assert len({recipe.digest() for recipe in recipes}) == len(recipes) >= 2
    for recipe in recipes:
        assemble(recipe)
        complete(recipe.architecture, recipe.architecture_settings)


def test_a_sampler_proposes_valid_recipes_of_it(space: SearchSpace) -> None:
    sampler = Sampler(space, method=space.study.sampler, seed=space.study.seed)

    for number in range(15):
        recipe = sampler.ask(number).recipe
        assemble(recipe)
        sampler.tell(number, recipe, number / 20, "complete")


def test_digits_are_not_mirrored() -> None:
    space = next(load(path) for path in FILES if path.stem == "quickstart")

    assert "flip" not in space.tricks
    assert not any(decision.name.startswith("flip") for decision in decisions(space))
