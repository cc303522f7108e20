"""Effects, interactions, combinations and the answer of studies with a screen, held to planted truth."""

from dataclasses import replace

import numpy as np
import pytest

from autotrick.analysis.answer import answer
from autotrick.analysis.combinations import combinations
from autotrick.analysis.effects import Source, TrickEffect, Verdict, effects, screen_of
from autotrick.analysis.interactions import interactions
from autotrick.analysis.prediction import prediction_of
from autotrick.records.rows import TrialRow
from autotrick.tasks.metric import Metric
from tests.analysis.screens import TRICKS, a_screen
from tests.simulated import Reports, a_recipe, a_report, a_study, a_trial

POINTS = {"ema": 1.0, "flip": 0.5, "cutout": -1.0, "mixup": 0.8, "pad_crop": 0.8}
PAIR = ("mixup", "pad_crop")


def by_name(found: list[TrickEffect]) -> dict[str, TrickEffect]:
    return {row.trick: row for row in found}


def truth(trick: str, together: float) -> float:
    """Return the mean over the design, in which half of the runs have the partner on."""
    return POINTS.get(trick, 0.0) + (together / 2 if trick in PAIR else 0.0)


@pytest.mark.parametrize("together", [0.0, -1.4])
def test_intervals_hold_the_truth_and_nulls_are_seldom_claimed(together: float) -> None:
    inside, claimed, wrong, widths = [], [], 0, []
    for seed in range(70):
        for row in effects(*a_screen(POINTS, pairs={PAIR: together}, seed=seed)):
            true = truth(row.trick, together)
            assert row.low is not None and row.high is not None
            inside.append(row.low <= true <= row.high)
            widths.append((row.high - row.low) / 2)
            wrong += row.helps is not None and true != 0 and row.helps is (true < 0)
            if true == 0:
                claimed.append(row.helps is not None)

    # 560 intervals: two standard deviations are 1.8 %.
    assert 0.93 <= float(np.mean(inside)) <= 0.99
    assert float(np.mean(claimed)) <= 0.07
    assert wrong <= 2
    assert float(np.median(widths)) < 0.45


def test_a_screen_s_effects_do_not_depend_on_the_search_beside_it() -> None:
    trials, reports = a_screen(POINTS, seed=1)
    alone = effects(trials, reports)
    searched, curves = a_study(40, points=dict.fromkeys(TRICKS, -3.0), seed=2)
    moved = {100 + number: curve for number, curve in curves.items()}
    beside = [replace(t, number=100 + t.number, phase="search") for t in searched]

    found = effects([*trials, *beside], {**reports, **moved})

    assert found == alone
    assert {row.source for row in found} == {Source.SCREEN}


def test_each_half_has_its_own_level() -> None:
    """A seed that is worth two points would otherwise be noise."""
    trials, reports = a_screen(POINTS, seed=1)
    plain = by_name(effects(trials, reports))
    lifted = {
        number: [
            r.model_copy(update={"accuracy": r.accuracy + 0.02 * (number >= 12)}) for r in curve
        ]
        for number, curve in reports.items()
    }

    found = by_name(effects(trials, lifted))

    assert found["ema"].effect == pytest.approx(plain["ema"].effect)
    assert found["ema"].high == pytest.approx(plain["ema"].high)


def test_a_strong_interaction_joins_the_model_and_narrows_the_intervals() -> None:
    study = a_screen(POINTS, pairs={PAIR: -2.5}, noise=0.2, seed=3)

    model = screen_of(*study)
    [first, *others] = interactions(*study)

    assert model is not None and model.claimed == (PAIR,) and model.spent > 0
    assert (first.first, first.second, first.claimed) == (*PAIR, True)
    assert first.low is not None and first.high is not None and first.low < -2.5 < first.high
    assert not any(row.claimed or row.same_job for row in others)
    half = [(row.high or 0) - (row.low or 0) for row in effects(*study)]
    assert max(half) / 2 < 0.35


