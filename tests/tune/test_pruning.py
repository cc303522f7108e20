import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrick.space import Pruning
from autotrick.tune.schedulers.pruning import (
    Hyperband,
    Median,
    Promotion,
    Pruner,
    StopOnly,
    Verdict,
    pruner,
)

GO, PAUSE, STOP = Verdict.GO, Verdict.PAUSE, Verdict.STOP
values = st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=1, max_size=40)


def verdicts(scheme: Pruner, epoch: int, *reached: float) -> list[Verdict]:
    return [scheme.report(i, epoch, value) for i, value in enumerate(reached)]


@pytest.mark.parametrize(
    ("first", "factor", "rungs"),
    [(1, 3, [1, 3, 9, 27]), (2, 2, [2, 4, 8, 16]), (5, 4, [5, 20])],
)
def test_rungs_lie_at_powers_of_the_factor(first: int, factor: int, rungs: list[int]) -> None:
    scheme = Promotion(first, factor)

    assert [epoch for epoch in range(1, 31) if scheme.pauses_at(0, epoch)] == rungs


@pytest.mark.parametrize("scheme", [Promotion(2, 2), StopOnly(2, 2), Pruner()])
def test_nothing_happens_between_rungs(scheme: Pruner) -> None:
    assert verdicts(scheme, 3, 0.9, 0.1, 0.0) == [GO, GO, GO]


def test_only_the_best_so_far_goes_on_where_nobody_comes_back() -> None:
    # The best 1, 1, 1, 2, 2 and 3 of those seen so far go on.
    found = verdicts(StopOnly(1, 2), 1, 0.50, 0.40, 0.60, 0.55, 0.52, 0.53)

    assert found == [GO, STOP, GO, GO, STOP, GO]


def test_equals_of_the_last_that_goes_on_go_on_too() -> None:
    assert verdicts(StopOnly(1, 2), 1, 0.5, 0.5, 0.5) == [GO, GO, GO]


def test_trial_pauses_until_its_rung_is_full_enough() -> None:
    scheme = Promotion(1, 3)

    found = verdicts(scheme, 1, 0.5, 0.6, 0.4)

    assert found == [PAUSE, PAUSE, PAUSE]
    assert scheme.promotable({0, 1, 2}) == 1


def test_trial_that_leads_its_rung_goes_on_without_a_pause() -> None:
    assert verdicts(Promotion(1, 3), 1, 0.5, 0.6, 0.7) == [PAUSE, PAUSE, GO]


def test_who_was_promoted_is_not_promoted_again() -> None:
    scheme = Promotion(1, 2)
    verdicts(scheme, 1, 0.6, 0.5)
    scheme.promote(0, 1)

    assert scheme.promotable({0, 1}) is None


def test_upper_rungs_are_promoted_first() -> None:
    scheme = Promotion(1, 2)
    verdicts(scheme, 1, 0.9, 0.8, 0.7, 0.6)
    scheme.promote(0, 1)
    # Trials 0 and 4 reach the second rung, and 1 still waits at the first.
    scheme.report(0, 2, 0.95)
    scheme.report(4, 1, 0.1)
    scheme.promote(4, 1)
    scheme.report(4, 2, 0.3)

    assert scheme.promotable({0, 1, 2, 3, 4}) == 0
    scheme.promote(0, 2)
    assert scheme.promotable({0, 1, 2, 3, 4}) == 1


def test_trial_that_is_not_paused_is_not_promoted() -> None:
    scheme = Promotion(1, 2)
    verdicts(scheme, 1, 0.9, 0.8, 0.7, 0.6)

    assert scheme.promotable({1, 2, 3}) == 1
    assert scheme.promotable({2, 3}) is None


@given(values, st.integers(2, 5), st.randoms(use_true_random=False))
def test_all_promotions_together_are_the_best_share(
    reached: list[float], factor: int, order: random.Random
) -> None:
    scheme = Promotion(1, factor)
    numbers = list(range(len(reached)))
    order.shuffle(numbers)
    gone = {i for i in numbers if scheme.report(i, 1, reached[i]) is GO}
    paused = set(numbers) - gone
    while (trial := scheme.promotable(paused)) is not None:
        scheme.promote(trial, 1)
        paused.remove(trial)
        gone.add(trial)

    best = sorted(reached, reverse=True)[: len(reached) // factor]
    assert sorted((reached[i] for i in gone), reverse=True)[: len(best)] == best
    # Who went on early, and was overtaken since, is beyond the share: at most one for each report.
    assert len(gone) >= len(best)


SCHEMES = [
    lambda: Promotion(1, 2),
    lambda: StopOnly(1, 2),
    lambda: Hyperband(1, 2, 8),
    lambda: Median(1),
]


@pytest.mark.parametrize("make", SCHEMES)
def test_report_that_comes_again_counts_once(make: type[Pruner]) -> None:
    once, often = make(), make()
    for trial, value in enumerate((0.9, 0.3, 0.5, 0.2, 0.8, 0.4, 0.6)):
        first = once.report(trial, 1, value)
        assert often.report(trial, 1, value) is first
        assert often.report(trial, 1, value) is first

    assert once.report(7, 1, 0.55) is often.report(7, 1, 0.55)
    assert once.promotable(range(8)) == often.promotable(range(8))


@pytest.mark.parametrize("make", SCHEMES)
@given(curves=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), max_size=12))
def test_refilled_decides_as_if_it_had_seen_all(
    make: type[Pruner], curves: Sequence[Sequence[int]]
) -> None:
    seen, refilled = make(), make()
    for trial, curve in enumerate(curves):
        for epoch, value in enumerate(curve, start=1):
            seen.report(trial, epoch, value)
            if epoch < len(curve):
                seen.promote(trial, epoch)
    for trial, curve in reversed(list(enumerate(curves))):
        refilled.refill(trial, curve)

    new = len(curves)
    assert refilled.report(new, 1, 5) is seen.report(new, 1, 5)


