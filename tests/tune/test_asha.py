import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrick.recipe import EpochReport
from autotrick.tune.asha import Rungs


def at(epoch: int, accuracy: float) -> EpochReport:
    return EpochReport(
        epoch=epoch, accuracy=accuracy, loss=0, train_loss=0, lr=0, seconds=0, weights=""
    )


def kept(rungs: Rungs, epoch: int, *accuracies: float) -> list[bool]:
    return [rungs.keeps(i, at(epoch, accuracy)) for i, accuracy in enumerate(accuracies)]


@pytest.mark.parametrize(
    ("first", "factor", "rungs"),
    [
        (1, 3, [1, 3, 9, 27]),
        (2, 2, [2, 4, 8, 16]),
        (5, 4, [5, 20]),
        (0, 3, []),
        (3, 1, [3]),
    ],
)
def test_rungs_lie_at_powers_of_the_factor(first: int, factor: int, rungs: list[int]) -> None:
    scheme = Rungs(first, factor)

    assert [epoch for epoch in range(1, 31) if scheme.is_rung(epoch)] == rungs


def test_nothing_is_cut_between_rungs() -> None:
    rungs = Rungs(2, 2)

    assert kept(rungs, 3, 0.9, 0.1, 0.0) == [True, True, True]


def test_nothing_is_cut_without_pruning() -> None:
    assert kept(Rungs(0, 3), 1, 0.9, 0.1, 0.0) == [True, True, True]


def test_first_of_a_rung_goes_on() -> None:
    assert kept(Rungs(1, 3), 1, 0.0) == [True]


def test_half_goes_on_where_the_factor_is_two() -> None:
    decisions = kept(Rungs(1, 2), 1, 0.50, 0.40, 0.60, 0.55, 0.52, 0.53)

    # The best 1, 1, 1, 2, 2 and 3 of those seen so far go on.
    assert decisions == [True, False, True, True, False, True]


def test_equals_of_the_last_that_goes_on_go_on_too() -> None:
    assert kept(Rungs(1, 2), 1, 0.5, 0.5, 0.5) == [True, True, True]


def test_rungs_do_not_mix() -> None:
    rungs = Rungs(1, 2)
    rungs.keeps(0, at(1, 0.2))
    rungs.keeps(0, at(2, 0.9))

    assert rungs.keeps(1, at(1, 0.3))
    assert not rungs.keeps(1, at(2, 0.8))


def test_trial_that_reports_again_counts_once() -> None:
    rungs = Rungs(1, 2)
    for _ in range(5):
        rungs.keeps(0, at(1, 0.9))

    # Two trials, of which one goes on; with five entries of trial 0, two would.
    assert not rungs.keeps(1, at(1, 0.8))


@given(
    accuracies=st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=1, max_size=30),
    factor=st.integers(2, 4),
    split=st.integers(0, 30),
    last=st.integers(0, 20),
)
def test_refilled_decides_as_if_it_had_seen_all(
    accuracies: list[float], factor: int, split: int, last: int
) -> None:
    live, refilled = Rungs(1, factor), Rungs(1, factor)
    for i, accuracy in enumerate(accuracies):
        live.keeps(i, at(1, accuracy))
    order = [*range(split, len(accuracies)), *range(min(split, len(accuracies)))]
    for i in order:
        refilled.refill(i, [at(1, accuracies[i])])

    new = len(accuracies)
    assert refilled.keeps(new, at(1, last / 20)) == live.keeps(new, at(1, last / 20))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(2, 5))
def test_best_so_far_always_goes_on(accuracies: list[float], factor: int) -> None:
    decisions = kept(Rungs(1, factor), 1, *accuracies)

    best = [a >= max(accuracies[: i + 1]) for i, a in enumerate(accuracies)]
    assert all(goes_on for goes_on, leads in zip(decisions, best, strict=True) if leads)
