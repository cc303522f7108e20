"""The checks of written pages see what is wrong in one, and find nothing in ours."""

from pathlib import Path

import pytest

from docs import checks

ROOT = Path(__file__).parents[2]
SPACES = (ROOT / "docs" / "spaces.md").read_text()


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("`autotrick.space.lode` reads it.", "no Python name autotrick.space.lode"),
        ("`autotrick.nowhere.load` reads it.", "no Python name autotrick.nowhere.load"),
        ("`autotrick.SearchSpace.decided` walks.", "no Python name autotrick.SearchSpace.decided"),
        ("See `tests/test_nothing.py`.", "no file tests/test_nothing.py"),
        ("Run `autotrick serch SPACE`.", "no command autotrick serch"),
        ("Run `autotrick search SPACE --tirals 4`.", "no option --tirals of autotrick search"),
        ("```sh\nautotrick policy shows NAME\n```\n", "no command autotrick shows"),
        ("`python -m benchmarks.nothing`", "no module benchmarks.nothing"),
        ("[a page](nothing.md#there)", "no page nothing.md"),
    ],
)
def test_what_is_not_there_is_named(page: str, fault: str) -> None:
    assert list(checks.faults(page, ROOT / "docs")) == [fault]


@pytest.mark.parametrize(
    "page",
    [
        "`autotrick.recipe.Recipe.digest`, `autotrick.recipe.Recipe.epochs`",
        "`autotrick/space/`, `tests/chaos`",
        "`autotrick search --sampler NAME`, `autotrick STUDY`, `autotrick database upgrade`",
        "[a page](spaces.md#slots), [elsewhere](https://example.org), [here](#slots)",
    ],
)
def test_what_is_there_is_no_fault(page: str) -> None:
    assert list(checks.faults(page, ROOT / "docs")) == []


def test_every_key_of_a_space_has_an_example() -> None:
    assert checks.missing_keys(SPACES) == []


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("split_seed = 0\n", "data.split_seed"),
        ("delta = 0.001\n", "study.plateau.delta"),
        ("share = 0.25\n", "pruning.share"),
        ('label = "the one from the paper"\n', "recipes.label"),
        (", step = 2", "search.*.step"),
        ("always = true\n", "tricks.always"),
        (
            ', names = ["Rotate", "ShearX", "Color", "Contrast"]',
            "tricks.searched_policy.policy.names",
        ),
    ],
)
def test_a_key_without_an_example_is_missed(line: str, key: str) -> None:
    without = SPACES.replace(line, "")

    assert without != SPACES
    assert checks.missing_keys(without) == [key]
