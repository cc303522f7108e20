"""Runs a recipe's tricks added one at a time, and beside another network, as a study of its own.

The first recipe has none of the tricks but those that are always on; each next one has one more, and
the last has all of them. With another network the same two ends are trained with it, so that what the
network gains and what the tricks gain can be told apart. All have the same seeds.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from autotrick import records
from autotrick.analysis.effects import effects
from autotrick.analysis.ladder import ALL, NO_TRICKS, PLUS, PURPOSE
from autotrick.errors import NotFoundError, RecipeError
from autotrick.models import find as find_architecture
from autotrick.recipe import Recipe, Settings
from autotrick.records import Database, StudyRow
from autotrick.space.recorded import recorded_space
from autotrick.tricks import TRICKS
from autotrick.tune.recipe_study import run_recipes
from autotrick.tune.resources import Resources
from autotrick.tune.session import Options

Network = tuple[str, Settings]
"""An architecture by name, with those of its settings that are not at their default."""


def ladder(  # noqa: PLR0913 -- what to train, and how
    database: Database,
    study: str,
    trial: int,
    *,
    order: Sequence[str] = (),
    networks: Sequence[Network] = (),
    seeds: int = 3,
    name: str | None = None,
    resources: Resources | None = None,
    options: Options | None = None,
) -> StudyRow:
    """Train a trial's recipe without its tricks and with one more each time; or finish that study.

    Args:
        order: Its tricks in the order in which they come; None for the most helpful first, by what
            the study found. What a trick needs comes before it.
        networks: Others that are trained without and with all the tricks.
        seeds: Number of seeds of each recipe.
        name: Of the new study; None for `name_of`.

    Raises:
        NotFoundError: The study, the trial or a network does not exist.
        RecipeError: The trial has no tricks that could be added, `order` does not name them all, or a
            network's setting is unknown.
        RecordsError: Another study has that name, or another driver runs it.
        DataError: The data set is missing or damaged.
        ResourceError: The cluster or the disk lacks what a trial needs.
    """
    recipe = records.trial(database, study, trial).recipe
    steps = rungs(
        database, study, recipe, order or recorded_order(database, name or name_of(study, trial))
    )
    recipes = ladder_recipes(recipe, steps, networks)
    return run_recipes(
        recipes,
        database,
        name=name or name_of(study, trial),
        seeds=seeds,
        parent=study,
        question=f"What does each trick of trial {trial} of {study} add to those before it?",
        purpose=PURPOSE,
        more={"ladder": {"trial": trial, "order": list(steps), "networks": _named(networks)}},
        resources=resources,
        options=options,
    )


def name_of(study: str, trial: int) -> str:
    """Return the name of the study of a ladder."""
    return f"{study}-ladder-{trial}"


def recorded_order(database: Database, name: str) -> list[str]:
    """Return the order in which a recorded ladder adds its tricks; none if there is no such study.

    What helped most may have changed since.
    """
    with suppress(NotFoundError):
        return list((records.study(database, name).settings.ladder or {}).get("order", []))
    return []


def rungs(database: Database, study: str, recipe: Recipe, order: Sequence[str] = ()) -> list[str]:
    """Return a recipe's tricks in the order in which they are added.

    Raises:
        RecipeError: There are none, or `order` names others.
    """
    row = records.study(database, study)
    space, _ = recorded_space(row.space)
    always = {name for name, listed in space.tricks.items() if listed.always} if space else set()
    filled = set(space.slots) if space else set()
    free = [n for n in recipe.tricks if n not in always and TRICKS[n].slot not in filled]
    if not free:
        raise RecipeError(
            "the trial has no tricks that could be left out, so there is nothing to add one at a time. "
            "Choose another trial: autotrick best."
        )
    if order and sorted(order) != sorted(free):
        raise RecipeError(
            f"the order names each trick of the trial once: {', '.join(free)}; but got {', '.join(order)}."
        )
    wanted = list(order) or _by_effect(database, study, free)
    found: list[str] = []
    for name in wanted:
        _after_needs(name, wanted, found)
    return found


def ladder_recipes(
    recipe: Recipe, steps: Sequence[str], networks: Sequence[Network] = ()
) -> dict[str, Recipe]:
    """Return the recipes by label.

    Args:
        steps: The tricks that are added, in order.

    Raises:
        NotFoundError: There is no such network.
        RecipeError: It is the recipe's own, or has no such setting.
    """
    base = {name: settings for name, settings in recipe.tricks.items() if name not in steps}
    found = {NO_TRICKS: recipe.model_copy(update={"tricks": base})}
    on: dict[str, Settings] = dict(base)
    for name in steps:
        on = on | {name: recipe.tricks[name]}
        ordered = {trick: on[trick] for trick in recipe.tricks if trick in on}
        found[f"{PLUS}{name}"] = recipe.model_copy(update={"tricks": ordered})
    for architecture, settings in networks:
        label = network_label(architecture, settings)
        fields = {"architecture": architecture, "architecture_settings": dict(settings)}
        _check(recipe, architecture, settings)
        found[f"{label}: {NO_TRICKS}"] = recipe.model_copy(update=fields | {"tricks": base})
        found[f"{label}: {ALL}"] = recipe.model_copy(update=fields)
    return found


def network_label(architecture: str, settings: Settings) -> str:
    """Return a network's name with its settings, such as `fastnet width=1`."""
    return " ".join([architecture, *(f"{key}={value}" for key, value in settings.items())])


def _check(recipe: Recipe, architecture: str, settings: Settings) -> None:
    known = [setting.name for setting in find_architecture(architecture).settings]
    for name in settings:
        if name not in known:
            raise RecipeError(
                f"{architecture} has no setting {name!r}. Its settings: {', '.join(known) or 'none'}."
            )
    if architecture == recipe.architecture and settings.items() <= (
        recipe.architecture_settings.items()
    ):
        raise RecipeError(f"{architecture} is the trial's own network. Name another one.")


def _by_effect(database: Database, study: str, tricks: Sequence[str]) -> list[str]:
    """Return tricks with the most helpful first; those of unknown effect come last, as they are."""
    found = effects(records.trials(database, study), records.curves(database, study))
    known = [row.trick for row in found if row.effect is not None and row.trick in tricks]
    return known + [name for name in tricks if name not in known]


def _after_needs(name: str, wanted: Sequence[str], found: list[str]) -> None:
    for needed in (n for n in wanted if n in TRICKS[name].needs):
        _after_needs(needed, wanted, found)
    if name not in found:
        found.append(name)


def _named(networks: Sequence[Network]) -> list[Mapping[str, object]]:
    return [{"architecture": name, "settings": dict(settings)} for name, settings in networks]
