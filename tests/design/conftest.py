from collections.abc import Callable, Mapping
from typing import Any

import pytest

from autotrick.space import SearchSpace

BASE: dict[str, Any] = {
    "name": "made",
    "question": "Which tricks help?",
    "data": {"name": "digits"},
    "fixed": {"architecture": "lenet5", "epochs": 6, "batch_size": 64, "base_lr": 0.1},
}


@pytest.fixture
def space_of() -> Callable[..., SearchSpace]:
    """Makes a space of some tricks, given as tables or as names without settings to search."""

    def make(*names: str, slots: Mapping[str, str] | None = None, **tricks: Any) -> SearchSpace:
        listed = {name: {} for name in names} | tricks
        further = {"slots": dict(slots)} if slots else {}
        return SearchSpace.model_validate({**BASE, "tricks": listed, **further})

    return make
