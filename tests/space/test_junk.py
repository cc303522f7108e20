"""Whatever stands in a space file, the answer is a space or one line."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from autotrick.errors import SpaceError
from autotrick.space import SearchSpace

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
