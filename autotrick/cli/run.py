"""`autotrick run`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autotrick.cli.options import RunOptions, resource_options
from autotrick.errors import RecipeError

if TYPE_CHECKING:
    from autotrick.recipe import Recipe


@click.command()
@click.argument("recipes", nargs=-1, required=True)
@click.option("--study", metavar="NAME", required=True, help="Name of the study.")
@click.option(
    "--seeds",
    type=click.IntRange(1, 1000),
    default=3,
    show_default=True,
    help="Number of seeds for each recipe.",
)
@click.option(
    "--first-seed",
    type=click.IntRange(0, 2**62),
    default=0,
    show_default=True,
    help="First seed; the others follow it.",
)
@click.option("--parent", metavar="STUDY", help="Study that this one belongs to.")
@resource_options
def run(
    recipes: tuple[str, ...],
    study: str,
    seeds: int,
    first_seed: int,
    parent: str | None,
    **options: Any,
) -> None:
    """Train each of RECIPES with the same seeds, as a study.

    A recipe is a recorded trial (STUDY:TRIAL) or a JSON file with a list, or with one value per line. Each
    value is a recipe, an object with a recipe and optionally a label, or STUDY:TRIAL. No trial is pruned.
    After a kill or Ctrl-C, `autotrick resume` continues the study.

    \b
    Example:
        autotrick run best.jsonl fashion_mnist_tricks:12 --study winners --seeds 5 --parent fashion_mnist_tricks
    """
    from autotrick.cli.search_session import run_list

    listed = _listed(recipes)
    run_list(listed, study, range(first_seed, first_seed + seeds), parent, RunOptions(**options))


def _listed(words: tuple[str, ...]) -> "dict[str, Recipe | str]":
    """Return recipes and references by label.

    Raises:
        RecipeError: A file cannot be read, a value is not a recipe, or two have one label.
    """
    found: dict[str, Recipe | str] = {}
    for word in words:
        for value in _values(word):
            label, recipe = _read(value, word, len(found) + 1)
            if label in found:
                raise RecipeError(
                    f"{word}: the label {label!r} occurs twice. Choose different labels."
                )
            found[label] = recipe
    return found


def one_recipe(file: str) -> "Recipe":
    """Return the only recipe of a JSON file.

    Raises:
        RecipeError: It cannot be read, or holds another number of recipes.
    """
    found = list(_listed((file,)).values())
    if len(found) != 1 or isinstance(found[0], str):
        raise RecipeError(f"{file} must hold one recipe, but holds {len(found)} values.")
    return found[0]


def _values(word: str) -> list[Any]:
    """Return the values of a JSON file, or the reference to a trial that the word is."""
    from autotrick.user_files import parse_json, read_text

    file = Path(word)
    if not file.is_file():
        if ":" not in word:
            raise RecipeError(f"no file {word}; a recorded trial is named as STUDY:TRIAL.")
        return [word]
    text = read_text(file, RecipeError)
    lines = [line for line in text.splitlines() if line.strip()]
    if text.lstrip().startswith("["):
        found = parse_json(text, str(file), RecipeError)
        return found if isinstance(found, list) else [found]
    if len(lines) > 1 and text.lstrip().startswith("{\n"):
        return [parse_json(text, str(file), RecipeError)]
    return [
        parse_json(line, f"{file}, line {i}", RecipeError) for i, line in enumerate(lines, start=1)
    ]


def _read(value: Any, where: str, number: int) -> "tuple[str, Recipe | str]":
    """Return the label and the recipe of a value, or the reference to a trial."""
    from pydantic import ValidationError

    from autotrick.recipe import Recipe

    if isinstance(value, str):
        return value, value
    table = value.get("recipe", value) if isinstance(value, dict) else value
    label = value.get("label") if isinstance(value, dict) else None
    try:
        recipe = Recipe.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"])) or "recipe"
        raise RecipeError(f"{where}: {at}: {first['msg'].lower()}.") from error
    return str(label) if label else f"recipe {number}", recipe
