"""The race of an ablation: what is clear is dropped, and what remains is tried together."""

import random
from collections.abc import Mapping
from statistics import mean

import numpy as np
import pytest

from autotrick.design.ablation import AblationPlan, Arm, failed, is_clear, settled, smallest
from autotrick.design.sequential import Rounds
from autotrick.random_streams import key_of
from autotrick.recipe import DataRef, Recipe
from autotrick.tune.recipe_space import completed
from autotrick.tune.sources.ablation_rule import AblationRule
from autotrick.tune.sources.recipe_list import ListedRecipe, RecipeList
from tests.tune.racing import Slots

ON: dict[str, object] = {
    "ema": {},
    "flip": {},
    "label_smoothing": {},
    "mixup": {},
    "cosine_decay": {},
}
OFF = ("cutout", "linear_warmup")
SEEDS = (1000, 1001, 1002, 1003, 1004)
NOISE = 0.2


def recipe(tricks: Mapping[str, object]) -> Recipe:
    bare = Recipe(
        data=DataRef(name="digits"),
        architecture="fastnet",
        epochs=1,
        batch_size=64,
        base_lr=0.5,
        tricks={name: {} for name in tricks},
    )
    return completed(bare)


def entrants() -> tuple[AblationPlan, RecipeList]:
    arms = [Arm(label=f"without {name}", trick=name, removed=(name,)) for name in ON]
    arms += [Arm(label=f"with {name}", trick=name, added=(name,)) for name in OFF]
    plan = AblationPlan(
        reference="trial 3", tricks=tuple(ON), arms=tuple(arms), seeds=len(SEEDS), precision=0.5
    )
    listed = [ListedRecipe(label="trial 3", recipe=recipe(ON))]
    for arm in arms:
        tricks = (ON.keys() - set(arm.removed)) | set(arm.added)
        listed.append(ListedRecipe(label=arm.label, recipe=recipe({t: {} for t in tricks})))
    return plan, RecipeList(recipes=tuple(listed), seeds=SEEDS)


PLAN, LIST = entrants()


def truth(label: str, worth: Mapping[str, float]) -> float:
    """Return by how many points a recipe is better than the reference."""
    if label == PLAN.reference:
        return 0.0
    how, _, names = label.partition(" ")
    return sum((-1 if how == "without" else 1) * worth.get(n, 0.0) for n in names.split(" and "))


def race(
    worth: Mapping[str, float], *, seed: int = 0, noise: float = NOISE, fails: str = ""
) -> Slots:
    """Return an ablation of tricks that are worth so many points each; the others nothing."""

    def reached(label: str, of: int) -> float | None:
        if label == fails and of == SEEDS[1]:
            return None
        normal = np.random.default_rng(key_of(seed, label, of)).standard_normal()
        shared = np.random.default_rng(key_of(seed, "seed", of)).standard_normal()
        return (90 + truth(label, worth) + noise * float(normal) + float(shared)) / 100

    return Slots(AblationRule(plan=PLAN), LIST, reached, 3, random.Random(seed))


def rounds_of(slots: Slots) -> Rounds:
    found: list[dict[str, float | None]] = [{} for _ in SEEDS]
    for row in slots.rows:
        value = None if row.value is None else 100 * row.value
        found[SEEDS.index(row.recipe.seed)][row.origin] = value
    return found


def test_what_is_clear_has_fewer_seeds_and_what_is_free_is_left_out_together() -> None:
    slots = race({"ema": 3.0, "mixup": -2.0, "flip": 1.5, "cutout": -3.0})

    found = slots.run()

    counts = {label: sum(one == label for _, one, _ in found) for _, label, _ in found}
    assert counts["without ema"] < len(SEEDS) and counts["with cutout"] < len(SEEDS)
    together = "without label_smoothing and mixup and cosine_decay"
    assert counts[together] <= len(SEEDS)
    free = smallest(PLAN, rounds_of(slots))
    assert free is not None and free[0].label == together
    last = [row for row in slots.rows if row.origin == together][-1]
    assert set(last.recipe.tricks) == {"ema", "flip"}


def test_what_was_dropped_for_being_clear_stays_clear() -> None:
    for seed in range(10):
        slots = race({"ema": 1.0, "flip": 0.7, "cutout": -0.8}, seed=seed, noise=0.3)
        slots.run()
        rounds = rounds_of(slots)
        early = {arm.label for arm in PLAN.arms if arm.label not in rounds[-1]}
        found = settled(PLAN, rounds)
        assert all(is_clear(found[label], PLAN.precision) for label in early)


def test_effects_that_do_not_add_up_bring_half_of_the_tricks_back() -> None:
    worth = {"ema": 3.0, "flip": 2.0}
    slots = race(worth, noise=0.1)
    plain = slots.reached

    def together(label: str, of: int) -> float | None:
        value = plain(label, of)
        # Any one of the three will do, but not none of them.
        return value - 0.05 if value and label.count(" and ") == 2 else value

    slots.reached = together
    slots.run()

    tried = [row.origin for row in slots.rows if " and " in row.origin]
    free = smallest(PLAN, rounds_of(slots))
    assert len(set(tried)) == 1  # half of three tricks is one, which has raced already
    assert free is not None and " and " not in free[0].label
    assert free[0].removed[0] in ("label_smoothing", "mixup", "cosine_decay")


def test_a_recipe_that_fails_is_dropped_and_is_not_free_to_be_left_out() -> None:
    slots = race({"ema": 3.0, "flip": 2.0}, fails="without mixup")

    found = slots.run()

    assert sum(label == "without mixup" for _, label, _ in found) == 2
    assert failed(rounds_of(slots), "without mixup") == 1
    assert not any("mixup" in label and " and " in label for _, label, _ in found)


def test_an_ablation_whose_reference_fails_again_and_again_ends() -> None:
    slots = race({}, fails=PLAN.reference)
    plain = slots.reached
    slots.reached = lambda label, of: None if label == PLAN.reference else plain(label, of)

    found = slots.run()

    assert len(found) == 2 * len(LIST.recipes)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_kills_change_nothing(count: int) -> None:
    worth = {"ema": 3.0, "mixup": -2.0, "flip": 1.5, "cutout": -3.0}
    whole = race(worth)
    expected = whole.run()

    for seed in range(6):
        slots = race(worth)
        slots.count, slots.chance = count, random.Random(seed)
        often = {at for at in range(300) if random.Random(key_of(seed, "kill", at)).random() < 0.2}
        assert slots.run(often) == expected
        values = [(row.origin, row.recipe.digest(), row.value) for row in slots.rows]
        assert values == [(row.origin, row.recipe.digest(), row.value) for row in whole.rows]


def test_intervals_cover_and_the_smaller_recipe_is_seldom_too_poor() -> None:
    worth = {"ema": 1.5, "mixup": 0.0, "flip": 0.4, "cutout": -1.0, "label_smoothing": 0.2}
    covered, poor = [], []
    for seed in range(40):
        slots = race(worth, seed=seed, noise=0.35)
        slots.run()
        rounds = rounds_of(slots)
        for label, found in settled(PLAN, rounds).items():
            assert found.low is not None and found.high is not None
            covered.append(found.low <= truth(label, worth) <= found.high)
        free = smallest(PLAN, rounds)
        poor.append(free is not None and truth(free[0].label, worth) < -PLAN.precision)

    assert mean(covered) > 0.95
    assert mean(poor) <= 0.05
