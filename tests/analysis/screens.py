"""Screens with known truth: folded-over designs of eight tricks around one base."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from autotrick.design.hadamard import plackett_burman
from autotrick.records.rows import TrialRow
from tests.simulated import Reports, a_recipe, a_report, a_trial

TRICKS = (
    *("ema", "flip", "no_norm_decay", "pad_crop"),
    *("cutout", "label_smoothing", "cosine_decay", "mixup"),
)
EPOCHS = 9


def a_screen(
    points: Mapping[str, float],
    *,
    pairs: Mapping[tuple[str, str], float] | None = None,
    noise: float = 0.4,
    halves: int = 2,
    seed: int = 0,
    early: Mapping[str, float] | None = None,
) -> tuple[list[TrialRow], Reports]:
    """Make a screen of 12 runs a half.

    Args:
        points: What each trick adds to the final value, in points.
        pairs: What two tricks add together.
        noise: Standard deviation among runs of one half, in points.
        early: What each trick adds in the first epoch, where it is something else.
    """
    rng = np.random.default_rng(seed)
    first = plackett_burman(12, len(TRICKS), rng)
    assert first is not None
    trials: list[TrialRow] = []
    reports = Reports()
    for half in range(halves):
        shift = 0.5 * rng.normal()
        for row, signs in enumerate(first if half % 2 == 0 else -first):
            on = [name for name, sign in zip(TRICKS, signs, strict=True) if sign > 0]
            final = 80 + shift + noise * rng.normal() + sum(points.get(name, 0.0) for name in on)
            final += sum(gain for pair, gain in (pairs or {}).items() if set(pair) <= set(on))
            start = sum((early or points).get(name, 0.0) - points.get(name, 0.0) for name in on)
            number = len(trials)
            reports[number] = [
                a_report(e, (final - 10 * 0.6**e + start * (EPOCHS - e) / (EPOCHS - 1)) / 100)
                for e in range(1, EPOCHS + 1)
            ]
            trial = a_trial(number, a_recipe(*on, seed=half), reports[number])
            levels = {name: name if name in on else "off" for name in TRICKS}
            design = {"half": half, "runs": 12, "row": row, "base": 0, "seed": half}
            trials.append(replace(trial, phase="screen", design=design | {"levels": levels}))
    return trials, reports
