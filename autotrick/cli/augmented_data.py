"""Writing an augmented data set."""

from pathlib import Path

from pydantic import ValidationError

from autotrick import space
from autotrick.augment import presets
from autotrick.errors import RecipeError, TrickError
from autotrick.recipe import Recipe, Settings
from autotrick.space.augmentation_rules import Profile
from autotrick.tricks import build
from autotrick.user_files import read_json


def write_data_set(
    source: Path,
    output: Path,
    *,
    factor: int | None,
    preset: str | None,
    seed: int | None,
    data_dir: Path | None,
) -> str:
    """Write the data set; return sentences on what was written and how to use it.

    Raises:
        RecipeError: The file does not hold a recipe, or the recipe has no trick that augments images.
        TrickError: There is no preset of that name.
    """
    from autotrick.data import load, source_names
    from autotrick.train.write_augmented import write_augmented

    if source.suffix == ".json":
        recipe = _recipe(source)
        profile = None
    else:
        loaded = space.load(source)
        recipe, profile = space.published_defaults(loaded), loaded.augmentation
    if preset is not None:
        recipe = recipe.model_copy(update={"tricks": _tricks_of(preset, profile)})
    if seed is not None:
        recipe = recipe.model_copy(update={"seed": seed})
    data = load(recipe.data, data_dir=data_dir)
    names = source_names(recipe.data, data, data_dir=data_dir)
    recipe = recipe.model_copy(update={"data": data.resolve(recipe.data)})
    manifest = write_augmented(recipe, data, output, factor=factor, names=names)
    copies = manifest["images"] - len(data.train)
    return (
        f"{output}: {manifest['images']:,} training images (x{manifest['factor']}) with {', '.join(manifest['tricks'])}\n"
        f"{_equal(manifest['equal'], copies)}; {output / 'sources.csv'} says what each image was made from\n"
        f'in a space: [data] name = "parquet:{output}", validation = false'
    )


def _equal(equal: int, copies: int) -> str:
    """Return in words how many copies add nothing new."""
    if not equal:
        return f"none of the {copies:,} copies equals its original or another copy of it"
    verb = "equal" if equal > 1 else "equals"
    return f"{equal:,} of the {copies:,} copies {verb} the original or another copy, however drawn"


def _tricks_of(name: str, profile: Profile | None) -> dict[str, Settings]:
    """Return the tricks of a preset with all their settings.

    Raises:
        TrickError: There is no preset of that name, or the space forbids one of its transformations.
    """
    found = {}
    for trick, settings in presets.preset(name).items():
        made = build(trick, settings)
        forbidden = sorted(t for t in made.transformations() if profile and profile.bars(t))
        if forbidden:
            raise TrickError(
                f"{name}: {trick} does {', '.join(forbidden)}, which [augmentation] forbids. Write a space "
                "with the other tricks."
            )
        found[trick] = made.values()
    return found


def _recipe(path: Path) -> Recipe:
    content = read_json(path, RecipeError)
    try:
        return Recipe.model_validate(content.get("recipe", content))
    except (ValidationError, ValueError, AttributeError):
        raise RecipeError(
            f"{path}: does not hold a recipe. To write one: autotrick show STUDY TRIAL --json > {path.name}"
        ) from None
