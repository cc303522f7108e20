"""What `augment` does."""

import json
from pathlib import Path

from pydantic import ValidationError

from autotrick import space
from autotrick.errors import RecipeError
from autotrick.recipe import Recipe


def write_data_set(
    source: Path, output: Path, *, factor: int, seed: int | None, data_dir: Path | None
) -> str:
    """Write the data set; return what to say.

    Raises:
        RecipeError: The file holds no recipe, or one without a trick that augments images.
    """
    from autotrick.data import load
    from autotrick.train.offline import write_augmented

    if source.suffix == ".json":
        recipe = _recipe(source)
    else:
        recipe = space.published_defaults(space.load(source))
    if seed is not None:
        recipe = recipe.model_copy(update={"seed": seed})
    data = load(recipe.data, data_dir=data_dir)
    recipe = recipe.model_copy(update={"data": data.resolve(recipe.data)})
    manifest = write_augmented(recipe, data, output, factor=factor)
    return (
        f"{output}: {manifest['images']:,} training images with {', '.join(manifest['tricks'])}\n"
        f'in a space: [data] name = "parquet:{output}", validation = false'
    )


def _recipe(path: Path) -> Recipe:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Recipe.model_validate(content.get("recipe", content))
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read: {error.strerror}.") from None
    except (ValidationError, ValueError, AttributeError):
        raise RecipeError(
            f"{path}: holds no recipe. Write one: autotrick show STUDY TRIAL --json > {path.name}"
        ) from None
