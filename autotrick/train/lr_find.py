"""Learning-rate range test: train briefly while the rate rises, and watch the loss.

Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017, section 3.3.
https://arxiv.org/abs/1506.01186

The rate rises by the same factor every update. The loss is smoothed by an exponential mean that is
corrected for its short history at the start. The test ends when the smoothed loss is four times its
best or not finite. The three suggestions are fastai's: the middle of the longest valley, the steepest
fall, and a tenth of the rate with the smallest loss.

Differs: the mean remembers 10 updates. fastai's 50 lag by half of a sweep of 100, which put the
minimum of AdamW on the digits at a rate 7 times too high.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from autotrick.data import Dataset
from autotrick.recipe import Recipe
from autotrick.train.loop import losses
from autotrick.train.numerics import numerics
from autotrick.train.prepare import Stages, prepare
from autotrick.tricks import Run, Trick, assemble

_SMOOTHING = 0.9
_DIVERGED = 4.0
_SCHEDULES = ("schedule", "rate", "momentum_at", "accumulate")


@dataclass(frozen=True, slots=True)
class RangeTest:
    """Hold the results of a range test.

    Attributes:
        setting: The varied setting: `base_lr`, or `<trick>.lr` for an optimizer with its own rate.
        rates: Values of the setting, at 256 examples per update.
        losses: Loss of each update; all are finite.
        smoothed: Exponential mean of the losses.
        diverged: Whether the loss exploded before the highest rate.
        suggestions: Rate by method (`valley`, `steep`, `minimum`); empty if the loss never fell.
    """

    setting: str
    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    diverged: bool
    suggestions: dict[str, float]

    @property
    def range(self) -> tuple[float, float] | None:
        """Return the range to search: from a third of the lowest suggestion to the minimum."""
        if not self.suggestions:
            return None
        return min(self.suggestions.values()) / 3, 10 * self.suggestions["minimum"]


@dataclass(frozen=True, kw_only=True)
class _Sweep(Trick):
    """Multiply the learning rate of each update by its factor."""

    name = "lr_find"
    factors: Sequence[float]

    def rate(self, run: Run) -> float:
        return self.factors[run.update]


def lr_find(
    recipe: Recipe,
    data: Dataset,
    *,
    low: float = 1e-5,
    high: float = 10.0,
    updates: int = 100,
    device: str = "cpu",
) -> RangeTest:
    """Try rising learning rates on a separate network; nothing outside changes.

    Tricks that change the schedule are left out. The same recipe gives the same curve.

    Args:
        low: First rate, at 256 examples per update, above 0.
        high: Last rate, above `low`.
        updates: Length of the sweep, at least 10.

    Raises:
        RecipeError: The recipe breaks a rule.
        TrainingError: The data differ from those that the recipe names, or memory ran out.
    """
    assert 0 < low < high and updates >= 10
    recipe = recipe.model_copy(update={"fidelity": None})
    tricks = [trick for trick in assemble(recipe) if not _schedules(trick)]
    rates = np.geomspace(low, high, updates)
    with numerics(recipe, device):
        run = prepare(recipe, data, Stages(tricks), torch.device(device))
        run.updates = max(run.updates, updates)
        first = run.optimizer.param_groups[0]
        peak = first["peak"] / first["scale"] * recipe.base_lr / recipe.lr
        stages = Stages([*tricks, _Sweep(factors=tuple((rates / peak).tolist()))])
        found, smoothed, diverged = _curve(run, stages, updates)
    tested = rates[: len(found)]
    return RangeTest(
        setting=_setting(tricks),
        rates=tuple(tested.tolist()),
        losses=tuple(found),
        smoothed=tuple(smoothed),
        diverged=diverged,
        suggestions=suggest(tested, np.array(smoothed)),
    )


def _schedules(trick: Trick) -> bool:
    return any(getattr(type(trick), stage) is not getattr(Trick, stage) for stage in _SCHEDULES)


def _setting(tricks: list[Trick]) -> str:
    """Return the name of the tested rate in a space."""
    own = (t.name for t in tricks if t.slot == "optimizer" and "lr" in t.values())
    name = next(own, None)
    return f"{name}.lr" if name else "base_lr"


def _curve(run: Run, stages: Stages, updates: int) -> tuple[list[float], list[float], bool]:
    """Return losses, smoothed losses, and whether the loss exploded."""
    found: list[float] = []
    smoothed: list[float] = []
    mean = 0.0
    for loss in losses(run, stages):
        if not math.isfinite(loss):
            return found, smoothed, True
        mean = _SMOOTHING * mean + (1 - _SMOOTHING) * loss
        found.append(loss)
        smoothed.append(mean / (1 - _SMOOTHING ** len(found)))
        if smoothed[-1] > _DIVERGED * min(smoothed):
            return found, smoothed, True
        if len(found) == updates:
            break
    return found, smoothed, False


def suggest(rates: np.ndarray, smoothed: np.ndarray) -> dict[str, float]:
    """Return suggested rates by method; empty if the loss never falls below its start.

    Ignores the first tenth of the curve, which averages few losses, and the last five points, which
    may belong to an explosion.

    Args:
        rates: (N,) rising.
        smoothed: (N,) losses.
    """
    kept = slice(len(rates) // 10, max(len(rates) - 5, len(rates) // 10))
    rates, smoothed = rates[kept], smoothed[kept]
    if len(rates) < 3 or smoothed.argmin() == 0:
        return {}
    slope = np.gradient(smoothed, np.log(rates))
    first, last = longest_fall(smoothed)
    return {
        "valley": float(rates[(first + last) // 2]),
        "steep": float(rates[slope.argmin()]),
        "minimum": float(rates[smoothed.argmin()] / 10),
    }


def longest_fall(values: np.ndarray) -> tuple[int, int]:
    """Return the start and end of the longest falling subsequence."""
    lengths = np.ones(len(values), int)
    begins = np.arange(len(values))
    for i in range(1, len(values)):
        higher = np.flatnonzero(values[:i] > values[i])
        if len(higher):
            j = higher[lengths[higher].argmax()]
            lengths[i], begins[i] = lengths[j] + 1, begins[j]
    end = int(lengths.argmax())
    return int(begins[end]), end
