"""Whatever stands in a space file, the answer is a space or one line."""

import copy
import math
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrick.errors import SpaceError
from autotrick.space import SearchSpace, by_hand, load

TABLES: dict[str, Any] = {
    "name": "whole",
    "question": "?!",
    "data": {"name": "digits", "validation": 0.1},
    "fixed": {"epochs": 6, "batch_size": 64},
    "search": {"architecture": ["lenet5"], "base_lr": {"low": 0.02, "high": 0.5, "log": True}},
    "architectures": {"lenet5": {"width": [1.0]}},
    "tricks": {
        "mixup": {"alpha": 0.2, "always": True},
        "searched_policy": {"policy": {"names": ["Rotate"]}},
    },
    "slots": {"mix": "always"},
    "study": {"trials": 4},
    "pruning": {"first": 1},
    "recipes": [{"label": "a", "answers": {"base_lr": 0.1}}],
}
Path = tuple[Any, ...]


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    """Return the path to every value inside tables and lists."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*at, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*at, key))


def replaced(place: Path, junk: object) -> dict[str, Any]:
    tables = copy.deepcopy(TABLES)
    table: Any = tables
    for key in place[:-1]:
        table = table[key]
    table[place[-1]] = junk
    return tables


def outcome(tables: dict[str, Any]) -> SearchSpace | str:
    try:
        return SearchSpace.model_validate(tables)
    except SpaceError as error:
        return str(error)


words = st.sampled_from(["", "search", "always", "off", "\n", "low"])
junk_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)


@given(place=st.sampled_from(list(places(TABLES))), junk=junk_values)
def test_junk_anywhere_is_one_line_and_no_crash(place: Path, junk: object) -> None:
    found = outcome(replaced(place, junk))

    if isinstance(found, str):
        assert found.endswith(".") and "\n" not in found
    else:
        assert SearchSpace.model_validate(found.model_dump(mode="json")) == found


def test_without_junk_it_is_a_space() -> None:
    assert isinstance(outcome(TABLES), SearchSpace)


NOT_A_NUMBER = r"must be a number, but got"


@pytest.mark.parametrize(
    ("place", "junk", "message"),
    [
        (("data", "image_size"), "32", r"data.image_size: must be a whole number, but got '32'"),
        (("data", "split_seed"), True, r"data.split_seed: must be a whole number, but got True"),
        (("data", "validation"), "0.1", rf"data.validation: {NOT_A_NUMBER} '0.1'"),
        (("objective",), {"reward": {"measure": "seconds", "target": "9"}}, NOT_A_NUMBER),
        (("objective",), {"reward": {"measure": "seconds", "target": True}}, NOT_A_NUMBER),
        (("objective",), {"objectives": "accuracy"}, r"must be a list, but got 'accuracy'"),
        (
            ("objective",),
            {"reward": {"measur": "seconds", "measure": "seconds", "target": 9}},
            r"objective.reward: unknown key 'measur'. Did you mean 'measure'\? Keys: exponent",
        ),
        (
            ("study", "plateau"),
            {"trials": 2, "delt": 3},
            r"study.plateau: unknown key 'delt'. Did you mean 'delta'\? Keys: delta, trials\.$",
        ),
        (("recipes",), ["a"], r"recipes.0: must be a table, but got 'a'"),
        (
            ("recipes", 0, "answers", "base_lr"),
            [1],
            r"^recipes.0.answers: must be plain values: base_lr is a number, a string, true or "
            r"false, but got [^;]*$",
        ),
        (("search", "base_lr", "high"), 10**400, r"high must be a number of at most 64 bits"),
        (("fixed", "batch_size"), 2**63, r"fixed.batch_size: must be a number of at most 64 bits"),
        (("search", "base_lr", "low"), 1e-320, r"low must be 0 or 1e-300 at least, but got 1e-320"),
        (
            ("search", "base_lr"),
            {"low": 1e-290, "high": 1e290, "log": True},
            r"is too wide to compute with, from 1e-290 to 1e\+290",
        ),
    ],
    ids=str,
)
def test_each_confusion_is_named(place: Path, junk: object, message: str) -> None:
    found = outcome(replaced(place, junk))

    assert isinstance(found, str) and re.search(message, found), found


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"base_lr": "fast"}, r"base_lr='fast' is not in 0.02 to 0.5 \(log\)"),
        ({"base_lr": math.nan}, "base_lr=nan is not in"),
        ({"base_lr": 10**400}, "base_lr=10+ is not in"),
        ({"batch_size": "many"}, "batch_size='many' is not in 8 to 64"),
        ({"batch_size": 8.0}, "batch_size=8.0 is not in 8 to 64"),
    ],
    ids=str,
)
def test_answers_of_another_type_are_one_line(answers: dict[str, Any], message: str) -> None:
    tables = replaced(("recipes",), [{"label": "a", "answers": answers}])
    del tables["fixed"]["batch_size"]
    tables["search"]["batch_size"] = {"low": 8, "high": 64}

    with pytest.raises(SpaceError, match=rf"recipes.0.answers: {message}"):
        by_hand(SearchSpace.model_validate(tables))


def test_number_of_thousands_of_digits_is_one_line(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "long.toml"
    path.write_text(f"question = {'1' * 5000}\n")

    with pytest.raises(SpaceError, match=r"long.toml: is not TOML: a number has too many digits"):
        load(path)
