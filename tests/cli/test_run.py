"""Lists of recipes from the command line; the studies themselves are in tests/tune."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autotrick.cli.run import _listed
from autotrick.recipe import DataRef, Recipe

RECIPE = Recipe(
    data=DataRef(name="digits"), architecture="lenet5", epochs=2, batch_size=64, base_lr=0.1
)
PLAIN: dict[str, Any] = RECIPE.model_dump(mode="json")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([PLAIN, {"label": "mine", "recipe": PLAIN}, "digits:3"]),
        "\n".join(map(json.dumps, (PLAIN, {"label": "mine", "recipe": PLAIN}, "digits:3"))),
    ],
    ids=["list", "lines"],
)
def test_a_file_holds_recipes_with_labels_and_trials(folder: Path, text: str) -> None:
    (folder / "all.json").write_text(text)

    found = _listed(("all.json", "digits:4"))

    assert found == {
        "recipe 1": RECIPE,
        "mine": RECIPE,
        "digits:3": "digits:3",
        "digits:4": "digits:4",
    }


def test_a_file_may_be_one_recipe_over_several_lines(folder: Path) -> None:
    (folder / "one.json").write_text(json.dumps(PLAIN, indent=2))

    assert _listed(("one.json",)) == {"recipe 1": RECIPE}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1", "one.json is not JSON"),
        ("{}", "one.json: data: field required."),
        ('["a:1", "a:1"]', "one.json: the label 'a:1' occurs twice. Choose different labels."),
        ("[3]", "one.json: recipe: input should be"),
    ],
)
def test_what_is_not_a_list_of_recipes_is_one_line(
    folder: Path, refused: Callable[..., str], text: str, message: str
) -> None:
    (folder / "one.json").write_text(text)

    assert message in refused("run", "one.json", "--study", "x")


def test_a_file_that_is_missing_is_one_line(refused: Callable[..., str]) -> None:
    said = refused("run", "nothing.json", "--study", "x")

    assert said == "no file nothing.json; a recorded trial is named as STUDY:TRIAL."
