"""Two recipes beside each other."""

from dataclasses import replace

import pytest

from autotrick.analysis.comparison import (
    ABSENT,
    comparison,
    curves,
    differing,
    failures_of,
    pairs_of,
)
from autotrick.analysis.effects import Verdict
from autotrick.recipe import Recipe
from autotrick.records import TrialRow
from autotrick.tasks import ACCURACY, Metric
from tests.simulated import a_recipe, a_report, a_trial

ONE = a_recipe("mixup").model_copy(update={"tricks": {"mixup": {"alpha": 0.2}}})
OTHER = a_recipe("flip", base_lr=0.2)


def trials(values: dict[int, tuple[float | None, float | None]]) -> list[TrialRow]:
    """Return trials of both recipes by seed; None is a failed one."""
    rows: list[TrialRow] = []
    for seed, pair in values.items():
        for recipe, value in zip((ONE, OTHER), pair, strict=True):
            seeded = recipe.model_copy(update={"seed": seed})
            reports = [] if value is None else [a_report(1, value - 0.1), a_report(2, value)]
            row = a_trial(len(rows), seeded, reports, "failed" if value is None else "complete")
            rows.append(row)
    return rows


def both() -> dict[str, Recipe]:
    return {"one": ONE, "other": OTHER}


def test_what_differs_is_named_as_spaces_name_it() -> None:
    changed = ONE.model_copy(update={"base_lr": 0.3, "seed": 7})

    assert [(d.name, d.first, d.second) for d in differing(ONE, OTHER)] == [
        ("base_lr", 0.1, 0.2),
        ("mixup", "on", ABSENT),
        ("mixup.alpha", 0.2, ABSENT),
        ("flip", ABSENT, "on"),
    ]
    assert [d.name for d in differing(ONE, changed)] == ["base_lr"]
    assert differing(ONE, ONE.model_copy(update={"seed": 7})) == []


def test_pairs_have_one_seed_and_both_complete() -> None:
    rows = trials({1: (0.91, 0.90), 2: (None, 0.90), 5: (0.93, 0.90)})

    assert [pair.seed for pair in pairs_of(rows, ONE, OTHER)] == [1, 5]
    assert failures_of(rows, ONE) == 1 and failures_of(rows, OTHER) == 0


def test_the_difference_is_within_seeds_with_students_interval() -> None:
    rows = trials({1: (0.91, 0.90), 2: (0.82, 0.80), 3: (0.93, 0.90), 4: (0.72, 0.70)})

    found = comparison(both(), pairs_of(rows, ONE, OTHER), ACCURACY, precision=0.5)

    # Four differences of 1, 2, 3 and 2 points; t of three degrees of freedom is 3.182.
    assert found.difference == pytest.approx(2.0)
    assert found.low == pytest.approx(2.0 - 3.182 * (2 / 3) ** 0.5 / 2, abs=1e-3)
    assert found.verdict is Verdict.HELPS and found.cost == pytest.approx(1.0)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_pairs_have_no_interval_and_no_verdict(count: int) -> None:
    rows = trials({seed: (0.9 + seed / 100, 0.5) for seed in range(count)})

    found = comparison(both(), pairs_of(rows, ONE, OTHER), ACCURACY, precision=0.5)

    assert found.low is None and found.verdict is Verdict.UNCLEAR
    assert (found.difference is None) == (count == 0)


def test_less_of_an_error_is_better() -> None:
    error = Metric("error", "error", larger=False)
    rows = trials({seed: (0.1 + seed / 1000, 0.5) for seed in range(4)})

    found = comparison(both(), pairs_of(rows, ONE, OTHER), error, precision=0.01)

    assert found.difference is not None and found.difference < 0
    assert found.verdict is Verdict.HELPS


def test_curves_are_means_over_the_pairs_that_reached_an_epoch() -> None:
    rows = trials({1: (0.91, 0.90), 2: (0.83, 0.80), 3: (0.92, 0.90)})
    reports = {
        row.number: [a_report(1, row.value - 0.1), a_report(2, row.value)]
        for row in rows
        if row.value
    }
    reports[0] = reports[0][:1]
    pairs = [
        replace(pair, first=replace(pair.first, study="s"), second=replace(pair.second, study="s"))
        for pair in pairs_of(rows, ONE, OTHER)
    ]

    first, second = curves(pairs, {"s": reports}, ACCURACY)

    assert (first.epoch, first.num, second.num) == (1, 3, 2)
    assert first.difference == pytest.approx(2.0) and second.difference == pytest.approx(2.5)
    assert first.low is not None and second.low is None
