from typing import Any

import pytest

from autotrick.space import Pruning, SearchSpace


@pytest.mark.parametrize(
    ("written", "method"),
    [
        ({}, "median"),
        ({"first": 2}, "median"),
        ({"factor": 3}, "asha"),
        ({"first": 1, "factor": 2}, "asha"),
        ({"method": "none", "factor": 2}, "none"),
    ],
)
def test_a_table_that_names_a_factor_means_rungs(written: dict[str, Any], method: str) -> None:
    assert Pruning.model_validate(written).method == method


def test_what_was_recorded_stays_what_it_was() -> None:
    earlier = {"method": "asha", "first": 1, "factor": 3}

    assert Pruning.model_validate(earlier).model_dump().items() >= earlier.items()
    assert Pruning.model_validate(Pruning().model_dump()) == Pruning()


def test_several_objectives_are_compared_at_rungs() -> None:
    raw = {
        "name": "two",
        "question": "Which is good and small?",
        "data": {"name": "digits"},
        "fixed": {"architecture": "lenet5", "batch_size": 32, "epochs": 9, "base_lr": 0.1},
        "tricks": {"mixup": {}},
        "objective": {"objectives": ["accuracy", "parameters"]},
    }

    assert SearchSpace.model_validate(raw).pruning.method == "asha"
    assert SearchSpace.model_validate(raw | {"objective": {}}).pruning.method == "median"