def with_a_setting(slope: float, *, seed: int) -> tuple[list[TrialRow], Reports]:
    """Return a screen whose mixup is worth 0.8 points on average, and more where alpha is larger.

    Args:
        slope: Points from the least alpha to the largest one.
    """
    trials, reports = a_screen(POINTS, noise=0.2, halves=4, seed=seed)
    on = [trial for trial in trials if "mixup" in trial.recipe.tricks]
    ranks = (np.random.default_rng(seed).permutation(len(on)) + 0.5) / len(on)
    made = {trial.number: trial for trial in trials}
    for trial, rank in zip(on, ranks.tolist(), strict=True):
        tricks = {**trial.recipe.tricks, "mixup": {"alpha": 0.2 + 0.8 * rank}}
        recipe = trial.recipe.model_copy(update={"tricks": tricks})
        more = slope * (rank - 0.5) / 100
        curve = [
            r.model_copy(update={"accuracy": r.accuracy + more}) for r in reports[trial.number]
        ]
        reports[trial.number] = curve
        value = curve[-1].accuracy
        made[trial.number] = replace(trial, recipe=recipe, value=value)
    return list(made.values()), reports


def test_a_setting_that_matters_joins_the_model_and_narrows_the_intervals() -> None:
    trials, reports = with_a_setting(5.0, seed=3)
    model = screen_of(trials, reports)
    hidden = [replace(t, recipe=a_recipe(*t.recipe.tricks, seed=t.recipe.seed)) for t in trials]

    told, untold = by_name(effects(trials, reports)), by_name(effects(hidden, reports))

    assert model is not None and model.columns.shape[1] > model.main.shape[1]
    for trick in TRICKS:
        mine, theirs = told[trick], untold[trick]
        assert mine.low is not None and mine.high is not None
        assert theirs.low is not None and theirs.high is not None
        assert mine.effect == pytest.approx(POINTS.get(trick, 0.0), abs=0.35)
        assert mine.high - mine.low < 0.5 * (theirs.high - theirs.low), trick


@pytest.mark.parametrize(("slope", "least", "most"), [(0.0, 0, 7), (5.0, 60, 60)])
def test_settings_join_where_they_matter_and_intervals_hold(
    slope: float, least: int, most: int
) -> None:
    """Of 60 that do nothing 3 are expected at 5 %; more than 7 join in one of a hundred tests."""
    inside, joined = [], 0
    for seed in range(60):
        study = with_a_setting(slope, seed=seed)
        model = screen_of(*study)
        assert model is not None
        joined += model.columns.shape[1] > model.main.shape[1]
        for row in effects(*study):
            assert row.low is not None and row.high is not None
            inside.append(row.low <= POINTS.get(row.trick, 0.0) <= row.high)

    assert least <= joined <= most
    assert 0.93 <= float(np.mean(inside)) <= 0.99


def test_two_tricks_that_do_the_same_job_are_named() -> None:
    points = {"mixup": 1.5, "pad_crop": 1.5}

    same = interactions(*a_screen(points, pairs={PAIR: -1.5}, noise=0.2, seed=3))
    opposed = interactions(*a_screen(points, pairs={PAIR: 1.5}, noise=0.2, seed=3))

    assert [(row.first, row.second) for row in same if row.same_job] == [PAIR]
    assert opposed[0].claimed and not any(row.same_job for row in opposed)


def test_without_interactions_few_studies_claim_one() -> None:
    claimed = sum(interactions(*a_screen(POINTS, seed=seed))[0].claimed for seed in range(60))

    assert claimed <= 7  # 5 % of 60 are 3; more than 7 in one of a hundred


def test_a_slow_burner_gets_its_verdict_at_the_end() -> None:
    study = a_screen({"mixup": 1.0}, early={"mixup": -2.0}, noise=0.2, seed=4)

    at_end, early = by_name(effects(*study))["mixup"], by_name(effects(*study, epoch=1))["mixup"]

    assert at_end.final and at_end.verdict is Verdict.HELPS
    assert early.better is False
    assert not early.final and early.helps is None and early.verdict is Verdict.UNCLEAR


def test_what_lies_inside_the_precision_does_not_matter() -> None:
    study = a_screen({}, noise=0.2, halves=4, seed=5)

    wide, narrow = effects(*study, precision=0.5), effects(*study, precision=0.01)

    assert [row.verdict for row in wide].count(Verdict.NO_MATTER) >= 6
    assert not any(row.verdict is Verdict.NO_MATTER for row in narrow)


