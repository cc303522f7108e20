from typing import Any

import pytest

from autotrick import records
from autotrick.errors import NotFoundError, SpaceError
from autotrick.records import StudyPlan
from autotrick.tune.warm_start import warm_start_for, warm_start_of


def told(desk: Any, say: Any) -> None:
    """Run a study of four trials to its end."""
    driver = desk.driver()
    for handle, last in zip("abcd", (0.5, 0.6, 0.9, 0.7), strict=True):
        driver.next(handle)
        driver.on_start(handle, "here")
        driver.on_message(handle, say(0.3, 0.4, 0.45, last, finished=True))
    driver.close("done")


def test_the_outcome_of_an_equal_recipe_is_recorded_without_running_it(desk: Any, say: Any) -> None:
    tables = desk.space.model_dump(mode="json")
    tables |= {"search": {"base_lr": [0.1]}, "pruning": {"method": "none"}}
    desk.space = type(desk.space).model_validate(tables).with_study(duplicates="reuse")
    desk.trials = 6
    driver = desk.driver()
    for handle in "ab":
        driver.next(handle)
        driver.on_start(handle, "here")
        driver.on_message(handle, say(0.3, 0.4, 0.45, 0.5, finished=True))

    assert driver.next("c") is None

    assert driver.finished and desk.states() == ["complete"] * 6
    again = desk.trial(5)
    source = desk.trial(int(again.origin.split()[2]))
    assert again.origin.endswith("again, whose outcome is taken over")
    assert (again.digest, again.value, again.weights) == (
        source.digest,
        source.value,
        source.weights,
    )
    assert desk.curve(5) == desk.curve(source.number) and desk.attempts(5) == []
    assert [event.number for event in desk.events if event.kind == "complete"] == list(range(6))


def test_earlier_studies_are_taken_over_once_and_recorded(
    desk: Any, say: Any, make_space: Any
) -> None:
    told(desk, say)
    later = make_space("later").with_study(warm_start=("words",), enqueue=("words:3",))

    warm_start = warm_start_for(desk.database, later, "later")

    assert warm_start.sources == ("words:3", "words") and len(warm_start.past) == 4
    origins = [queued.origin for queued in warm_start.queue]
    assert origins == ["enqueued: words:3", "warm start: best of words, trial 2"]
    plan = StudyPlan(
        "later",
        later.question,
        later.model_dump(mode="json"),
        later.digest(),
        0,
        {"trials": 4, "heritage": warm_start.model_dump(mode="json")},
    )
    row = records.create_study(desk.database, plan)
    records.delete_study(desk.database, "words", stale_after=60)
    assert warm_start_of(row) == warm_start == warm_start_for(desk.database, later, "later")


def test_the_driver_tries_what_is_taken_over(desk: Any, say: Any, make_space: Any) -> None:
    told(desk, say)
    desk.space = make_space("later").with_study(enqueue=("words:3",), warm_start=("words",))
    warm_start = warm_start_for(desk.database, desk.space, "later")
    driver = desk.driver()
    study = records.study(desk.database, "later")
    budget = study.budget | {"heritage": warm_start.model_dump(mode="json")}
    records.change_budget(desk.database, study.id, budget)

    driver = desk.driver()
    for handle in "abcd":
        driver.next(handle)

    rows = records.trials(desk.database, "later")
    assert [row.origin for row in rows] == [
        "all tricks off",
        "published defaults",
        "enqueued: words:3",
        "warm start: best of words, trial 2",
    ]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"warm_start": ("nowhere",)}, NotFoundError, "no study named 'nowhere'"),
        ({"warm_start": ("later",)}, SpaceError, "'later' is the study itself"),
        ({"enqueue": ("words",)}, SpaceError, "is named as STUDY:NUMBER, but got 'words'"),
        ({"enqueue": ("words:99",)}, NotFoundError, "99"),
    ],
)
def test_what_cannot_be_taken_over_is_said(
    desk: Any, say: Any, make_space: Any, changes: Any, error: Any, message: str
) -> None:
    told(desk, say)

    with pytest.raises(error, match=message):
        warm_start_for(desk.database, make_space("later").with_study(**changes), "later")
