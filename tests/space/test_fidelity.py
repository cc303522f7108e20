"""Spaces whose rungs are cheaper than by their epochs alone."""

from pathlib import Path

import pytest

from autotrick.domain import ReplayChooser
from autotrick.errors import SpaceError
from autotrick.recipe import Fidelity, Recipe
from autotrick.sample import initial_recipes
from autotrick.space import SearchSpace, load
from autotrick.space.schema import json_schema

SPACE = """
question = "Which rate is good?"

[data]
name = "digits"

[fixed]
architecture = "fastnet"
batch_size = 64
EPOCHS

[search]
base_lr = { low = 0.1, high = 1.0 }
SEARCH

[pruning]
PRUNING
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cheaper.toml"


def space(
    path: Path, pruning: str, *, epochs: str = "epochs = 12", search: str = ""
) -> SearchSpace:
    text = SPACE.replace("PRUNING", pruning).replace("EPOCHS", epochs).replace("SEARCH", search)
    path.write_text(text)
    return load(path)


def first(of: SearchSpace) -> Recipe:
    return initial_recipes(of)[0][1]


@pytest.mark.parametrize("method", ["asha", "asha_stop", "hyperband", "median"])
@pytest.mark.parametrize("of", ["data", "image_size"])
def test_recipes_leave_out_at_rungs_what_these_lack_of_all_epochs(
    path: Path, method: str, of: str
) -> None:
    found = space(path, f'method = "{method}"\nfirst = 1\nfactor = 3\nfidelity = "{of}"')

    recipe = first(found)

    assert recipe.fidelity == Fidelity(of=of, rungs=((1, 1 / 12), (3, 0.25), (9, 0.75)))
    assert found.decide(ReplayChooser(found.answers(recipe))) == recipe
    assert SearchSpace.model_validate(found.model_dump(mode="json")).fidelity == recipe.fidelity


def test_space_that_says_nothing_is_named_as_before(path: Path) -> None:
    plain, by_epochs = space(path, 'method = "asha"'), space(path, 'fidelity = "epochs"')
    data = space(path, 'fidelity = "data"')

    assert first(plain).fidelity is None
    assert plain.digest() == by_epochs.digest() == "c032e587aa1000b7"
    assert data.digest() not in (plain.digest(), space(path, 'fidelity = "image_size"').digest())


@pytest.mark.parametrize(
    ("pruning", "sentence"),
    [
        ('method = "none"', "compared at rungs, which 'none' has not. Choose 'asha'"),
        ('method = "pbt"', "compared at rungs, which 'pbt' has not. Choose 'asha'"),
        ("first = 12", "the first rung is at 12. Lower pruning.first"),
    ],
)
def test_what_has_no_rungs_is_refused(path: Path, pruning: str, sentence: str) -> None:
    with pytest.raises(SpaceError, match=r"pruning\.fidelity: ") as error:
        space(path, f'{pruning}\nfidelity = "data"')

    assert sentence in str(error.value)


def test_trials_of_other_lengths_are_refused(path: Path) -> None:
    with pytest.raises(SpaceError, match=r"epochs must stand in \[fixed\]"):
        space(path, 'fidelity = "data"', epochs="", search="epochs = [4, 8]")


def test_editors_complete_it() -> None:
    found = json_schema()["properties"]["pruning"]["properties"]["fidelity"]

    assert found["enum"] == ["epochs", "data", "image_size"]
    assert "of the training images" in found["description"]