def test_more_trials_are_needed_the_noisier_they_are() -> None:
    quiet, loud = (
        [row.needed for row in effects(*a_screen({}, noise=noise, seed=6), precision=0.1)]
        for noise in (0.2, 0.8)
    )

    assert all(quiet) and all(loud)
    assert np.median([num or 0 for num in loud]) > 5 * np.median([num or 0 for num in quiet])


def test_a_trick_s_divergence_is_counted_with_and_without_it() -> None:
    trials, reports = a_screen(POINTS, seed=1)
    lost = [trial.number for trial in trials if "mixup" in trial.recipe.tricks][:3]
    trials = [
        replace(trial, state="failed", reason="nan_loss") if trial.number in lost else trial
        for trial in trials
    ]
    reports = {n: curve[:2] if n in lost else curve for n, curve in reports.items()}

    found = by_name(effects(trials, reports))

    row = found["mixup"]
    assert (row.num_left_out, row.diverged_with, row.diverged_without) == (3, 0.25, 0.0)
    assert row.low is not None and row.low < 0.8 < (row.high or 0)
    assert row.effect_with_diverged is not None and row.effect is not None
    assert row.effect_with_diverged < row.effect - 0.5


def test_the_best_combination_may_never_have_been_run() -> None:
    study = a_screen(POINTS, noise=0.2, seed=1)

    found = combinations(*study)

    best = found[0]
    assert (best.num, best.mean, best.best_trial) == (0, None, None)
    assert {"ema", "flip", "mixup", "pad_crop"} <= set(best.tricks) and "cutout" not in best.tricks
    lows = [row.predicted_low or 0 for row in found]
    assert lows == sorted(lows, reverse=True)
    run = [row for row in found if row.num]
    assert run and all(row.predicted is not None and row.mean is not None for row in run)


def test_the_bound_of_the_first_combination_holds() -> None:
    held = []
    for seed in range(60):
        prediction = prediction_of(screen_of(*a_screen(POINTS, noise=0.6, seed=seed)))
        assert prediction is not None
        [best] = prediction.best(1)
        held.append(prediction.gain(best).low <= sum(POINTS.get(name, 0.0) for name in best))

    assert float(np.mean(held)) >= 0.93


def test_combinations_keep_the_rules_of_the_tricks() -> None:
    """Mixup and cutmix share a slot; both are worth much."""
    trials, reports = a_screen({"mixup": 3.0, "ema": 3.0}, noise=0.2, seed=1)
    renamed = []
    for trial in trials:
        levels = trial.design["levels"] if trial.design else {}
        slot = "mixup" if levels["mixup"] != "off" else "off"
        slot = "cutmix" if slot == "off" and levels["ema"] != "off" else slot
        others = {name: level for name, level in levels.items() if name not in ("mixup", "ema")}
        design = {**(trial.design or {}), "levels": others | {"slot.mix": slot}}
        on = [level for level in design["levels"].values() if level != "off"]
        renamed.append(replace(trial, recipe=a_recipe(*on), design=design))

    found = combinations(renamed, reports)
    rows = by_name(effects(renamed, reports))

    assert not any({"mixup", "cutmix"} <= set(row.tricks) for row in found)
    assert rows["mixup"].effect is not None and rows["cutmix"].effect is not None


def test_the_answer_says_what_to_use_what_it_gains_and_what_is_not_worth_it() -> None:
    found = answer(*a_screen(POINTS, noise=0.2, seed=1))

    assert found is not None
    assert {"ema", "flip", "mixup", "pad_crop"} <= set(found.use)
    assert "cutout" in found.not_worth
    assert not set(found.use) & {*found.not_worth, *found.undecided}
    assert found.gain is not None and found.gain_low is not None and found.gain_high is not None
    assert found.gain_low < 3.1 < found.gain_high
    assert found.base == "lenet5, batch 256, base rate 0.1"


