from collections.abc import Callable
from typing import Any

import pytest

from autotrick.recipe import DataRef, Recipe
from autotrick.space import SearchSpace
from autotrick.tune.halving import halved

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
