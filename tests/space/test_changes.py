"""Recipes that differ by one trick."""

from typing import Any

import pytest

from autotrick.recipe import Recipe
from autotrick.sample import Proposer
from autotrick.space import SearchSpace, why_not_in_space
from autotrick.space.changes import allowed, one_trick_changes, with_trick, with_tricks, without
from autotrick.space.defaults import all_off
from autotrick.tricks import TRICKS


def space(tricks: dict[str, Any], **more: Any) -> SearchSpace:
    return SearchSpace.model_validate(
        {
            "name": "changes",
            "question": "?",
            "data": {"name": "cifar10"},
            "fixed": {"architecture": "fastnet", "epochs": 2, "batch_size": 64, "base_lr": 0.1},
            "tricks": tricks,
            **more,
        }
    )


def with_on(of: SearchSpace, *names: str) -> Recipe:
    return with_tricks(of, all_off(of), {*all_off(of).tricks, *names})


WIDE: dict[str, Any] = {
    name: {}
    for name in (
        *("augmix", "jsd_consistency", "mixup", "cutmix", "label_smoothing", "bce_loss", "flip"),
        *("alternating_flip", "cosine_decay", "one_cycle", "linear_warmup", "ema", "swa", "cutout"),
        *("random_erasing", "auto_augment", "rand_augment", "adamw", "lion", "sam", "lookahead"),
    )
}


def test_a_trick_is_left_out_added_and_swapped_within_its_slot() -> None:
    of = space({"mixup": {"alpha": {"low": 0.1, "high": 0.9}}, "cutmix": {}, "flip": {}})
    recipe = with_on(of, "mixup")

    found = {change.label: change for change in one_trick_changes(of, recipe)}

    assert [*found] == ["without mixup", "cutmix for mixup", "with flip"]
    assert found["without mixup"].recipe.tricks == {}
    assert [*found["cutmix for mixup"].recipe.tricks] == ["cutmix"]
    assert found["with flip"].recipe.tricks.keys() == {"mixup", "flip"}
    # The published value lies in the range.
    assert with_trick(of, all_off(of), "mixup", {}).recipe.tricks == {"mixup": {"alpha": 0.2}}  # type: ignore[union-attr]
    given = with_trick(of, all_off(of), "mixup", {"mixup": {"alpha": 0.7}})
    assert given is not None and given.recipe.tricks == {"mixup": {"alpha": 0.7}}


def test_what_needs_a_trick_goes_with_it_and_what_it_needs_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(TRICKS["flip"], "needs", frozenset({"ema"}))
    of = space({"ema": {}, "flip": {}, "mixup": {}})
    both = with_on(of, "ema", "flip")

    gone = without(of, both, "ema")
    came = with_trick(of, all_off(of), "flip", {})

    assert gone is not None and gone.removed == ("ema", "flip")
    assert gone.label == "without ema and flip"
    assert came is not None and came.added == ("ema", "flip")
    assert not allowed(of, ["flip"])


def test_what_a_trick_replaces_goes_when_it_comes() -> None:
    of = space({"ricap": {}, "pad_crop": {}})

    assert [c.label for c in one_trick_changes(of, with_on(of, "pad_crop"))] == [
        "without pad_crop",
        "ricap for pad_crop",
    ]


def test_what_is_always_on_stays() -> None:
    of = space({"flip": {"always": True}, "mixup": {}, "cutmix": {}}, slots={"mix": "always"})
    recipe = with_tricks(of, all_off(of), ["flip", "mixup"])

    found = one_trick_changes(of, recipe)

    assert [change.label for change in found] == ["cutmix for mixup"]


def test_without_adding_only_what_is_on_changes() -> None:
    of = space({"flip": {}, "mixup": {}, "ema": {}})

    assert [c.label for c in one_trick_changes(of, with_on(of, "flip"), add=False)] == [
        "without flip"
    ]
    assert one_trick_changes(of, all_off(of), add=False) == []


def test_a_set_of_tricks_that_the_rules_forbid_is_not_allowed() -> None:
    of = space({"mixup": {}, "cutmix": {}})

    assert allowed(of, ["mixup"]) and allowed(of, [])
    assert not allowed(of, ["mixup", "cutmix"])
    assert not allowed(of, ["flip"])


@pytest.mark.parametrize("seed", range(3))
def test_every_change_of_any_recipe_is_of_the_space_and_about_its_trick(seed: int) -> None:
    of = space(WIDE)
    proposer = Proposer(of.with_study(sampler="random"), seed=seed)
    for number in range(12):
        recipe = proposer.ask(number).recipe
        for change in one_trick_changes(of, recipe):
            assert why_not_in_space(of, change.recipe) == ""
            on = change.trick in change.recipe.tricks
            assert on != (change.trick in recipe.tricks)
            kept = recipe.tricks.keys() - set(change.removed)
            assert change.recipe.tricks.keys() == kept | set(change.added)
            assert all(change.recipe.tricks[name] == recipe.tricks[name] for name in kept)
