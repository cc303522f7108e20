"""Numbers and settings as people read them; each kind is formatted here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autotrick.measures import metric_like, worded
from autotrick.tasks import ACCURACY, Metric

if TYPE_CHECKING:
    from datetime import datetime

    from autotrick.recipe import Recipe
    from autotrick.records.rows import AttemptState, TrialState

DASH = "\N{EN DASH}"
"""Stands for a number that is not known."""
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"

ASCII = str.maketrans({DASH: "-", MINUS: "-", TIMES: "x"})
"""For terminals: the same text in letters that can be typed and searched for."""


def metric_text(value: float | None, metric: Metric = ACCURACY) -> str:
    """Return a value of the study's metric with its unit: `91.23 %`, `3.20 grey levels`."""
    return DASH if value is None else metric.shown(value)


def percent(share: float | None) -> str:
    """Return a share in [0, 1] as `91.23 %`."""
    return DASH if share is None else f"{100 * share:.2f} %"


def points(value: float | None) -> str:
    """Return a difference as people read the metric, with its sign, without its unit: `+0.80`."""
    return DASH if value is None else f"{value:+.2f}".replace("-", MINUS)


def interval(low: float | None, high: float | None) -> str:
    """Return the two ends of an interval in points: `+0.49 to +1.98`."""
    return "none" if low is None or high is None else f"{points(low)} to {points(high)}"


def interval_text(low: float | None, high: float | None, metric: Metric = ACCURACY) -> str:
    """Return the interval of a value of the metric after a blank: ` (90.10 to 91.40)`; empty without."""
    if low is None or high is None:
        return ""
    ends = (f"{metric.scaled(end):.{metric.digits}f}" for end in (low, high))
    return f" ({' to '.join(ends)})".replace("-", MINUS)


def duration(seconds: float | None) -> str:
    """Return a time in its two largest units: `22.7 s`, `1 min 05 s`, `1 h 02 min`."""
    if seconds is None:
        return DASH
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60:,} h {minutes % 60:02d} min"


def moment(when: datetime) -> str:
    """Return a date and time to the minute: `2026-11-30 09:00`."""
    return f"{when:%Y-%m-%d %H:%M}"


def number(value: int | None) -> str:
    """Return a whole number with its thousands apart: `61,706`."""
    return DASH if value is None else f"{value:,}"


def count(value: int, noun: str) -> str:
    """Return a number of things: `1 trial`, `2 trials`, `1,000 trials`."""
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


def counts_text(counts: Mapping[TrialState, int]) -> str:
    """Return how many trials are in which state: `9 complete, 18 pruned`."""
    return ", ".join(f"{n:,} {state}" for state, n in counts.items() if n) or "no trials"


def rate(lr: float | None) -> str:
    """Return a learning rate to three digits."""
    return DASH if lr is None else f"{lr:.3g}"


def factor(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """Return a factor with its interval if there is one: `x 1.04 (1.01 to 1.07)`, with a times sign."""
    if value is None:
        return DASH
    ends = "" if low is None or high is None else f" ({low:.2f} to {high:.2f})"
    return f"{TIMES} {value:.2f}{ends}"


def loss(value: float) -> str:
    """Return a loss to four decimals."""
    return f"{value:.4f}"


def batch(recipe: Recipe) -> str:
    """Return the batch size, and how many batches make an update if more than one: `64 x 4`."""
    size, times = recipe.batch_size, recipe.accumulation
    return str(size) if times == 1 else f"{size} {TIMES} {times}"


def listed(names: Sequence[str]) -> str:
    """Return names of the catalogue as people write them: `label smoothing, mixup`."""
    return ", ".join(name.replace("_", " ") for name in names)


def tricks(recipe: Recipe) -> str:
    """Return the tricks that are on, as people write them: `label smoothing, mixup`."""
    return listed(sorted(recipe.tricks)) or "no tricks"


def tricks_with_settings(recipe: Recipe) -> str:
    """Return the tricks that are on with their settings: `mixup(alpha=0.2), flip`."""
    named = (_with_settings(name, settings) for name, settings in recipe.tricks.items())
    return ", ".join(named) or "no tricks"


def _with_settings(name: str, settings: Mapping[str, Any]) -> str:
    shown = [
        f"{key}={value:.3g}" if isinstance(value, float) else f"{key}={value}"
        for key, value in settings.items()
        if isinstance(value, int | float | str)
    ]
    return f"{name}({', '.join(shown)})" if shown else name


def setting(value: Any) -> str:
    """Return a recipe's setting as JSON would write it, numbers to four digits."""
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value) if value else DASH
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def with_reason(state: TrialState | AttemptState, reason: str | None) -> str:
    """Return a state with its reason if there is one: `failed (nan_loss)`."""
    return f"{state} ({reason})" if reason else state


def measure(name: str, value: float | None) -> str:
    """Return a value of a measure of `autotrick.measures`, or a score."""
    if value is None:
        return DASH
    if (metric := metric_like(name)) is not None:
        return metric_text(value, metric)
    if name == "seconds":
        return duration(value)
    if name in ("memory", "parameters", "multiply_adds"):
        return worded(name, value)
    return f"{value:.4g}"
