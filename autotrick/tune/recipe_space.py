"""The space of a list study: the smallest one that contains the recipes of a list."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autotrick.domain import Value
from autotrick.errors import SpaceError
from autotrick.models import find as find_architecture
from autotrick.models.catalogue import complete
from autotrick.objective import Objective
from autotrick.recipe import Recipe, Settings
from autotrick.space import SearchSpace
from autotrick.space.fields import SEARCHABLE
from autotrick.space.own import code_of, record_of
from autotrick.tricks import assemble, find


def completed(recipe: Recipe) -> Recipe:
    """Return the recipe with every setting of its tricks and architecture, at the default if not given.

    Raises:
        RecipeError: It has an unknown trick or setting, or tricks that exclude each other.
        NotFoundError: Its architecture does not exist.
    """
    assemble(recipe)
    tricks: dict[str, Settings] = {
        name: {spec.name: given.get(spec.name, spec.default) for spec in find(name).settings()}
        for name, given in recipe.tricks.items()
    }
    settings = complete(recipe.architecture, recipe.architecture_settings)
    code = code_of(record_of([recipe.architecture], tricks), recipe.architecture, tricks)
    changes = {"tricks": tricks, "architecture_settings": settings, "code": code}
    return recipe.model_copy(update=changes)


def space_of(
    recipes: Sequence[Recipe], *, name: str, question: str, objective: Objective
) -> SearchSpace:
    """Return the smallest space that contains complete recipes, without pruning.

    Two values that a space cannot list as options, such as two policies, or that rules between
    settings do not allow together, leave the first recipe's value alone.

    Raises:
        SpaceError: The recipes have different data sets.
    """
    refs = {recipe.data.model_copy(update={"fingerprint": ""}) for recipe in recipes}
    if len(refs) > 1:
        names = ", ".join(sorted(ref.model_dump_json() for ref in refs))
        raise SpaceError(f"the recipes of a list share one data set, but got {names}.")
    try:
        return _space(recipes, name, question, objective)
    except SpaceError:
        return _space(recipes[:1], name, question, objective)


def _space(
    recipes: Sequence[Recipe], name: str, question: str, objective: Objective
) -> SearchSpace:
    fixed: dict[str, Any] = {}
    search: dict[str, Any] = {}
    for field in SEARCHABLE:
        options = _distinct(getattr(recipe, field) for recipe in recipes)
        if len(options) == 1:
            fixed[field] = options[0]
        else:
            search[field] = options
    by_architecture: dict[str, list[Settings]] = {}
    by_trick: dict[str, list[Settings]] = {}
    for recipe in recipes:
        given = {
            spec.name: spec.default for spec in find_architecture(recipe.architecture).settings
        }
        given |= recipe.architecture_settings
        by_architecture.setdefault(recipe.architecture, []).append(given)
        for trick, settings in recipe.tricks.items():
            by_trick.setdefault(trick, []).append(settings)
    return SearchSpace.model_validate(
        {
            "name": name,
            "question": question,
            "data": recipes[0].data.model_dump(mode="json"),
            "fixed": fixed,
            "search": search,
            "architectures": {name: _options(held) for name, held in by_architecture.items()},
            "tricks": {
                trick: _options(held) | ({"always": True} if len(held) == len(recipes) else {})
                for trick, held in by_trick.items()
            },
            "pruning": {"method": "none"},
            "objective": objective.model_dump(mode="json"),
            "code": record_of(by_architecture, by_trick, recipes[0].data.name).model_dump(
                mode="json"
            ),
        }
    )


def _options(held: Sequence[Mapping[str, Value]]) -> dict[str, Any]:
    """Return each setting's value, or the list of its values."""
    found: dict[str, Any] = {}
    for name in held[0]:
        values = _distinct(settings[name] for settings in held)
        scalar = all(isinstance(value, bool | int | float | str) for value in values)
        found[name] = values if len(values) > 1 and scalar else values[0]
    return found


def _distinct(values: Iterable[Value]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found