def test_refilled_takes_who_came_further_for_promoted() -> None:
    scheme = Promotion(1, 2)
    scheme.refill(0, [0.9, 0.9])
    scheme.refill(1, [0.8])
    scheme.refill(2, [0.7])
    scheme.refill(3, [0.6])

    assert scheme.promotable({1, 2, 3}) == 1


def test_brackets_are_dealt_in_the_proportions_of_hyperband() -> None:
    # R = 8, factor 2: brackets of ceil(4 / (s + 1) x 2^s) = 8, 6, 4 and 4 trials, which first cut
    # at epochs 1, 2, 4 and never.
    scheme = Hyperband(1, 2, 8)

    cuts = [[scheme.pauses_at(trial, epoch) for epoch in (1, 2, 4)] for trial in range(22)]

    assert [cuts.count([*[False] * s, *[True] * (3 - s)]) for s in range(4)] == [8, 6, 4, 4]


def test_brackets_do_not_mix() -> None:
    scheme = Hyperband(1, 2, 8)
    early = [trial for trial in range(22) if scheme.pauses_at(trial, 1)]
    late = [trial for trial in range(22) if not scheme.pauses_at(trial, 1)]

    assert all(scheme.report(trial, 1, 0.1) is GO for trial in late)
    assert scheme.report(early[0], 1, 0.05) is PAUSE
    assert scheme.report(early[1], 1, 0.06) is GO


def test_median_rule_ends_who_never_reached_the_others_mean() -> None:
    scheme = Median(2)
    for trial in range(5):
        scheme.report(trial, 1, 0.1)
        scheme.report(trial, 2, 0.3 + trial / 10)

    # The others' running means at epoch 2 are 0.20, 0.25, 0.30, 0.35 and 0.40.
    assert scheme.report(5, 1, 0.0) is GO
    assert scheme.report(5, 2, 0.29) is STOP
    assert scheme.report(6, 2, 0.31) is GO


def test_median_rule_needs_others_to_compare_with() -> None:
    scheme = Median(1)

    assert verdicts(scheme, 1, 0.9, 0.9, 0.9, 0.9, 0.1) == [GO] * 5
    assert scheme.report(5, 1, 0.1) is STOP


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("asha", Promotion),
        ("asha_stop", StopOnly),
        ("hyperband", Hyperband),
        ("median", Median),
        ("none", Pruner),
    ],
)
def test_every_method_of_a_space_has_its_pruner(method: str, kind: type[Pruner]) -> None:
    assert type(pruner(Pruning.model_validate({"method": method}), 9)) is kind


CHEAP, GOOD, BOTH, NEITHER = (0.5, -1.0), (0.9, -9.0), (0.8, -2.0), (0.4, -9.0)


def test_several_objectives_go_on_by_fronts_and_spread() -> None:
    scheme = Promotion(1, 2)

    found = [scheme.report(i, 1, point) for i, point in enumerate([GOOD, NEITHER, NEITHER, CHEAP])]

    # The cheapest goes on at once, though it is not accurate; the most accurate one may, too.
    assert found == [PAUSE, PAUSE, PAUSE, GO]
    assert scheme.promotable({0, 1, 2}) == 0
    scheme.promote(0, 1)
    assert scheme.promotable({1, 2}) is None


def test_several_objectives_end_who_is_dominated() -> None:
    scheme = StopOnly(1, 2)

    assert scheme.report(0, 1, BOTH) is GO
    assert scheme.report(1, 1, NEITHER) is STOP
    assert scheme.report(2, 1, GOOD) is GO


def test_refilled_rungs_of_several_objectives_rank_as_before() -> None:
    scheme = Promotion(1, 2)

    for trial, point in enumerate([NEITHER, GOOD, BOTH, CHEAP]):
        scheme.refill(trial, [point])

    # The front has three; the ends of it stand for it.
    assert scheme.promotable({0, 1, 2, 3}) == 1
    scheme.promote(1, 1)
    assert scheme.promotable({0, 2, 3}) == 3
    scheme.promote(3, 1)
    assert scheme.promotable({0, 2}) is None
