"""What an ablation compares."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autotrick import records
from autotrick.analysis.answer import answer
from autotrick.errors import NotFoundError, SpaceError
from autotrick.recipe import Recipe
from autotrick.records import Database
from autotrick.space import why_not_in_space
from autotrick.space.recorded import space_to_search
from autotrick.tune.ablate import plan_ablation
from autotrick.tune.fresh_seeds import fresh_seeds
from tests.ablations import PARENT, parent
from tests.screened import fill_screened


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    fill_screened(f"sqlite:///{tmp_path}/clothes.db")
    with records.open_database(f"sqlite:///{tmp_path}/clothes.db") as opened:
        yield opened


def test_without_a_trial_the_recommended_recipe_is_ablated_at_the_base_of_the_screen(
    database: Database,
) -> None:
    trials = records.trials(database, "clothes")
    said = answer(trials, records.curves(database, "clothes"))
    screened = next(trial for trial in trials if trial.phase == "screen")
    base = trials[(screened.design or {})["base"]].recipe

    planned = plan_ablation(database, "clothes")

    plan, recipe = planned.rule.plan, next(iter(planned.recipes.values()))
    assert said is not None and set(plan.tricks) == set(said.use) and "ema" in said.use
    assert (plan.trial, plan.reference) == (None, "the recommended recipe")
    assert isinstance(recipe, Recipe) and (recipe.seed, recipe.lr) == (0, base.lr)
    assert (recipe.architecture, recipe.batch_size) == (base.architecture, base.batch_size)


def test_every_recipe_of_an_ablation_is_of_the_space_and_labels_differ(database: Database) -> None:
    study = records.study(database, "clothes")
    space = space_to_search(study.name, study.space)
    number = records.best(database, "clothes", limit=1)[0].number

    planned = plan_ablation(database, "clothes", number, seeds=4, precision=0.3)

    recipes = [recipe for recipe in planned.recipes.values() if isinstance(recipe, Recipe)]
    assert [why_not_in_space(space, recipe) for recipe in recipes] == [""] * len(recipes)
    about = [arm.trick for arm in planned.rule.plan.arms]
    assert sorted(about) == sorted(set(about)) and set(about) <= set(space.tricks)
    assert (planned.rule.plan.seeds, planned.rule.plan.precision) == (4, 0.3)
    assert planned.most_trials == 4 * (len(recipes) + 2)


def test_a_study_that_recommends_nothing_says_to_name_a_trial(database: Database) -> None:
    parent(database, ())

    with pytest.raises(NotFoundError, match="does not say yet which tricks to use"):
        plan_ablation(database, PARENT)
    with pytest.raises(SpaceError, match=r"trial 0 of 'search' has no trick .* leave out --no-add"):
        plan_ablation(database, PARENT, 0, add=False)


def test_seeds_are_those_of_no_trial_of_the_study_or_its_children(database: Database) -> None:
    used = {trial.recipe.seed for trial in records.trials(database, "clothes")}

    assert not used & set(fresh_seeds(database, "clothes", 5))
    assert fresh_seeds(database, "clothes", 2) == fresh_seeds(database, "clothes", 5)[:2]
