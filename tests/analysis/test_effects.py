import subprocess
import sys

import numpy as np
import pytest

from autotrick.analysis.effects import TrickEffect, Verdict, common_epoch, effects
from autotrick.records.rows import TrialState
from tests.simulated import NO_EFFECT, a_recipe, a_report, a_study, a_trial

TRUTH = NO_EFFECT | {"trick_0": 1.0, "trick_1": 0.5, "trick_2": -1.0}


def by_name(found: list[TrickEffect]) -> dict[str, TrickEffect]:
    return {row.trick: row for row in found}


def coverage(count: int, keep: float, studies: int) -> tuple[float, dict[str, float], float]:
    """Return share of intervals with the truth, mean estimate by trick, and share of intervals."""
    rows = [
        row
        for seed in range(studies)
        for row in effects(*a_study(count, points=TRUTH, keep=keep, seed=seed))
    ]
    ends = [(row.trick, row.low, row.high) for row in rows]
    inside = [low <= TRUTH[name] <= high for name, low, high in ends if low and high]
    estimates = {
        name: float(np.mean([row.effect or 0 for row in rows if row.trick == name]))
        for name in TRUTH
    }
    return float(np.mean(inside)), estimates, len(inside) / len(rows)


@pytest.mark.slow
@pytest.mark.parametrize(("count", "keep"), [(20, 1.0), (40, 1.0), (60, 0.5), (120, 0.67)])
def test_intervals_hold_the_truth_in_19_of_20_studies(count: int, keep: float) -> None:
    share, estimates, told = coverage(count, keep, 60)

    assert 0.925 <= share <= 0.985
    assert told > 0.95
    assert estimates == pytest.approx(TRUTH, abs=0.2)


def test_a_known_effect_is_found_with_its_sign_and_its_cost() -> None:
    trials, reports = a_study(80, points=TRUTH, costs={"trick_2": 1.5}, seed=3)

    found = by_name(effects(trials, reports))

    assert found["trick_0"].helps is True
    assert found["trick_2"].helps is False
    assert found["trick_2"].cost == pytest.approx(1.5, rel=0.02)
    assert found["trick_0"].cost == pytest.approx(1.0, rel=0.02)


def test_a_trick_without_effect_includes_zero() -> None:
    found = effects(*a_study(60, seed=1))

    assert [row.helps for row in found] == [None] * 6


def test_most_helpful_comes_first() -> None:
    found = effects(*a_study(80, points=TRUTH, seed=3))

    assert found[0].trick == "trick_0"
    assert found[-1].trick == "trick_2"


def test_adjusts_for_the_learning_rate_that_came_with_the_trick() -> None:
    rng = np.random.default_rng(0)
    trials, reports = [], {}
    for i in range(60):
        on = bool(rng.random() < 0.5)
        log_lr = (1.5 if on else -0.5) + 0.7 * rng.normal()
        value = 0.8 + 0.03 * log_lr + 0.002 * rng.normal()
        recipe = a_recipe(*["mixup"] * on, base_lr=0.1 * float(np.exp(log_lr)), seed=i)
        reports[i] = [a_report(1, value)]
        trials.append(a_trial(i, recipe, reports[i]))

    [row] = effects(trials, reports)

    assert row.low is not None and row.high is not None
    assert row.low < 0 < row.high
    assert row.high - row.low < 1


def test_pruned_trials_take_part_through_a_forecast() -> None:
    trials, reports = a_study(100, points=TRUTH, keep=0.67, seed=5)

    found = by_name(effects(trials, reports))["trick_0"]

    assert found.num_with + found.num_without == 100
    assert found.num_pruned == sum(len(curve) < found.epoch for curve in reports.values()) > 0
    assert found.low is not None and found.high is not None
    assert found.low < 1.0 < found.high


def test_same_trials_give_the_same_numbers() -> None:
    study = a_study(60, points=TRUTH, keep=0.5, seed=5)

    assert effects(*study) == effects(*study)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_too_few_trials_give_no_interval(count: int) -> None:
    found = effects(*a_study(count, points=TRUTH, seed=2))

    assert all(row.low is None and row.high is None and row.note for row in found)


def test_a_trick_tried_once_has_no_interval() -> None:
    trials, reports = a_study(40, points={"common": 1.0}, seed=1)
    reports[40] = [a_report(e, 0.9) for e in range(1, 10)]
    trials.append(a_trial(40, a_recipe("rare"), reports[40]))

    rare = by_name(effects(trials, reports))["rare"]

    assert (rare.num_with, rare.low, rare.high) == (1, None, None)
    assert rare.note == "too few trials for an interval"


def test_a_trick_that_is_always_on_has_no_effect_to_tell() -> None:
    trials, reports = a_study(30, points={"common": 1.0}, seed=1)
    trials = [
        a_trial(t.number, a_recipe("always", *t.recipe.tricks), reports[t.number]) for t in trials
    ]

    always = by_name(effects(trials, reports))["always"]

    assert (always.effect, always.num_without) == (None, 0)
    assert always.note == "on in every trial compared"


def test_tricks_that_only_come_together_are_not_told_apart() -> None:
    trials, reports = a_study(30, points={"common": 1.0, "left": 1.0}, seed=1)
    trials = [
        a_trial(
            t.number,
            a_recipe(*t.recipe.tricks, *["right"] * ("left" in t.recipe.tricks)),
            reports[t.number],
        )
        for t in trials
    ]

    found = by_name(effects(trials, reports))

    assert found["left"].effect is found["right"].effect is None
    assert found["left"].note == "always changed together with another trick or architecture"
    assert found["common"].effect is not None


