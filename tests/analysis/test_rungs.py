import numpy as np
import pytest

from autotrick.analysis.rungs import RungFindings, agreement, rung_epochs, rung_findings
from autotrick.records.rows import TrialRow
from autotrick.report.rungs import rungs_figure
from autotrick.report.sentences import rungs
from autotrick.views.text import MINUS
from tests.simulated import Reports, a_recipe, a_report, a_study, a_trial


def crossing(count: int, *, pruned_at: int = 0) -> tuple[list[TrialRow], Reports]:
    """Make a study in which mixup costs 4 points at epoch 1 and brings 2 at epoch 9; cutout helps always.

    Args:
        pruned_at: Trials below the median of this epoch end there; 0 for none.
    """
    rng = np.random.default_rng(3)
    curves = []
    on = rng.random((count, 2)) < 0.5
    for mixup, cutout in on:
        start = 0.60 - 0.04 * mixup + 0.02 * cutout + 0.005 * rng.normal()
        end = 0.80 + 0.02 * mixup + 0.02 * cutout + 0.005 * rng.normal()
        curves.append([a_report(e, start + (end - start) * (e - 1) / 8) for e in range(1, 10)])
    fence = float(np.median([curve[pruned_at - 1].accuracy for curve in curves]))
    trials, reports = [], Reports()
    for i, curve in enumerate(curves):
        stopped = pruned_at > 0 and curve[pruned_at - 1].accuracy < fence
        reports[i] = curve[:pruned_at] if stopped else curve
        names = [name for name, here in zip(("mixup", "cutout"), on[i], strict=True) if here]
        recipe = a_recipe(*names, seed=i)
        trials.append(a_trial(i, recipe, reports[i], "pruned" if stopped else "complete"))
    return trials, reports


def turned(found: RungFindings) -> list[tuple[str, int]]:
    return [(turn.trick, turn.early.epoch) for turn in found.turns]


def test_a_trick_that_pays_late_is_named_with_the_rung_that_misleads() -> None:
    found = rung_findings(*crossing(60), [1, 3, 9])

    assert turned(found) == [("mixup", 1), ("mixup", 3)]
    assert found.turns[0].early.effect == pytest.approx(-4, abs=0.4)
    assert found.turns[0].late.effect == pytest.approx(2, abs=0.4)


def test_it_is_found_also_where_the_search_stopped_what_looked_bad() -> None:
    found = rung_findings(*crossing(80, pruned_at=3), [1, 3, 9])

    assert found.reached[0] == 80
    assert found.reached[2] < 60
    assert ("mixup", 1) in turned(found)


def test_nothing_is_named_where_curves_do_not_cross() -> None:
    found = rung_findings(*a_study(80, points={"mixup": 2.0, "cutmix": -2.0}), [1, 3, 9])

    assert found.turns == []
    assert found.told


def test_rank_correlation_is_that_of_the_trials_that_came_as_far() -> None:
    trials, reports = crossing(60, pruned_at=3)
    found = rung_findings(trials, reports, [1, 3, 9])

    assert [(a.early, a.late) for a in found.agreements] == [(1, 3), (1, 9), (3, 9)]
    assert [a.num for a in found.agreements] == [60, found.reached[2], found.reached[2]]


@pytest.mark.parametrize(
    ("y", "rho"),
    [([1, 2, 3, 4, 5, 6], 1.0), ([6, 5, 4, 3, 2, 1], -1.0), ([1, 1, 2, 2, 3, 3], 0.95618)],
)
def test_spearman_with_ties(y: list[float], rho: float) -> None:
    """The third value is scipy.stats.spearmanr's."""
    found = agreement(1, 2, np.arange(6.0), np.array(y, float))

    assert found.rho == pytest.approx(rho, abs=1e-5)
    assert found.low is not None and found.high is not None
    assert -1 <= found.low <= rho + 1e-9 and rho - 1e-9 <= found.high <= 1


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    shared, rest = 0.5**0.5, 0.5**0.5
    # Spearman's rho of two normals with correlation 1/2.
    truth = 6 / np.pi * np.arcsin(0.25)
    hits = 0
    for _ in range(400):
        common = rng.normal(size=40)
        x, y = (shared * common + rest * rng.normal(size=40) for _ in range(2))
        found = agreement(1, 2, x, y)
        assert found.low is not None and found.high is not None
        hits += found.low <= truth <= found.high
    assert hits / 400 == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("count", [0, 1, 2, 4, 6])
def test_few_trials_are_said_to_be_few(count: int) -> None:
    trials, reports = crossing(count) if count else ([], Reports())
    found = rung_findings(trials, reports, [1, 3, 9])

    assert found.turns == []
    assert not found.told
    assert [("Too few trials" in text) for text in rungs(found)][-1:] == [True] * (count > 0)


def test_no_rung_below_a_single_epoch() -> None:
    found = rung_findings(*crossing(20), [1])

    assert (found.agreements, found.turns) == ([], [])
    assert rungs(found) == []


def test_rungs_that_nobody_reached_say_nothing() -> None:
    trials, reports = crossing(20)
    short = {number: curve[:2] for number, curve in reports.items()}
    found = rung_findings(trials, short, [1, 3, 9])

    assert found.reached == [20, 0, 0]
    assert [a.rho for a in found.agreements] == [None] * 3


@pytest.mark.parametrize(
    ("first", "factor", "last", "epochs"),
    [(1, 3, 27, [1, 3, 9, 27]), (2, 4, 10, [2, 8, 10]), (5, 2, 5, [5]), (9, 3, 4, [4])],
)
def test_rungs_of_a_space(first: int, factor: int, last: int, epochs: list[int]) -> None:
    assert rung_epochs(first, factor, last) == epochs


def test_a_rung_that_was_not_reported_foretells_nothing() -> None:
    trials, whole = a_study(40)
    last = {number: curve[-1:] for number, curve in whole.items()}

    found = rung_findings(trials, last, [1, 3, 9])

    assert found.reached == [0, 0, 40]
    assert [pair.rho for pair in found.agreements] == [None] * 3


def test_sentences_name_the_trick_the_rung_and_both_effects() -> None:
    said = rungs(rung_findings(*crossing(60), [1, 9]))

    assert said[0].startswith("Rank correlation with the order at epoch 9, of the 60 trials")
    assert said[1].startswith(f"mixup looks bad at epoch 1 ({MINUS}")
    assert "and good at epoch 9 (+" in said[1]


def test_figure_shows_every_pair_once() -> None:
    drawn = rungs_figure(rung_findings(*crossing(60), [1, 3, 9]))

    assert sorted(label for trace in drawn.data for label in trace.y) == [
        "epoch 1 and 3",
        "epoch 1 and 9",
        "epoch 3 and 9",
    ]
