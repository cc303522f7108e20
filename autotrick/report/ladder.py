"""What each trick adds to those before it, as a forest plot."""

from collections.abc import Sequence

import plotly.graph_objects as go

from autotrick.analysis.ladder import Ladder, LadderStep
from autotrick.report.forest import Estimate, Mark, forest_figure
from autotrick.report.theme import BLUE, GREY, ORANGE, titled
from autotrick.tasks import ACCURACY, Metric
from autotrick.views.text import count, metric_text

_BETTER, _WORSE, _OPEN = "better", "worse", "not told from 0"
_MARKS = {
    _BETTER: Mark(BLUE, "diamond"),
    _WORSE: Mark(ORANGE, "square"),
    _OPEN: Mark(GREY, "circle-open"),
}


def ladder_figure(found: Ladder, metric: Metric = ACCURACY) -> go.Figure:
    """Draw what each step adds to the one before as a point with its 95 % interval, in order.

    Args:
        metric: That the study looks for.
    """
    return forest_figure(
        [_estimate(step, metric) for step in found.steps[1:]],
        _MARKS,
        axis=titled(metric.effect),
        unit=metric.difference_unit,
    )


def ladder_caption(found: Ladder, metric: Metric = ACCURACY) -> str:
    """Return the caption of the figure."""
    first, last = found.steps[0], found.steps[-1]
    return (
        f"From {metric_text(first.value, metric)} without tricks to {metric_text(last.value, metric)} with all: "
        f"what each one adds to those above it, over {count(first.seeds, 'seed')} that all recipes share. In another "
        "order it may add something else."
    )


def drawable(steps: Sequence[LadderStep]) -> bool:
    """Return whether some step has an interval."""
    return any(step.gain is not None and step.gain.low is not None for step in steps)


def _estimate(step: LadderStep, metric: Metric) -> Estimate:
    gain = step.gain
    if gain is None or gain.low is None or gain.high is None:
        return Estimate(step.label.replace("_", " "), None, None, None, _OPEN)
    told = not gain.low <= 0 <= gain.high
    group = _OPEN if not told else _BETTER if metric.worth(gain.value) > 0 else _WORSE
    value = f"; {metric_text(step.value, metric)}, {count(step.seeds, 'seed')}"
    label = step.label.replace("_", " ")
    return Estimate(label, gain.value, gain.low, gain.high, group, value)
