"""Runs a list of recipes over several seeds as a study."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import Any

from autotrick import data as datasets
from autotrick import records, trusted_code
from autotrick.errors import NotFoundError, SpaceError
from autotrick.objective import Objective
from autotrick.recipe import Recipe, digest_of
from autotrick.records import Database, SearchSettings, StudyPlan, StudyRow
from autotrick.space import SearchSpace
from autotrick.tasks import find as find_task
from autotrick.tune.cluster.memory_slots import reserved
from autotrick.tune.recipe_space import completed, space_of
from autotrick.tune.resources import Resources
from autotrick.tune.search import check_same, prepared
from autotrick.tune.session import Options, cluster, conduct
from autotrick.tune.sources.race import RaceRule
from autotrick.tune.sources.recipe_list import ListedRecipe, RecipeList
from autotrick.tune.warm_start import recipe_of_trial

PURPOSE = "list"
"""What a list study is for, as its record says."""

Recipes = Mapping[str, Recipe | str] | Sequence[Recipe | str | ListedRecipe]


def run_recipes(  # noqa: PLR0913 -- what to train, and how
    recipes: Recipes,
    database: Database,
    *,
    name: str,
    seeds: int | Sequence[int] = 3,
    parent: str | None = None,
    question: str = "",
    purpose: str = PURPOSE,
    race: RaceRule | None = None,
    keep_checkpoints: int | None = None,
    more: Mapping[str, Any] | None = None,
    resources: Resources | None = None,
    options: Options | None = None,
) -> StudyRow:
    """Train every recipe once with every seed, as a study of its own; or finish that study.

    No sampler proposes anything and no trial is pruned. All recipes get the same seeds, so that
    trials of one seed are paired. `resume` goes on with the study like with any other.

    Args:
        recipes: By label, or a sequence. One that is given as STUDY:NUMBER is a recorded trial's.
            Settings that a recipe leaves out get their defaults; its own seed does not matter, unless it
            is an entry of a list (`ListedRecipe`) that has one.
        name: The study's name.
        seeds: The seeds, or their number: 3 stands for 0, 1 and 2.
        parent: The study that this one belongs to; its objective counts here too.
        question: What the study asks, in a sentence.
        purpose: The kind of study, as its record names it.
        race: Drops recipes before the last seed, and may add some; None trains all with all seeds.
        keep_checkpoints: Number of trials whose last checkpoint is kept; None for the usual number.
        more: Further settings of the search to record with the study, by their recorded keys.
        resources: Where and how it runs.

    Raises:
        DataError: The data set is missing, damaged, or not the one that a recipe names.
        NotFoundError: A named study or trial does not exist.
        RecipeError: A recipe is not valid.
        RecordsError: Another study has that name, or another driver runs it.
        ResourceError: The cluster or the disk lacks what a trial needs.
        SpaceError: There is no recipe, two are equal, or they have different data sets.
    """
    resources, options = resources or Resources(), options or Options()
    resources.remember()
    records.check_study_name(name)
    if parent:
        trusted_code.declare(records.study(database, parent))
    chosen = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    listed = _listed(database, recipes)
    if not chosen or len(set(chosen)) < len(chosen):
        raise SpaceError(f"a list needs at least one seed, and each once, but got {chosen}.")
    objective = (
        records.study(database, parent).objective
        if parent
        else Objective(
            objectives=(find_task(listed[0].recipe.task if listed else None).metric.name,)
        )
    )
    space = space_of(
        [one.recipe for one in listed],
        name=name,
        question=question or f"How do these {len(listed)} recipes compare over seeds?",
        objective=objective,
    )
    if keep_checkpoints is not None:
        space = space.with_study(keep_checkpoints=keep_checkpoints)
    known: StudyRow | None = None
    with suppress(NotFoundError):
        known = records.study(database, name)
    with prepared(space, resources) as (loaded, data):
        folders = {"data_dir": resources.data_dir, "cache_dir": resources.cache}
        for one in listed:
            datasets.check_same(one.recipe.data, loaded.data, **folders)
        same_data = [
            one.model_copy(update={"recipe": one.recipe.model_copy(update={"data": loaded.data})})
            for one in listed
        ]
        trained = RecipeList(recipes=tuple(same_data), seeds=tuple(chosen))
        rule = race.to_json() if race else None
        most = race.most_trials(len(listed), len(chosen)) if race else len(trained)
        settings = SearchSettings(
            trials=most,
            resources=resources.to_json(),
            recipes=trained.model_dump(mode="json"),
            race=rule,
        )
        plan = StudyPlan(
            name=name,
            question=space.question,
            space=loaded.model_dump(mode="json"),
            space_digest=_digest(space, trained, rule),
            seed=space.study.seed,
            metric=str(space.objective),
            budget=settings.to_json() | dict(more or {}),
            data=datasets.describe(data).to_json(),
            parent=parent,
            purpose=purpose,
            task=space.recorded_task,
        )
        # A study that cannot begin leaves no record.
        ready = nullcontext() if known else cluster(resources, reserved(loaded, resources))
        with ready:
            row = records.create_study(database, plan)
            check_same(row, loaded, resources)
            return conduct(database, row, loaded, resources, options, None)


def _digest(space: SearchSpace, trained: RecipeList, rule: Mapping[str, Any] | None) -> str:
    """Return what names the study: another list over the same space is another study."""
    whole = {"space": space.digest(), "list": trained.digest()}
    return digest_of(whole | ({"race": rule} if rule else {}))


def _listed(database: Database, recipes: Recipes) -> list[ListedRecipe]:
    """Return the complete recipes with their labels.

    Raises:
        SpaceError: There is none, or two are equal.
    """
    entries: list[tuple[str, Recipe | str | ListedRecipe]]
    if isinstance(recipes, Mapping):
        entries = list(recipes.items())
    else:
        entries = [(_label(given, i), given) for i, given in enumerate(recipes, start=1)]
    if not entries:
        raise SpaceError("a list needs at least one recipe, and this one is empty.")
    found: list[ListedRecipe] = []
    first: dict[tuple[str, int | None], int] = {}
    for i, (label, given) in enumerate(entries):
        entry = _entry(database, label, given)
        recipe = completed(entry.recipe).model_copy(update={"seed": 0})
        if (other := first.setdefault((recipe.digest(), entry.seed), i)) != i:
            equal = f"{entries[other][0]!r} and {label!r}"
            raise SpaceError(f"the recipes {equal} are equal. Leave one out.")
        found.append(entry.model_copy(update={"recipe": recipe}))
    return found


def _label(given: Recipe | str | ListedRecipe, number: int) -> str:
    if isinstance(given, ListedRecipe):
        return given.label
    return given if isinstance(given, str) else f"recipe {number}"


def _entry(database: Database, label: str, given: Recipe | str | ListedRecipe) -> ListedRecipe:
    if isinstance(given, ListedRecipe):
        return given
    recipe = recipe_of_trial(database, given, option="recipes") if isinstance(given, str) else given
    return ListedRecipe(label=label, recipe=recipe)