def test_a_slot_that_is_never_off_compares_a_trick_with_the_others() -> None:
    trials, reports = a_study(60, points={"common": 1.0, "cosine": 1.5}, seed=1)
    trials = [
        a_trial(
            t.number,
            a_recipe(*t.recipe.tricks, *["step"] * ("cosine" not in t.recipe.tricks)),
            reports[t.number],
        )
        for t in trials
    ]

    found = by_name(effects(trials, reports))

    assert found["cosine"].against == ("step",)
    assert found["step"].against == ("cosine",)
    assert found["common"].against == ()
    assert found["cosine"].effect == pytest.approx(-(found["step"].effect or 0))
    assert found["cosine"].effect == pytest.approx(1.5, abs=0.6)


def test_equal_accuracies_are_no_proof_of_no_effect() -> None:
    reports = {i: [a_report(1, 0.1)] for i in range(20)}
    trials = [a_trial(i, a_recipe(*["mixup"] * (i % 2)), reports[i]) for i in range(20)]

    [row] = effects(trials, reports)

    assert row.effect is row.low is row.high is None
    assert row.verdict is Verdict.UNCLEAR


def test_trials_still_running_or_failed_early_are_left_out() -> None:
    trials, reports = a_study(30, points={"common": 1.0}, seed=1)
    states: list[TrialState] = ["running", "failed", "waiting"]
    for number, state in enumerate(states, start=30):
        reports[number] = [a_report(1, 0.2)] if state != "waiting" else []
        trials.append(a_trial(number, a_recipe("common"), reports[number], state))

    [row] = effects(trials, reports)

    assert row.num_with + row.num_without == 30


def test_no_reports_give_no_effects() -> None:
    trials = [a_trial(0, a_recipe("mixup"), [], "waiting")]

    [row] = effects(trials, {})

    assert (row.effect, row.epoch, row.note) == (None, 0, "no reports yet")


def test_an_epoch_that_nobody_reached_has_no_effects() -> None:
    trials, reports = a_study(20, keep=0.5)
    pruned = [trial for trial in trials if trial.state == "pruned"]

    assert {row.note for row in effects(pruned, reports, epoch=9)} == {"no reports yet"}


@pytest.mark.parametrize(
    ("lengths", "epoch"),
    [([], 0), ([3, 5], 3), ([9] * 4 + [1] * 4, 1), ([9] * 8 + [1] * 8, 9), ([9] * 7 + [2] * 9, 2)],
)
def test_common_epoch_is_reached_by_half_and_by_enough(lengths: list[int], epoch: int) -> None:
    reports = {
        i: [a_report(e, 0.5) for e in range(1, length + 1)] for i, length in enumerate(lengths)
    }

    assert common_epoch(reports) == epoch


@pytest.mark.parametrize(("reported", "keep"), [((9,), 1.0), ((3, 6, 9), 1.0), ((1, 3, 9), 0.6)])
def test_an_epoch_is_what_its_report_says_and_not_its_place(
    reported: tuple[int, ...], keep: float
) -> None:
    """Studies of other tools have the last epoch only, or each third."""
    trials, whole = a_study(60, points=NO_EFFECT | {"trick_1": 1.0}, keep=keep, seed=3)
    some = {
        number: [report for report in curve if report.epoch in reported]
        for number, curve in whole.items()
    }

    every, few = (by_name(effects(trials, curves, epoch=9)) for curves in (whole, some))

    told = [[(r.effect, r.low, r.num_with, r.num_pruned) for r in f.values()] for f in (every, few)]
    assert told[0] == told[1]
    assert common_epoch(some) == common_epoch(whole) == (9 if keep == 1.0 else 3)


def test_trials_without_the_early_epochs_foretell_nothing_of_the_pruned_ones() -> None:
    trials, whole = a_study(60, keep=0.6, seed=3)
    last = {number: curve[-1:] for number, curve in whole.items()}

    found = effects(trials, last, epoch=9)

    complete = sum(trial.state == "complete" for trial in trials)
    assert {(row.num_with + row.num_without, row.num_pruned) for row in found} == {(complete, 0)}


def test_a_trick_that_all_who_came_to_the_end_have_is_not_told_from_the_constant() -> None:
    """Its effect came out at 20 points: what both share went by halves to either."""
    trials, reports = a_study(60, points=NO_EFFECT | {"trick_1": 3.0}, keep=0.6, seed=3)
    whole = [trial for trial in trials if trial.state == "complete"]
    assert all("trick_1" in trial.recipe.tricks for trial in whole)

    found = by_name(effects(trials, reports, epoch=9))["trick_1"]

    assert found.num_without > 5
    assert found.effect == pytest.approx(3.0, abs=2.0)


def test_importing_loads_no_heavy_library() -> None:
    code = (
        "import sys, autotrick.analysis.effects, autotrick.analysis.combinations; "
        "heavy = {'torch', 'ray', 'pandas', 'scipy', 'sklearn', 'optuna', 'plotly'}; "
        "sys.exit(', '.join(heavy & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stderr.strip() == ""


def test_trials_that_diverged_are_left_out_and_counted() -> None:
    trials, reports = a_study(60, points=TRUTH, seed=3)
    plain = by_name(effects(trials, reports))
    diverged = {
        number: [report.model_copy(update={"accuracy": 0.1}) for report in curve]
        if number in (5, 11, 17)
        else curve
        for number, curve in reports.items()
    }

    found = by_name(effects(trials, diverged))

    assert {row.num_left_out for row in found.values()} == {3}
    assert found["trick_0"].num_with + found["trick_0"].num_without == 57
    assert found["trick_0"].effect == pytest.approx(plain["trick_0"].effect, abs=0.3)
