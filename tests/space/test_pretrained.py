"""Pretrained weights in a space: what may be listed, what a search asks for, and what recipes name."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from autotrick.domain import Choice
from autotrick.errors import SpaceError
from autotrick.recipe import Recipe
from autotrick.space import Grid, SearchSpace, load
from autotrick.space.defaults import all_off, by_hand
from autotrick.space.describe import decisions
from autotrick.space.load import files_of
from autotrick.space.membership import why_not_in_space
from autotrick.space.pretrained import pinned
from autotrick.tune.recipe_space import completed, space_of

NET = "timm/test_resnet"
BODY = """
question = "Does it help to start from pretrained weights?"
[data]
name = "digits"
[fixed]
architecture = "timm/test_resnet"
batch_size = 64
epochs = 2
[search]
base_lr = [0.05, 0.1]
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import timm

    folder = tmp_path_factory.mktemp("saved")
    torch.manual_seed(5)
    network = timm.create_model("test_resnet", num_classes=7)
    timm.models.save_for_hf(network, str(folder / "test_resnet"), safe_serialization=True)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    shutil.copytree(saved, tmp_path / "weights")
    return tmp_path


def space_in(folder: Path, settings: str, further: str = "") -> SearchSpace:
    path = folder / "space.toml"
    path.write_text(f'{BODY}\n[architectures."{NET}"]\n{settings}\n{further}')
    return load(path)


def asked(space: SearchSpace) -> dict[str, str]:
    return {decision.name: decision.when for decision in decisions(space)}


def test_a_space_without_them_is_as_it_ever_was(tables: dict[str, Any]) -> None:
    """Spaces and recipes of before there was a choice keep their digests."""
    tables["fixed"]["architecture"] = NET
    plain = SearchSpace.model_validate(tables)
    said = {NET: {"pretrained": False, "freeze": "none"}}

    assert SearchSpace.model_validate(tables | {"architectures": said}).digest() == plain.digest()
    assert plain.model_dump(mode="json")["architectures"] == {NET: {"small_stem": "auto"}}
    assert all_off(plain).architecture_settings == {"small_stem": "auto"}


def test_freezing_is_asked_for_where_the_network_is_pretrained(folder: Path) -> None:
    settings = 'pretrained = ["weights", false]\nfreeze = ["none", "head", "layer2"]'
    space = pinned(space_in(folder, settings))

    assert asked(space)[f"{NET}.freeze"] == f"{NET}.pretrained is not false"
    grid = Grid(space)
    recipes = [grid.recipe(index) for index in range(grid.size)]
    # Two rates x (random weights, or three ways to freeze).
    assert grid.size == 8 == len({recipe.digest() for recipe in recipes})
    for recipe in recipes:
        mine = recipe.architecture_settings
        assert "pretrained" in mine or "freeze" not in mine
        assert why_not_in_space(space, recipe) == ""
    drawn = [r for r in recipes if "pretrained" not in r.architecture_settings]
    assert {str(r.architecture_settings) for r in drawn} == {"{'small_stem': 'auto'}"}


def test_recipes_name_weights_by_file_and_digest(folder: Path) -> None:
    space = pinned(space_in(folder, 'pretrained = "weights"'))

    name, _, digest = str(all_off(space).architecture_settings["pretrained"]).rpartition("@")

    assert Path(name) == folder / "weights" / "test_resnet" / "model.safetensors"
    assert len(digest) == 16
    assert pinned(space) == space
    # As a database keeps it.
    assert pinned(SearchSpace.model_validate(space.model_dump(mode="json"))) == space
    Path(name).write_bytes(Path(name).read_bytes()[:-1] + b"!")
    with pytest.raises(SpaceError, match="they are other weights"):
        pinned(space)


