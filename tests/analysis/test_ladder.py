"""Tricks added one at a time: paired differences over seeds, and how a gain divides."""

from dataclasses import replace

import numpy as np
import pytest

from autotrick.analysis.ladder import Ladder, ladder_of, paired
from autotrick.recipe import DataRef, Recipe
from autotrick.records import TrialRow
from autotrick.tasks import ACCURACY
from tests.simulated import a_report, a_trial

LABELS = ("no tricks", "+ ema", "+ mixup", "big: no tricks", "big: all tricks")
TRUTH = {
    "no tricks": 80.0,
    "+ ema": 82.0,
    "+ mixup": 81.5,
    "big: no tricks": 81.0,
    "big: all tricks": 83.0,
}
PLAIN = Recipe(
    data=DataRef(name="digits"), architecture="lenet5", epochs=1, batch_size=64, base_lr=0.1
)


def made(noise: float = 0.1, seeds: int = 5, start: int = 0) -> Ladder:
    rng = np.random.default_rng(start)
    common = rng.normal(0, 1.0, seeds)
    trials: list[TrialRow] = []
    for seed in range(seeds):
        for label in LABELS:
            value = TRUTH[label] + common[seed] + rng.normal(0, noise)
            recipe = PLAIN.model_copy(update={"seed": seed})
            trial = a_trial(len(trials), recipe, [a_report(1, value / 100, seconds=2.0)])
            trials.append(replace(trial, origin=label))
    trials[1] = replace(trials[1], state="failed", value=None)
    return ladder_of(LABELS, trials, ACCURACY)


def test_each_step_is_compared_with_the_one_before_it_by_seed() -> None:
    found = made()

    assert [step.label for step in found.steps] == ["no tricks", "+ ema", "+ mixup"]
    plain, ema, mixup = found.steps
    assert (plain.gain, plain.total) == (None, None)
    assert (ema.seeds, ema.failed, mixup.seeds) == (4, 1, 5)
    assert ema.gain is not None and mixup.gain is not None and mixup.total is not None
    assert ema.gain.value == pytest.approx(2.0, abs=0.2)
    assert mixup.gain.value == pytest.approx(-0.5, abs=0.2)
    assert mixup.total.value == pytest.approx(1.5, abs=0.2)
    # Seeds differ by a point; their pairs do not.
    assert ema.gain.high is not None and ema.gain.high - ema.gain.value < 0.3


def test_the_gain_divides_between_network_and_tricks() -> None:
    (split,) = made().splits

    assert split.network == "big"
    found = [split.by_network, split.by_tricks, split.together, split.instead]
    values = [one.value for one in found if one is not None]
    assert values == pytest.approx([1.0, 1.5, 3.0, 0.5], abs=0.25)


def test_intervals_of_pairs_hold_the_truth() -> None:
    held = []
    for start in range(200):
        gain = made(noise=0.5, seeds=3, start=start).steps[2].total
        assert gain is not None and gain.low is not None and gain.high is not None
        held.append(gain.low <= 1.5 <= gain.high)
    assert 0.91 <= np.mean(held) <= 0.99


def test_one_pair_has_a_value_without_interval_and_none_has_nothing() -> None:
    one = paired({0: 1.0, 1: 2.0}, {1: 2.5})
    assert one is not None
    assert (one.value, one.low, one.high) == (0.5, None, None)
    assert paired({0: 1.0}, {1: 2.0}) is None
