"""What differs between two spaces is said by key, with both values."""

from typing import Any

import pytest

from autotrick.records.space_differences import differences

OLD: dict[str, Any] = {
    "data": {"name": "digits", "fingerprint": "a", "validation": 0.1},
    "search": {"base_lr": {"low": 0.1, "high": 0.8, "log": True}},
    "tricks": {"mixup": {"alpha": 0.2}, "flip": {}},
    "study": {"trials": 3},
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"study": {"trials": 9}}, ""),
        ({"data": {"name": "digits", "fingerprint": "b", "validation": None}}, ""),
        ({"data": {"name": "mnist", "fingerprint": "a"}}, 'data.name is "mnist" and was "digits"'),
        (
            {"tricks": {"mixup": {"alpha": 0.2}, "cutout": {}}},
            "tricks.flip is gone; tricks.cutout is new",
        ),
        (
            {"tricks": {"mixup": {"alpha": 0.3}, "flip": {}}},
            "tricks.mixup.alpha is 0.3 and was 0.2",
        ),
        (
            {"search": {"base_lr": {"low": 0.2, "high": 0.8, "log": True}}},
            'search.base_lr is {"low": 0.2, "high": 0.8, "log": true} and was '
            '{"low": 0.1, "high": 0.8, "log": true}',
        ),
        ({"constraints": {"memory": 3}}, "constraints.memory is new"),
        ({"fixed": {str(i): i for i in range(9)}}, "and 3 more"),
    ],
    ids=str,
)
def test_the_keys_that_differ_are_named(change: dict[str, Any], said: str) -> None:
    found = differences(OLD, OLD | change)

    assert found.endswith(said) and bool(found) == bool(said)