def test_answers_and_priors_follow_the_names(folder: Path) -> None:
    path = str(folder / "weights" / "test_resnet" / "model.safetensors")
    settings = (
        f'pretrained = {{ options = [false, "{path}"], prior = "{path}", confidence = "high" }}'
    )
    recipes = (
        f'[[recipes]]\nlabel = "mine"\nanswers = {{ "{NET}.pretrained" = "{path}" }}\n'
        f'[study]\nbase = {{ "{NET}.pretrained" = "{path}" }}'
    )

    space = pinned(space_in(folder, settings, recipes))

    domain = space.architectures[NET]["pretrained"]
    assert isinstance(domain, Choice) and domain.prior is not None
    pin = domain.prior.value
    assert pin in domain and str(pin).startswith(f"{path}@")
    assert by_hand(space)[0][1].architecture_settings["pretrained"] == pin
    assert all_off(space).architecture_settings["pretrained"] == pin


@pytest.mark.parametrize(
    ("settings", "further", "message"),
    [
        ("freeze = 'head'", "", "freeze: means nothing without pretrained"),
        ("pretrained = false\nfreeze = ['head', 'none']", "", "means nothing without pretrained"),
        ("pretrained = 3", "", "pretrained: must be true, false or a string, but got 3"),
        ("pretrained = ''", "", "pretrained is true, false, or"),
        ("pretrained = []", "", "pretrained: a choice needs at least one option"),
        (
            "pretrained = ['nowhere', false]",
            "",
            "no file or folder at /.*nowhere, and no published",
        ),
        ("pretrained = true\nfreeze = 'stage9'", "", "has no part 'stage9' to freeze. Its parts"),
        (
            "pretrained = [true, false]",
            "[tricks.initialisation]",
            "tricks.initialisation: timm/test_resnet may be pretrained, and initialisation cannot",
        ),
        ("pretrained = true", "[tricks.pretrained_start]", "also sets the initial weights"),
    ],
)
def test_what_cannot_be_is_told_when_the_space_is_read(
    folder: Path, settings: str, further: str, message: str
) -> None:
    with pytest.raises(SpaceError, match=message):
        space_in(folder, settings, further)


def test_the_same_file_twice_is_told(folder: Path) -> None:
    twice = "pretrained = ['weights', 'weights/test_resnet/model.safetensors']"
    with pytest.raises(SpaceError, match="two options of `pretrained` are the same weights"):
        space_in(folder, twice)


def test_files_in_the_spaces_folder_are_sent_with_it(folder: Path) -> None:
    space_in(folder, 'pretrained = [false, "weights"]')
    sent = files_of(folder / "space.toml")
    assert sent == [
        "space.toml",
        "weights/test_resnet/config.json",
        "weights/test_resnet/model.safetensors",
    ]
    elsewhere = folder / "weights" / "test_resnet" / "model.safetensors"
    inner = folder / "inner"
    inner.mkdir()
    space_in(inner, f'pretrained = "{elsewhere}"')
    with pytest.raises(SpaceError, match="only files of its own folder"):
        files_of(inner / "space.toml")


def test_a_list_of_recipes_with_and_without_is_a_space(folder: Path) -> None:
    space = pinned(space_in(folder, 'pretrained = ["weights", false]\nfreeze = ["none", "head"]'))
    grid = Grid(space)
    recipes = [completed(grid.recipe(index)) for index in range(grid.size)]

    found = space_of(recipes, name="list", question="Which?", objective=space.objective)

    assert [why_not_in_space(found, recipe) for recipe in recipes] == [""] * len(recipes)
    assert [r.digest() for r in recipes] == [grid.recipe(i).digest() for i in range(grid.size)]


def test_recipes_recorded_before_are_of_the_space_with_the_choice(folder: Path) -> None:
    space = pinned(space_in(folder, 'pretrained = ["weights", false]'))
    old = Recipe(
        data=space.data,
        architecture=NET,
        architecture_settings={"small_stem": "auto"},
        epochs=2,
        batch_size=64,
        base_lr=0.05,
    )

    assert why_not_in_space(space, old) == ""
    assert space.answers(old)[f"{NET}.pretrained"] is False
