from dataclasses import replace

import pytest

from autotrick.analysis.downsample import thin
from autotrick.analysis.parallel_coordinates import parallel
from autotrick.analysis.progress import history, learning_curves, winner
from autotrick.analysis.summary import baseline, summarize
from tests.simulated import a_recipe, a_report, a_study, a_trial

POINTS = {"mixup": 1.0, "cutmix": 0.0, "label_smoothing": 0.5}


def test_best_so_far_counts_complete_trials_only() -> None:
    values = [(0.5, "complete"), (0.9, "pruned"), (0.7, "complete"), (0.6, "complete")]
    trials = [
        a_trial(i, a_recipe(), [a_report(1, value)], state)  # type: ignore[arg-type]
        for i, (value, state) in enumerate(values)
    ]

    assert [point.best for point in history(trials).points] == [0.5, 0.5, 0.7, 0.7]


def test_history_of_many_trials_keeps_every_improvement() -> None:
    trials = [a_trial(i, a_recipe(), [a_report(1, 0.9 if i == 3333 else 0.5)]) for i in range(5000)]

    found = history(trials)

    assert (len(found.points), found.total) == (2000, 5000)
    assert max(point.value for point in found.points) == 0.9


def test_the_winner_is_the_faster_of_two_equals() -> None:
    slow, quick = (
        a_trial(i, a_recipe(), [a_report(1, 0.8, seconds=seconds)])
        for i, seconds in enumerate((3.0, 1.0))
    )

    assert winner([slow, quick]) == quick


def test_curves_of_many_trials_hold_the_winner() -> None:
    trials, reports = a_study(200, points=POINTS, keep=0.67)

    found = learning_curves(trials, reports)

    assert (len(found.curves), found.total) == (60, 200)
    assert found.winner in {curve.number for curve in found.curves}


def test_baseline_is_every_trial_with_all_tricks_off() -> None:
    reports = [a_report(1, value) for value in (0.80, 0.82, 0.9)]
    trials = [
        a_trial(0, a_recipe("flip"), [reports[0]]),
        a_trial(1, a_recipe("flip"), [reports[1]]),
    ]
    trials.append(a_trial(2, a_recipe("flip", "mixup"), [reports[2]]))

    found = baseline(trials)

    assert (found.num, found.best) == (2, 0.82)
    assert found.mean == pytest.approx(0.81)
    assert found.spread == pytest.approx(0.0141, abs=1e-4)
    assert summarize(trials).gain == pytest.approx(9.0)


def test_failures_are_counted_by_their_reason() -> None:
    lost = [replace(a_trial(i, a_recipe(), [], "failed"), reason="nan_loss") for i in range(3)]
    full = replace(a_trial(3, a_recipe(), [], "failed"), reason="out_of_memory")

    assert summarize([*lost, full]).failures == {"nan_loss": 3, "out_of_memory": 1}


def test_summary_of_nothing_has_no_numbers() -> None:
    found = summarize([])

    assert (found.trials, found.best, found.gain, found.baseline.num) == (0, None, None, 0)


def test_a_slot_is_one_axis() -> None:
    trials, _ = a_study(30, points=POINTS)
    trials = [trial for trial in trials if {"mixup", "cutmix"} - trial.recipe.tricks.keys()]

    axes = {axis.name: axis for axis in parallel(trials).axes}

    assert axes["slot.mix"].options == ("off", "cutmix", "mixup")
    assert axes["label_smoothing"].options == ("off", "on")
    assert axes["base_lr"].options == ()


def test_parallel_leaves_out_what_does_not_vary_and_says_what_it_drops() -> None:
    trials, _ = a_study(30, points={f"trick_{i}": 0.0 for i in range(12)})

    found = parallel(trials, first=["trick_9"])

    assert found.axes[0].name == "trick_9"
    assert (len(found.axes), found.left_out) == (8, 5)


@pytest.mark.parametrize(("count", "limit"), [(5, 10), (100, 10), (10_000, 17)])
def test_thinning_keeps_the_ends_and_what_it_is_told_to(count: int, limit: int) -> None:
    kept = thin(range(count), limit, keep=lambda i: i == count // 2)

    assert len(kept) == min(count, limit)
    assert kept == sorted(kept)
    assert {0, count // 2, count - 1} <= set(kept)
