"""Studies of a list: recipes x seeds, linked to a parent."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from autotrick import records
from autotrick.cli import main
from autotrick.errors import NotFoundError, RecipeError, SpaceError
from autotrick.objective import Objective
from autotrick.recipe import DataRef, Recipe
from autotrick.records import Database, StudyPlan
from autotrick.space import SearchSpace, why_not_in_space
from autotrick.tune.queue import queue_of
from autotrick.tune.recipe_space import completed, space_of
from autotrick.tune.recipe_study import run_recipes
from autotrick.tune.sources.recipe_list import ListedRecipe, RecipeList, recipes_of
from tests.tune.places import SPACE, Place, again

PLAIN = Recipe(
    data=DataRef(name="digits", image_size=16, validation=0.2),
    architecture="fastnet",
    architecture_settings={"width": 0.25},
    epochs=2,
    batch_size=64,
    base_lr=0.5,
)


def varied(**changes: Any) -> Recipe:
    return PLAIN.model_copy(update=changes)


THREE = {
    "plain": PLAIN,
    "mixup": varied(tricks={"mixup": {"alpha": 0.4}}),
    "cosine": varied(tricks={"cosine_decay": {}}, base_lr=1.0),
}


def listed(seeds: tuple[int, ...] = (0, 1, 2)) -> RecipeList:
    recipes = [ListedRecipe(label=name, recipe=completed(r)) for name, r in THREE.items()]
    return RecipeList(recipes=tuple(recipes), seeds=seeds)


def test_every_recipe_has_every_seed_and_one_seed_comes_after_the_other() -> None:
    recipes = listed((7, 8))
    space = space_of(
        [r.recipe for r in recipes.recipes], name="x", question="?", objective=Objective()
    )
    queue = queue_of(space, trials=len(recipes), seed=0, recipes=recipes)

    found = list(iter(queue.next_candidate, None))

    assert [(c.number, c.origin, c.recipe.seed) for c in found] == [
        (0, "plain", 7),
        (1, "mixup", 7),
        (2, "cosine", 7),
        (3, "plain", 8),
        (4, "mixup", 8),
        (5, "cosine", 8),
    ]
    assert queue.empty and queue.why_unused is None


def test_the_space_of_a_list_contains_its_recipes() -> None:
    recipes = [completed(recipe) for recipe in THREE.values()]

    space = space_of(recipes, name="x", question="Which?", objective=Objective())

    assert [why_not_in_space(space, recipe) for recipe in recipes] == [""] * 3
    assert why_not_in_space(space, completed(varied(base_lr=0.7)))
    assert space.pruning.method == "none"
    assert SearchSpace.model_validate(space.model_dump(mode="json")).digest() == space.digest()


def test_settings_that_a_space_cannot_list_leave_those_of_the_first_recipe() -> None:
    policies = [[[["Rotate", 0.5, 0.5]]], [[["Invert", 0.5, 0.5]]]]
    recipes = [completed(varied(tricks={"searched_policy": {"policy": p}})) for p in policies]

    space = space_of(recipes, name="x", question="Which?", objective=Objective())

    assert [bool(why_not_in_space(space, recipe)) for recipe in recipes] == [False, True]


def test_settings_that_are_left_out_get_their_defaults() -> None:
    bare = varied(tricks={"mixup": {}}, architecture_settings={})

    whole = completed(bare)

    assert whole.tricks == {"mixup": {"alpha": 0.2}}
    assert whole.architecture_settings["width"] == 1.0
    assert completed(whole) == whole
    with pytest.raises(RecipeError, match="mixup"):
        completed(varied(tricks={"mixup": {}, "cutmix": {}}))


@pytest.mark.parametrize(
    ("recipes", "more", "error", "message"),
    [
        ([], {}, SpaceError, "this one is empty"),
        ([PLAIN, PLAIN], {}, SpaceError, "the recipes 'recipe 1' and 'recipe 2' are equal"),
        ([PLAIN, varied(seed=3)], {}, SpaceError, "are equal"),
        ([PLAIN], {"seeds": 0}, SpaceError, "at least one seed"),
        ([PLAIN], {"seeds": (1, 1)}, SpaceError, "each once"),
        ([PLAIN], {"parent": "nobody"}, NotFoundError, "no study named 'nobody'"),
        (["nobody:3"], {}, NotFoundError, "no study named 'nobody'"),
        (["nobody"], {}, SpaceError, "is named as STUDY:NUMBER"),
        ([PLAIN, varied(data=DataRef(name="digits"))], {}, SpaceError, "share one data set"),
    ],
)
def test_what_cannot_be_run_is_an_error_and_leaves_no_record(
    database: Database, recipes: Any, more: Any, error: Any, message: str
) -> None:
    with pytest.raises(error, match=message):
        run_recipes(recipes, database, name="winners", **more)

    assert records.studies(database) == []


def parent_with_one_trial(url: str, folder: Path) -> None:
    """Record a study that was never run, with one trial to refer to."""
    from autotrick.space import load

    (folder / "life.toml").write_text(SPACE)
    space = load(folder / "life.toml")
    plan = StudyPlan(
        "life", space.question, space.model_dump(mode="json"), space.digest(), 0, {"trials": 1}
    )
    with records.open_database(url) as database:
        row = records.create_study(database, plan)
        recipe = completed(THREE["cosine"])
        launch = records.add_trial(database, row.id, recipe, origin="tpe", launch=False)
        records.finish_trial(database, launch.trial_id, "failed", reason="nan_loss")


@pytest.mark.slow
@pytest.mark.ray
def test_list_study_that_is_killed_and_resumed_appears_with_its_parent(
    place: Place, cache: Path
) -> None:
    parent_with_one_trial(place.url, place.folder)
    lines = [{"label": name, "recipe": THREE[name].model_dump()} for name in ("plain", "mixup")]
    (place.folder / "two.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    words = ("run", "two.jsonl", "life:0", "--study", "winners", "--seeds", "3")
    process = place.start(
        *words, "--parent", "life", "--storage", "files", "--cpus-per-trial", "0.5"
    )
    place.study = "winners"
    place.wait_for_epochs(5, process)
    process.kill()
    process.communicate()
    killed = [row.state for row in place.rows()]

    status, out, err = place.run("resume", "winners")

    assert status == 0, err
    rows = place.rows()
    assert "running" in killed or len(killed) < 9
    assert [row.state for row in rows] == ["complete"] * 9
    assert [(row.origin, row.recipe.seed) for row in rows] == [
        (label, seed) for seed in range(3) for label in ("plain", "mixup", "life:0")
    ]
    assert len({row.digest for row in rows}) == 9 and "Best trials of winners" in out
    for row in rows:
        if row.attempts > 1:
            assert [r.weights for r in place.reports()[row.number]] == again(row, cache)
    listing = CliRunner().invoke(main, ["studies", "--json", "--database", place.url]).output
    by_name = {row["name"]: row for row in map(json.loads, listing.splitlines())}
    assert (by_name["winners"]["parent"], by_name["winners"]["purpose"]) == ("life", "list")
    table = CliRunner().invoke(main, ["studies", "--database", place.url]).output
    assert "life (list)" in " ".join(table.split())
    with records.open_database(place.url, create=False) as database:
        recorded = recipes_of(records.study(database, "winners"))
    assert recorded is not None and [one.label for one in recorded.recipes][2] == "life:0"
