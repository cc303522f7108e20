"""What is told of a study that another process searches."""

from collections.abc import Callable
from typing import Any

from autotrick import records
from autotrick.tune.follow import Follower

Say = Callable[..., str]


def launch(driver: Any, handle: str) -> None:
    assert driver.next(handle) is not None
    driver.on_start(handle, "10.0.0.7")


def told(follower: Follower) -> list[tuple[Any, ...]]:
    return [
        (event.kind, event.number, event.report.epoch if event.report else None)
        for event in follower.news()
    ]


def follower_of(desk: Any) -> Follower:
    return Follower.of(desk.database, records.study(desk.database, desk.space.name))


def test_everything_is_told_once_and_in_order(desk: Any, say: Say) -> None:
    driver = desk.driver()
    follower = follower_of(desk)
    launch(driver, "a")
    launch(driver, "b")
    driver.on_message("a", say(0.3, 0.4))

    first = told(follower)
    driver.on_message("a", say(0.5, 0.6, start=3))
    driver.on_message("b", say(failure=("nan_loss", "the loss became nan.")))
    second, third = told(follower), told(follower)

    assert first == [("started", 0, None), ("epoch", 0, 1), ("epoch", 0, 2), ("started", 1, None)]
    assert second == [("epoch", 0, 3), ("epoch", 0, 4), ("complete", 0, 4), ("failed", 1, None)]
    assert third == []


def test_trial_that_begins_and_ends_between_two_looks_is_told_of(desk: Any, say: Say) -> None:
    driver = desk.driver()
    follower = follower_of(desk)
    launch(driver, "a")
    driver.on_message("a", say(0.3, 0.4, 0.5, 0.6))

    assert [entry[0] for entry in told(follower)] == [*["epoch"] * 4, "complete"]
    assert told(follower) == []


def test_what_ended_before_is_not_told_and_what_runs_is_told_whole(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    launch(driver, "b")
    driver.on_message("a", say(0.3, 0.4, 0.5, 0.6))
    driver.on_message("b", say(0.7, 0.8))

    assert told(follower_of(desk)) == [("started", 1, None), ("epoch", 1, 1), ("epoch", 1, 2)]


def test_trial_that_goes_on_after_a_loss_is_told_to_have_started_again(desk: Any, say: Say) -> None:
    driver = desk.driver()
    follower = follower_of(desk)
    launch(driver, "a")
    driver.on_message("a", say(0.3))
    told(follower)

    driver.on_lost("a")
    waiting = told(follower)
    launch(driver, "b")

    assert (waiting, told(follower)) == ([("paused", 0, 1)], [("started", 0, None)])


def test_trial_that_runs_and_pauses_between_two_looks_is_told_to_have_paused(
    desk: Any, say: Say
) -> None:
    driver = desk.driver()
    follower = follower_of(desk)
    launch(driver, "a")
    driver.on_message("a", say(0.3))
    driver.on_lost("a")

    assert told(follower) == [("epoch", 0, 1), ("paused", 0, 1)]
    assert told(follower) == []


def test_driver_that_is_asked_to_stop_launches_and_continues_nothing(desk: Any, say: Say) -> None:
    driver = desk.driver()
    study = records.study(desk.database, desk.space.name)
    records.acquire_lease(desk.database, study.id, records.this_process(), stale_after=60)
    launch(driver, "a")

    before = driver.on_message("a", say(0.3))
    records.ask_to_stop(desk.database, study.name, stale_after=60)
    desk.claim.renew()
    driver.renew()

    assert (before, driver.asked_to_stop) == (True, True)
    assert (driver.on_message("a", say(0.4, start=2)), driver.next("b")) == (False, None)
    driver.close("asked to stop")
    assert desk.attempts(0) == [("stopped", "asked to stop")]
    assert (desk.study_state(), desk.curve(0)) == ("stopped", [0.3, 0.4])