def test_an_error_s_gain_is_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    error = Metric("error", "error", larger=False, unit="%", factor=100.0)
    monkeypatch.setattr(
        "autotrick.records.rows.metric_of", dict.fromkeys(["accuracy"], error).__getitem__
    )
    trials, reports = a_screen({"ema": -2.0, "cutout": 2.0}, noise=0.2, seed=1)

    rows, found = by_name(effects(trials, reports)), answer(trials, reports)

    assert rows["ema"].verdict is Verdict.HELPS and (rows["ema"].effect or 0) < 0
    assert found is not None and "ema" in found.use and "cutout" in found.not_worth
    assert found.gain is not None and found.gain > 1
    best = combinations(trials, reports)[0]
    assert "ema" in best.tricks and "cutout" not in best.tricks


def test_without_a_screen_the_answer_names_what_helped_and_adds_nothing_up() -> None:
    found = answer(*a_study(120, points={"ema": 1.5, "flip": 1.5, "cutout": -1.5}, seed=1))

    assert found is not None
    assert (found.use, found.not_worth) == (("ema", "flip"), ("cutout",))
    assert found.gain is found.gain_low is None


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_screen_that_has_just_begun_tells_nothing(count: int) -> None:
    trials, reports = a_screen(POINTS, seed=1)
    trials = trials[:count]
    reports = {trial.number: reports[trial.number] for trial in trials}

    assert all(
        row.effect is None and row.verdict is Verdict.UNCLEAR for row in effects(trials, reports)
    )
    assert all(row.effect is None for row in interactions(trials, reports))
    assert answer(trials, reports) is None
    assert all(row.predicted is None for row in combinations(trials, reports))


def test_equal_values_of_a_screen_are_no_proof() -> None:
    trials, reports = a_screen({}, seed=1)
    flat = {number: [a_report(9, 0.1)] for number in reports}

    assert all(row.effect is None for row in effects(trials, flat))
    assert answer(trials, flat) is None


def test_few_whole_trials_of_a_search_give_no_verdict() -> None:
    """A trick that starts slowly looked bad at the rung where most were stopped."""
    rng = np.random.default_rng(0)
    trials, reports = [], {}
    for number in range(80):
        on = bool(rng.random() < 0.5)
        value = 80 + 0.4 * rng.normal()
        curve = [
            a_report(e, (value - 12 * 0.6**e + on * (-2 + 3 * (e - 1) / 8)) / 100)
            for e in range(1, 10)
        ]
        stop = 9 if number % 8 == 0 else 1
        reports[number] = curve[:stop]
        trial = a_trial(number, a_recipe(*["mixup"] * on, seed=number), reports[number])
        trials.append(replace(trial, state="complete" if stop == 9 else "pruned"))

    [row] = effects(trials, reports)

    assert (row.epoch, row.epochs, row.final) == (1, 9, False)
    assert row.better is False
    assert (row.verdict, row.helps, row.needed) == (Verdict.UNCLEAR, None, None)


def test_trials_that_wait_count_as_pruned() -> None:
    trials, reports = a_study(60, points={"mixup": 1.0}, keep=0.67, seed=5)
    waiting = [replace(t, state="waiting") if t.state == "pruned" else t for t in trials]

    assert effects(waiting, reports) == effects(trials, reports)
    assert effects(trials, reports)[0].num_pruned > 0


def test_nothing_is_recommended_that_the_model_expects_to_cost_something() -> None:
    harmful = {"mixup": -0.6, "cutout": -0.6, "ema": 0.5}
    for seed in range(20):
        prediction = prediction_of(screen_of(*a_screen(harmful, noise=1.5, seed=seed)))
        assert prediction is not None
        use = prediction.improved(prediction.best(1)[0])
        gain = prediction.gain(use).value
        assert all(prediction.gain(use - {name}).value <= gain for name in use)
        assert gain >= 0 or not use


def test_a_trick_that_is_always_on_is_not_asked_about() -> None:
    trials, reports = a_screen(POINTS, seed=5)
    plain = effects(trials, reports)
    always = [
        replace(t, recipe=a_recipe(*t.recipe.tricks, "sgdw", seed=t.recipe.seed)) for t in trials
    ]

    found, said = by_name(effects(always, reports)), answer(always, reports)

    assert all(found[row.trick] == row for row in plain)
    assert (
        said is not None
        and said.use
        and "sgdw" not in {*said.use, *said.not_worth, *said.undecided}
    )
