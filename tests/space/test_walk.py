import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotrick.domain import Float, Integer, ReplayChooser, Scalar
from autotrick.errors import SpaceError
from autotrick.models import ARCHITECTURES
from autotrick.recipe import Recipe
from autotrick.space import SearchSpace
from autotrick.tricks import TRICKS, assemble, conflict

Make = Callable[[dict[str, Any]], SearchSpace]


class Dice:
    """A chooser that throws dice, and keeps what was asked."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.asked: dict[str, object] = {}

    def number(self, name: str, domain: Float) -> float:
        self._ask(name, domain)
        return self.dice.choice(
            (domain.low, domain.high, self.dice.uniform(domain.low, domain.high))
        )

    def integer(self, name: str, domain: Integer) -> int:
        self._ask(name, domain)
        return self.dice.randrange(domain.low, domain.high + 1, domain.step)

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        self._ask(name, options)
        return self.dice.choice(options)

    def _ask(self, name: str, domain: object) -> None:
        assert name not in self.asked
        self.asked[name] = domain


WHOLE: dict[str, Any] = {
    "name": "whole",
    "question": "What does everything do together?",
    "data": {"name": "digits", "image_size": 16},
    "fixed": {"epochs": 6, "seed": 3},
    "search": {
        "architecture": list(ARCHITECTURES),
        "accumulation": {"low": 1, "high": 4, "log": True},
        "batch_size": {"low": 32, "high": 256, "step": 32},
        "base_lr": {"low": 0.02, "high": 0.5, "log": True},
        "precision": ["fp32", "bf16"],
        "compiled": [False, True],
    },
    "architectures": {
        name: {spec.name: "search" for spec in architecture.settings if spec.domain}
        for name, architecture in ARCHITECTURES.items()
    },
    "tricks": {
        name: {spec.name: "search" for spec in trick.settings() if spec.domain}
        for name, trick in TRICKS.items()
    },
}
SPACE = SearchSpace.model_validate(WHOLE)


@given(dice=st.randoms(use_true_random=False))
def test_a_random_recipe_is_valid_and_its_answers_lead_back(dice: Random) -> None:
    recipe = SPACE.decide(Dice(dice))

    assert SPACE.decide(ReplayChooser(SPACE.answers(recipe))) == recipe
    assert conflict([TRICKS[name] for name in recipe.tricks]) is None
    assert {trick.name for trick in assemble(recipe)} <= recipe.tricks.keys()


@given(dice=st.randoms(use_true_random=False))
def test_the_answers_are_what_was_asked(dice: Random) -> None:
    chooser = Dice(dice)

    recipe = SPACE.decide(chooser)

    assert list(SPACE.answers(recipe)) == list(chooser.asked)


@settings(max_examples=20)
@given(one=st.randoms(use_true_random=False), other=st.randoms(use_true_random=False))
def test_a_name_has_the_same_options_in_every_recipe(one: Random, other: Random) -> None:
    first, second = Dice(one), Dice(other)

    SPACE.decide(first)
    SPACE.decide(second)

    both = first.asked.keys() & second.asked.keys()
    assert {name: first.asked[name] for name in both} == {n: second.asked[n] for n in both}


@given(dice=st.randoms(use_true_random=False))
def test_a_recipe_survives_the_database(dice: Random) -> None:
    recipe = SPACE.decide(Dice(dice))

    stored = Recipe.model_validate(json.loads(recipe.model_dump_json()))

    assert stored == recipe and SPACE.answers(stored) == SPACE.answers(recipe)


def test_a_space_survives_the_database_which_sorts_keys() -> None:
    stored = json.loads(json.dumps(SPACE.model_dump(mode="json"), sort_keys=True))

    again = SearchSpace.model_validate(stored)

    assert again == SPACE and again.digest() == SPACE.digest()
    assert again.model_dump(mode="json") == SPACE.model_dump(mode="json")
    first, second = Dice(Random(0)), Dice(Random(0))
    assert again.decide(first) == SPACE.decide(second)
    assert list(first.asked) == list(second.asked)


def test_the_stored_space_says_what_the_file_leaves_to_the_catalogue(space_with: Make) -> None:
    space = space_with({"tricks": {"mixup": {"alpha": "search"}, "flip": {"always": True}}})

    stored = space.model_dump(mode="json")

    assert stored["tricks"] == {
        "mixup": {"alpha": {"low": 0.05, "high": 1.0}},
        "flip": {"probability": 0.5, "always": True},
    }
    assert stored["architectures"] == {"lenet5": {"width": 1.0}}


def test_the_digest_is_about_what_may_vary(space_with: Make) -> None:
    space = space_with({})

    same = space_with({"name": "b", "question": "Or?", "study": {"trials": 3}})

    assert same.digest() == space.digest()
    assert space_with({"tricks": {"flip": {}}}).digest() != space.digest()
    assert space_with({"data": {"name": "digits", "split_seed": 1}}).digest() != space.digest()


def test_architecture_batch_and_rate_come_first() -> None:
    chooser = Dice(Random(1))

    SPACE.decide(chooser)

    names = list(chooser.asked)
    assert names[0] == "architecture" and names[1].endswith(".width")
    assert names[2:4] == ["batch_size", "base_lr"]
    assert names[4:7] == ["accumulation", "precision", "compiled"]


def test_settings_are_asked_only_of_what_is_on(space_with: Make) -> None:
    space = space_with({"tricks": {"mixup": {"alpha": "search"}}})

    off = space.decide(ReplayChooser({"base_lr": 0.1, "mixup": False}))
    on = space.decide(ReplayChooser({"base_lr": 0.1, "mixup": True, "mixup.alpha": 0.3}))

    assert off.tricks == {} and on.tricks == {"mixup": {"alpha": 0.3}}


def test_several_tricks_of_a_slot_are_one_choice(space_with: Make) -> None:
    space = space_with({"tricks": {"mixup": {}, "cutmix": {}}})
    chooser = Dice(Random(0))

    space.decide(chooser)

    assert chooser.asked["slot.mix"] == ("off", "cutmix", "mixup")


def test_a_slot_that_is_always_on_has_no_off(space_with: Make) -> None:
    tricks: dict[str, Any] = {"cosine_decay": {}, "step_decay": {}}
    space = space_with({"tricks": tricks, "slots": {"decay": "always"}})
    chooser = Dice(Random(0))

    recipe = space.decide(chooser)

    assert chooser.asked["slot.decay"] == ("cosine_decay", "step_decay")
    assert len(recipe.tricks) == 1


def test_nobody_is_asked_about_what_is_always_on(space_with: Make) -> None:
    tricks = {"cosine_decay": {"always": True}, "flip": {"always": True, "probability": [0.3, 0.5]}}
    chooser = Dice(Random(0))

    recipe = space_with({"tricks": tricks}).decide(chooser)

    assert list(chooser.asked) == ["base_lr", "flip.probability"]
    assert list(recipe.tricks) == ["cosine_decay", "flip"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base_lr": 3.0}, r"base_lr: 3\.0 is not in 0\.02 to 0\.5 \(log\)"),
        ({"tricks": {"flip": {"probability": 0.5}}}, r"tricks: .* is not of the space 'small'"),
        ({"tricks": {"mixup": {"alpha": 7.0}}}, r"mixup\.alpha: 7\.0 is not in 0\.05 to 1"),
        ({"tricks": {"mixup": {}}}, r"mixup\.alpha: None is not in"),
        ({"architecture": "resnet20"}, "architecture: 'resnet20' is not of the space"),
        ({"architecture_settings": {}}, r"lenet5\.width: None is not in 1\.0; another space"),
    ],
)
def test_a_recipe_of_another_space_has_no_answers(
    space_with: Make, change: dict[str, Any], said: str
) -> None:
    space = space_with({"tricks": {"mixup": {"alpha": "search"}}})
    recipe = space.decide(Dice(Random(0))).model_copy(update=change)

    with pytest.raises(SpaceError, match=said):
        space.answers(recipe)


def test_seed_and_fingerprint_are_no_decisions(space_with: Make) -> None:
    space = space_with({})
    recipe = space.decide(Dice(Random(0)))
    data = recipe.data.model_copy(update={"fingerprint": "f"})

    assert space.answers(recipe.model_copy(update={"seed": 5, "data": data})) == space.answers(
        recipe
    )


def test_a_split_of_the_sources_own_is_written_as_false(space_with: Make) -> None:
    space = space_with({"data": {"name": "folder:/x", "validation": False}})

    assert space.data.validation is None
    assert SearchSpace.model_validate(space.model_dump(mode="json")) == space


def test_a_space_is_a_table() -> None:
    with pytest.raises(SpaceError, match="a search space is a table, but got 3"):
        SearchSpace.model_validate(3)
