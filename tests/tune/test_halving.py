from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from autotrick import optuna_study, records
from autotrick.analysis.importance import importance
from autotrick.recipe import DataRef, Recipe
from autotrick.sample import halved
from autotrick.space import SearchSpace, trials_of

Say = Callable[..., str]
OUT = ("out_of_memory", "memory ran out at batch size 64.")


def recipe(**fields: Any) -> Recipe:
    given = {"architecture": "lenet5", "epochs": 2, "batch_size": 64, "base_lr": 0.1} | fields
    return Recipe(data=DataRef(name="digits"), **given)


def test_half_keeps_examples_and_rate_of_an_update() -> None:
    whole = recipe(accumulation=3, scaling_exponent=0.5)

    half = halved(whole)

    assert half is not None
    assert (half.batch_size, half.accumulation, half.lr) == (32, 6, whole.lr)
    assert half.digest() != whole.digest()


@pytest.mark.parametrize("size", [1, 33])
def test_odd_batch_has_no_half(size: int) -> None:
    assert halved(recipe(batch_size=size)) is None


@pytest.fixture
def thrifty(desk: Any, make_space: Callable[..., SearchSpace]) -> Any:
    """The desk, with a space that halves batches, and six trials."""
    space = make_space(method='"none"')
    settings = space.study.model_copy(update={"on_out_of_memory": "smaller_batch"})
    desk.space = space.model_copy(update={"study": settings})
    desk.trials = 6
    return desk


def fail(driver: Any, handle: str, say: Say) -> None:
    assert driver.next(handle) is not None
    driver.on_start(handle, "here")
    driver.on_message(handle, say(failure=OUT))


def test_trial_that_fails_is_followed_by_its_half(thrifty: Any, say: Say) -> None:
    driver = thrifty.driver()
    for handle in "abcd":
        fail(driver, handle, say)

    rows = [thrifty.trial(number) for number in range(4)]
    assert [row.state for row in rows] == ["failed"] * 4
    assert [row.reason for row in rows] == ["out_of_memory"] * 4
    assert [row.recipe.batch_size for row in rows] == [64, 32, 16, 8]
    assert [row.recipe.accumulation for row in rows] == [1, 2, 4, 8]
    assert [row.origin for row in rows[1:]] == [
        "trial 0 with half the batch",
        "trial 1 with half the batch",
        "trial 2 with half the batch",
    ]
    assert {row.recipe.lr for row in rows} == {rows[0].recipe.lr}


@pytest.mark.parametrize("done", [2, 3, 4])
def test_later_driver_goes_on_halving_where_the_earlier_one_was(
    thrifty: Any, say: Say, done: int
) -> None:
    first = thrifty.driver()
    for number in range(done):
        fail(first, str(number), say)

    second = thrifty.driver()
    for number in range(done, 6):
        fail(second, str(number), say)

    rows = [thrifty.trial(number) for number in range(6)]
    assert [row.recipe.batch_size for row in rows] == [64, 32, 16, 8, 4, 2]
    assert rows[5].origin == "trial 4 with half the batch"
    assert second.next("more") is None


def test_failure_stands_when_nothing_else_was_asked(desk: Any, say: Say) -> None:
    driver = desk.driver()
    for handle in "abc":
        fail(driver, handle, say)

    assert {desk.trial(number).recipe.batch_size for number in range(3)} == {64}


def grid(**search: list[int]) -> SearchSpace:
    return SearchSpace.model_validate(
        {
            "name": "words",
            "question": "Which batch?",
            "data": {"name": "digits"},
            "fixed": {"architecture": "lenet5", "epochs": 2, "base_lr": 0.1},
            "search": search,
            "study": {"sampler": "grid", "trials": 40, "on_out_of_memory": "smaller_batch"},
        }
    )


def batches(desk: Any, say: Say, bears: int, rounds: int = 1) -> Counter[tuple[int, int]]:
    """Run a study on a machine that bears so large a batch; return how often each was tried.

    Args:
        rounds: After each but the last, a driver is lost that had begun one trial more.
    """
    handles = count()
    for last in range(rounds, 0, -1):
        driver = desk.driver()
        for _ in range(3 if last > 1 else desk.trials + 1):
            handle = f"h{next(handles)}"
            if (found := driver.next(handle)) is None:
                break
            driver.on_start(handle, "here")
            fits = driver._active[handle].recipe.batch_size <= bears
            driver.on_message(handle, say(0.5, 0.6) if fits else say(failure=OUT))
        if last > 1:
            driver.next(f"h{next(handles)}")
    assert found is None and driver.finished
    driver.close("")
    rows = records.trials(desk.database, "words")
    return Counter((row.recipe.batch_size, row.recipe.accumulation) for row in rows)


@pytest.mark.parametrize("rounds", [1, 3])
def test_a_grid_is_tried_whole_beside_its_halves(desk: Any, say: Say, rounds: int) -> None:
    desk.space = grid(batch_size=[16, 24, 256])
    desk.trials = trials_of(desk.space, None)

    tried = batches(desk, say, bears=64, rounds=rounds)

    assert tried == {(16, 1): 1, (24, 1): 1, (256, 1): 1, (128, 2): 1, (64, 4): 1}
    study = records.study(desk.database, "words")
    assert (study.state, study.ended) == ("complete", "all recipes of the space have been tried")


@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("trials", [7, 40])
def test_half_that_the_space_has_is_tried_once(
    desk: Any, say: Say, trials: int, rounds: int
) -> None:
    desk.space = grid(batch_size=[32, 64, 128], accumulation=[1, 2])
    desk.trials = trials_of(desk.space, trials)

    tried = batches(desk, say, bears=32, rounds=rounds)

    # Of (128, 1) and (64, 1) the halves are of the grid; that of (64, 2) is (32, 4), which is not,
    # and those of (128, 2) are (64, 4) and (32, 8).
    own = {(size, sum_) for size in (32, 64, 128) for sum_ in (1, 2)}
    further = {(32, 4), (64, 4), (32, 8)}
    assert set(tried.values()) == {1} and sum(tried.values()) == min(trials, 9)
    assert tried.keys() == own | further if trials == 40 else tried.keys() < own | further


def test_trials_are_as_many_as_asked_halves_among_them(desk: Any, say: Say) -> None:
    desk.space = grid(batch_size=[16, 24, 256])
    desk.trials = trials_of(desk.space, 3)

    assert sum(batches(desk, say, bears=64).values()) == 3


def test_half_is_shown_with_the_batch_that_it_stands_for(desk: Any, say: Say) -> None:
    desk.space = grid(batch_size=[16, 24, 256])
    desk.trials = trials_of(desk.space, None)
    batches(desk, say, bears=64)

    study = optuna_study("words", desk.database)

    rows = records.trials(desk.database, "words")
    shown = {row.recipe.batch_size: t.params for row, t in zip(rows, study.trials, strict=True)}
    assert shown[16] == {"batch_size": 16}
    assert shown[64] == shown[128] == shown[256] == {"batch_size": 256}


@pytest.mark.slow
def test_study_with_halves_has_importances(desk: Any, say: Say) -> None:
    desk.space = grid(batch_size=[10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 256])
    desk.trials = trials_of(desk.space, None)
    batches(desk, say, bears=64)
    rows = [
        replace(row, value=1 - row.recipe.batch_size / 1000)
        for row in records.trials(desk.database, "words")
    ]

    found = importance(rows, desk.space)

    assert [(row.name, row.share, row.num) for row in found] == [("batch_size", 1.0, 12)]
