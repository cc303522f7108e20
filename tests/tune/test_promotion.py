"""What the driver does with trials that pause at a rung."""

from collections.abc import Callable
from typing import Any

import pytest

from autotrick import records

Say = Callable[..., str]


@pytest.fixture
def desk(desk: Any, make_space: Any) -> Any:
    desk.space = make_space("words", method='"asha"')
    desk.trials = 5
    return desk


def launch(driver: Any, handle: str) -> None:
    assert driver.next(handle) is not None
    driver.on_start(handle, "10.0.0.7")


def paused_study(desk: Any, say: Say) -> Any:
    """Let trial 0 complete; 1, 2 and 3 pause after epoch 1 with 0.1, 0.2 and 0.15; 4 is not asked."""
    driver = desk.driver()
    for handle in "abcd":
        launch(driver, handle)
    driver.on_message("a", say(0.9, 0.9, 0.9, 0.9))
    for handle, value in (("b", 0.1), ("c", 0.2), ("d", 0.15)):
        driver.on_message(handle, say(value, saved=1))
    return driver


def test_trial_that_falls_behind_pauses(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    launch(driver, "b")
    driver.on_message("a", say(0.5))

    goes_on = driver.on_message("b", say(0.4))

    assert not goes_on
    assert (desk.trial(1).state, desk.trial(1).epochs) == ("waiting", 1)
    assert desk.attempts(1) == [("stopped", "paused at a rung")]
    assert [event.kind for event in desk.events][-1] == "paused"


def test_best_of_a_rung_goes_on_as_soon_as_its_share_allows(desk: Any, say: Say) -> None:
    driver = paused_study(desk, say)

    # Trials 0 and 2 are the best half of four.
    launch(driver, "e")

    assert [event.number for event in desk.events][-1] == 2
    assert desk.trial(2).state == "running"
    assert desk.attempts(2) == [("stopped", "paused at a rung"), ("open", None)]


def test_promoted_trial_repeats_its_rung_and_goes_on(desk: Any, say: Say) -> None:
    driver = paused_study(desk, say)
    launch(driver, "e")

    # A new attempt's first message repeats the epochs of its checkpoint.
    goes_on = driver.on_message("e", say(0.2, 0.3))

    assert not goes_on, "the second rung pauses it again"
    assert desk.curve(2) == [0.2, 0.3]


def test_promotion_comes_before_a_new_trial(desk: Any, say: Say) -> None:
    driver = paused_study(desk, say)

    launch(driver, "e")
    launch(driver, "f")

    assert [event.number for event in desk.events][-2:] == [2, 4]


def test_nothing_now_is_not_the_end_while_a_trial_may_be_promoted(desk: Any, say: Say) -> None:
    driver = paused_study(desk, say)
    launch(driver, "e")
    launch(driver, "f")

    assert driver.next("g") is None
    assert not driver.finished
    # Trial 4 leads, which lets one more of the six go on.
    driver.on_message("f", say(0.5, 0.5, 0.5, 0.5))
    driver.on_message("e", say(0.2, 0.3))
    assert driver.finished


def test_study_is_complete_when_nobody_is_promoted_any_more(desk: Any, say: Say) -> None:
    driver = paused_study(desk, say)
    for handle, words in (("e", say(0.2, 0.3)), ("f", say(0.12))):
        launch(driver, handle)
        driver.on_message(handle, words)
    assert driver.next("g") is None and driver.finished

    driver.close("interrupted")

    assert desk.states() == ["complete", *["pruned"] * 4]
    assert desk.study_state() == "complete"
    assert [desk.trial(number).epochs for number in range(5)] == [4, 1, 2, 1, 1]


def test_interrupted_study_keeps_its_paused_trials(desk: Any, say: Say) -> None:
    driver = paused_study(desk, say)
    launch(driver, "e")

    driver.close("interrupted")

    assert desk.states() == ["complete", *["waiting"] * 3]
    assert desk.study_state() == "stopped"


def test_later_driver_promotes_as_the_earlier_one_would_have(desk: Any, say: Say) -> None:
    paused_study(desk, say).close("interrupted")

    later = desk.driver()
    launch(later, "e")
    launch(later, "f")

    # What is paused waits for its promotion: 1 and 3 are not taken up before the new trial.
    assert [event.number for event in desk.events][-2:] == [2, 4]


def test_trial_between_rungs_goes_on_first_under_a_later_driver(desk: Any, say: Say) -> None:
    driver = paused_study(desk, say)
    launch(driver, "e")
    driver.on_message("e", say(0.2, saved=1))
    records.add_report(desk.database, desk.trial(2).id, _report(say, 0.3, 2), checkpoint=None)
    records.add_report(desk.database, desk.trial(2).id, _report(say, 0.4, 3), checkpoint=None)
    driver.close("interrupted")

    launch(desk.driver(), "f")

    assert [event.number for event in desk.events][-1] == 2


def test_baseline_is_whole_however_it_does(desk: Any, say: Say) -> None:
    driver = desk.driver()
    launch(driver, "a")
    launch(driver, "b")
    driver.on_message("b", say(0.9))

    driver.on_message("a", say(0.1, 0.1, 0.1, 0.1))

    assert desk.trial(0).state == "complete"


def _report(say: Say, value: float, epoch: int) -> Any:
    from autotrick.tune.cluster.worker import Message

    return Message.model_validate_json(say(value, start=epoch)).reports[0]
