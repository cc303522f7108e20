"""Trial-hours, money and patience."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from autotrick import records
from autotrick.space import Plateau
from autotrick.tune.budget import Limits, Meter

Say = Callable[..., str]


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def meter(clock: Clock, share: float = 1.0, hours: float = 0.0, **limits: Any) -> Meter:
    return Meter(Limits(**limits), hours=hours, share=share, clock=clock)


def test_hours_count_what_attempts_occupy() -> None:
    clock = Clock()
    spent = meter(clock, share=2.0, hours=1.0, trial_hours=8.0, cost_per_hour=0.5)

    spent.begin("a")
    spent.begin("b")
    clock.now = 3600.0
    spent.end("a")
    spent.end("never begun")
    clock.now = 7200.0

    assert spent.hours == pytest.approx(1 + 2 * 1 + 2 * 2)
    assert spent.cost == pytest.approx(3.5)
    assert spent.spent is None
    clock.now += 1800
    assert spent.spent == "trial-hours: 8 of 8 are spent"


def test_money_ends_a_search() -> None:
    clock = Clock()
    spent = meter(clock, cost_per_hour=3.0, max_cost=6.0)
    spent.begin("a")

    clock.now = 7200.0

    assert spent.spent == "cost: 6.00 of 6 is spent"
    assert meter(clock, hours=9.0).spent is None


def test_plateau_waits_for_trials_that_are_not_better_by_enough() -> None:
    spent = meter(Clock(), plateau=Plateau(trials=3, delta=0.01))

    for number, value in enumerate([0.5, 0.505, 0.6, 0.605, None]):
        spent.add_result(number, value)
    before = spent.plateau
    spent.add_result(5, 0.609)

    assert before is None
    assert spent.plateau == (
        "plateau: none of the last 3 finished trials was better by more than 0.01"
    )


def test_plateau_begins_anew_where_a_study_was_extended() -> None:
    spent = meter(Clock(), plateau=Plateau(trials=2), since=3)

    spent.replay((number, 0.5, True) for number in range(4))

    assert spent.plateau is None
    spent.add_result(4, 0.5)
    assert spent.plateau is not None


def test_plateau_of_several_objectives_ends_with_the_pareto_set() -> None:
    spent = meter(Clock(), plateau=Plateau(trials=2))

    for number, value in enumerate(
        [(0.5, -2.0), (0.4, -1.0), (0.4, -1.5), (0.6, -3.0), (0.1, -9.0)]
    ):
        spent.add_result(number, value)
        assert spent.plateau is None
    spent.add_result(5, (0.6, -3.0))

    assert spent.plateau == "plateau: none of the last 2 finished trials was better"


def whole(driver: Any, say: Say, handle: str, accuracy: float) -> None:
    assert driver.next(handle) is not None
    driver.on_start(handle, "10.0.0.7")
    driver.on_message(handle, say(*[accuracy] * 4))


def test_spent_hours_stop_what_is_under_way(desk: Any, say: Say) -> None:
    clock = Clock()
    driver = desk.driver(meter=meter(clock, trial_hours=1.0))
    whole(driver, say, "a", 0.5)
    driver.next("b")
    driver.on_start("b", "10.0.0.7")
    goes_on = driver.on_message("b", say(0.6))
    clock.now = 3600.0

    stopped = driver.on_message("b", say(0.7, start=2))
    driver.close(driver.ended or "")

    assert (goes_on, stopped, driver.next("c")) == (True, False, None)
    assert desk.attempts(1) == [("stopped", "trial-hours: 1 of 1 are spent")]
    row = records.study(desk.database, "words")
    assert (row.state, row.ended) == ("stopped", "trial-hours: 1 of 1 are spent")


def test_attempt_ends_when_it_is_stopped_and_not_with_the_longest_one(desk: Any, say: Say) -> None:
    clock = Clock()
    driver = desk.driver(meter=meter(clock, trial_hours=2.0))
    for handle in "ab":
        driver.next(handle)
        driver.on_start(handle, "10.0.0.7")
    driver.next("c")
    clock.now = 3600.0

    driver.on_message("a", say(0.6))
    first, halted = desk.attempts(0), driver.halted
    clock.now = 9000.0
    driver.on_message("b", say(0.6))

    assert first == [("stopped", "trial-hours: 2 of 2 are spent")]
    assert not halted and driver.halted, "the one that Ray has in store does not count"
    assert driver._setup.meter.hours == 3.5
    assert [desk.trial(number).state for number in range(3)] == ["waiting"] * 3


def test_plateau_begins_nothing_new_and_completes_the_study(desk: Any, say: Say) -> None:
    desk.trials = 40
    driver = desk.driver(meter=meter(Clock(), plateau=Plateau(trials=2)))
    for handle, accuracy in zip("abc", (0.5, 0.4, 0.5), strict=True):
        whole(driver, say, handle, accuracy)

    finished = driver.finished
    driver.close(driver.ended or "")

    assert finished and driver.next("d") is None
    row = records.study(desk.database, "words")
    assert row.state == "complete"
    assert row.ended == "plateau: none of the last 2 finished trials was better"
    again = desk.driver(meter=meter(Clock(), plateau=Plateau(trials=2)))
    assert again.finished and again.next("e") is None


def test_study_that_tried_all_says_so(desk: Any, say: Say) -> None:
    driver = desk.driver()
    for i, handle in enumerate("abcd"):
        whole(driver, say, handle, 0.5 + i / 10)

    driver.close(driver.ended or "")

    assert records.study(desk.database, "words").ended == "all trials have been tried"


def test_attempts_record_what_they_occupy(desk: Any) -> None:
    driver = desk.driver(shares=(2.0, 0.5))
    driver.next("a")

    driver.on_start("a", "10.0.0.7")

    (attempt,) = records.attempts(desk.database, "words", 0)
    assert (attempt.cpus, attempt.gpus) == (2.0, 0.5)


def test_a_plateau_begins_after_base_and_screen() -> None:
    spent = Meter(Limits(plateau=Plateau(trials=2)))

    spent.replay((number, 0.9 - number / 100, False) for number in range(9))
    assert spent.plateau is None
    spent.add_result(9, 0.5)
    assert spent.plateau is None
    spent.add_result(10, 0.5)

    assert "none of the last 2" in (spent.plateau or "")
