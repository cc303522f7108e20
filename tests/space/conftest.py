import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from autotrick.space import SearchSpace

TABLES: dict[str, Any] = {
    "name": "small",
    "question": "Which tricks help?",
    "data": {"name": "digits"},
    "fixed": {"architecture": "lenet5", "epochs": 6, "batch_size": 64},
    "search": {"base_lr": {"low": 0.02, "high": 0.5, "log": True}},
}


@pytest.fixture
def tables() -> dict[str, Any]:
    """A space with one decision, as TOML would give it."""
    return copy.deepcopy(TABLES)


@pytest.fixture
def space_with() -> Callable[[Mapping[str, Any]], SearchSpace]:
    """Makes the small space with further tables, or with others in place of its own."""

    def make(further: Mapping[str, Any]) -> SearchSpace:
        return SearchSpace.model_validate({**copy.deepcopy(TABLES), **further})

    return make
