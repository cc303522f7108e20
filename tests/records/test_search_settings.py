"""Search settings read and write the keys that studies have always been recorded with."""

from typing import Any

import pytest

from autotrick.errors import RecordsError
from autotrick.records import SearchSettings

RECORDED: dict[str, Any] = {
    "trials": 40,
    "trial_hours": 2.0,
    "cost_per_hour": 0.5,
    "max_cost": 9.0,
    "plateau": {"trials": 10, "delta": 0.01},
    "plateau_since": 4,
    "resources": {"address": None, "storage": "/files"},
    "heritage": {"sources": ["first"], "queue": [], "past": []},
    "list": {"recipes": [], "seeds": [0]},
    "of_another_version": {"kept": True},
}


def test_recorded_keys_come_back_as_they_were() -> None:
    found = SearchSettings.of("mine", RECORDED)

    assert found.warm_start == RECORDED["heritage"] and found.recipes == RECORDED["list"]
    assert (found.trials, found.plateau_since) == (40, 4)
    assert found.to_json() == RECORDED


def test_what_is_not_set_is_not_recorded() -> None:
    assert SearchSettings(trials=3).to_json() == {"trials": 3}


def test_settings_that_cannot_be_read_are_a_sentence() -> None:
    with pytest.raises(RecordsError, match="budget of study 'mine' cannot be read: trials"):
        SearchSettings.of("mine", {"trials": "many"})
