"""A driver that is killed at an awkward moment: what the next one makes of what is on record."""

from collections.abc import Callable
from typing import Any

import pytest

from autotrick import records
from autotrick.space import Plateau
from autotrick.tune.budget import Limits, Meter

Say = Callable[..., str]


def launch(driver: Any, handle: str) -> None:
    assert driver.next(handle) is not None
    driver.on_start(handle, "10.0.0.7")


@pytest.mark.parametrize("method", ["asha", "hyperband"])
def test_trial_that_was_recorded_to_its_last_epoch_becomes_complete(
    desk: Any, make_space: Any, say: Say, method: str
) -> None:
    desk.space, desk.trials = make_space("words", method=f'"{method}"'), 2
    driver = desk.driver()
    launch(driver, "a")
    driver.on_message("a", say(0.9, 0.9, 0.9, 0.9))
    launch(driver, "b")
    # Killed between the record of the last epoch, which is a rung too, and that of the end.
    records.add_reports(desk.database, desk.trial(1).id, say_reports(say(0.1, 0.1, 0.1, 0.1)))
    records.end_open_attempts(desk.database, 1, reason="the driver was lost")

    later = desk.driver()
    launch(later, "c")
    later.on_message("c", say(0.1, 0.1, 0.1, 0.1, finished=True))

    assert desk.states() == ["complete", "complete"]


def say_reports(message: str) -> Any:
    from autotrick.tune.cluster.worker import Message

    return Message.model_validate_json(message).reports


def test_trial_that_was_under_way_at_the_plateau_goes_on_to_its_end(
    desk: Any, make_space: Any, say: Say
) -> None:
    desk.space, desk.trials = make_space("words", method='"none"'), 40

    def meter() -> Meter:
        return Meter(Limits(plateau=Plateau(trials=2)))

    driver = desk.driver(meter=meter())
    for handle in "abcd":
        launch(driver, handle)
    driver.on_message("d", say(0.9, saved=1))
    for handle in "abc":
        driver.on_message(handle, say(0.95, 0.95, 0.95, 0.95))
    assert driver.next("e") is None and not driver.finished
    records.end_open_attempts(desk.database, 1, reason="the driver was lost")

    later = desk.driver(meter=meter())
    assert not later.finished
    launch(later, "d")
    assert later.next("e") is None
    later.on_message("d", say(0.9, 0.9, 0.9, 0.9))

    assert later.finished
    later.close("interrupted")
    assert desk.states() == ["complete"] * 4
    assert desk.study_state() == "complete"


def test_outcome_that_was_taken_over_counts_at_rungs_as_it_does_for_a_later_driver(
    desk: Any, make_space: Any, say: Say
) -> None:
    tables = make_space("words").model_dump(mode="json") | {"search": {"base_lr": [0.1]}}
    desk.space = type(desk.space).model_validate(tables).with_study(duplicates="reuse")
    driver = desk.driver()
    for handle in "ab":
        launch(driver, handle)
        driver.on_message(handle, say(0.3, 0.4, 0.45, 0.5, finished=True))
    assert driver.next("c") is None and desk.states() == ["complete"] * 4

    rungs = [each._queue._pruner._rungs for each in (driver, desk.driver())]

    assert rungs[0][1].ranked == rungs[1][1].ranked and len(rungs[0][1].ranked) == 4


def test_study_that_got_more_meanwhile_is_not_complete(
    desk: Any, make_space: Any, say: Say
) -> None:
    desk.space, desk.trials = make_space("words", method='"none"'), 1
    driver = desk.driver()
    launch(driver, "a")
    records.extend_study(desk.database, "words", 2)
    driver.on_message("a", say(0.3, 0.4, 0.45, 0.5))

    driver.close("interrupted")

    assert driver.finished and desk.study_state() == "stopped"


@pytest.mark.parametrize("again", [False, True], ids=["at once", "taken up again"])
def test_population_goes_on_without_a_member_that_ended_early(
    desk: Any, make_population: Any, say: Say, again: bool
) -> None:
    desk.space = make_population(more="\n[tricks.early_stopping]\n", epochs="6")
    desk.trials = 8
    driver = desk.driver()
    for handle in "abcde":
        launch(driver, handle)
    driver.on_message("a", say(0.5, 0.5, 0.5, 0.5, 0.5, 0.5))
    for handle, value in (("c", 0.2), ("d", 0.8), ("e", 0.6)):
        driver.on_message(handle, say(0.1, value, saved=2))
    # Early stopping, or fewer epochs than the others.
    driver.on_message("b", say(0.1, finished=True))
    if again:
        driver.close("interrupted")
        driver = desk.driver()

    assert not driver.finished
    launch(driver, "f")
    assert desk.events[-1].number == 2
