from typing import Any

import pytest

from autotrick.space import Pruning
from autotrick.tune.cluster import worker
from autotrick.tune.cluster.worker import PACE_S, Pace
from autotrick.tune.schedulers.pruning import pruner
from tests.tune.clock import Clock, stopped


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped(monkeypatch, worker)


def test_first_epoch_is_sent_at_once_and_quick_ones_wait(clock: Clock) -> None:
    pace = Pace(())

    assert [pace.due(epoch) for epoch in (1, 2, 3)] == [True, False, False]
    clock.now += PACE_S
    assert [pace.due(epoch) for epoch in (4, 5)] == [True, False]


def test_slow_epochs_are_all_sent_at_once(clock: Clock) -> None:
    pace = Pace(())

    for epoch in range(1, 5):
        clock.now += 1.0
        assert pace.due(epoch)


@pytest.mark.usefixtures("clock")
def test_an_epoch_that_the_driver_waits_for_is_sent_at_once() -> None:
    pace = Pace((1, 3, 9))

    assert [epoch for epoch in range(1, 10) if pace.due(epoch)] == [1, 3, 9]


@pytest.mark.parametrize(
    ("settings", "awaited"),
    [
        ({"method": "asha", "first": 1, "factor": 3}, (1, 3, 9)),
        ({"method": "asha", "first": 2, "factor": 2}, (2, 4, 8)),
        ({"method": "asha_stop", "first": 2, "factor": 2}, ()),
        ({"method": "median", "first": 6}, ()),
        ({"method": "none"}, ()),
    ],
)
def test_trials_wait_where_they_may_be_paused(
    settings: dict[str, Any], awaited: tuple[int, ...]
) -> None:
    assert pruner(Pruning(**settings), 10).sync_epochs(5, 10) == awaited


def test_trials_of_a_bracket_wait_for_its_rungs() -> None:
    found = pruner(Pruning(method="hyperband", first=1, factor=3), 9)

    assert {found.sync_epochs(trial, 8) for trial in range(12)} == {(1, 3), (3,), ()}


def test_epochs_of_one_message_are_recorded_up_to_the_one_that_ends_the_trial(
    desk: Any, say: Any
) -> None:
    driver = desk.driver()
    for handle in "abc":
        driver.next(handle)
        driver.on_start(handle, "10.0.0.7")

    assert driver.on_message("a", say(0.5, 0.6, 0.7, saved=3))
    assert driver.on_message("b", say(0.6, 0.9))
    goes_on = driver.on_message("c", say(0.3, 0.8, 0.9, saved=3))

    assert not goes_on
    assert (desk.curve(0), desk.curve(2)) == ([0.5, 0.6, 0.7], [0.3])
    assert (desk.trial(0).state, desk.trial(2).state) == ("running", "pruned")
    assert [event.report.epoch for event in desk.events if event.kind == "epoch"][:3] == [1, 2, 3]


def test_trials_that_are_not_paused_wait_for_no_decision(desk: Any) -> None:
    import json

    driver = desk.driver()
    found = [json.loads(driver.next(handle)["assignment"])["sync_epochs"] for handle in "ab"]

    assert found == [[], []]
