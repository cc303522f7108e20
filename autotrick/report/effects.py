"""The effects of tricks as a forest plot."""

from collections.abc import Sequence

import plotly.graph_objects as go

from autotrick.analysis.effects import TrickEffect, Verdict
from autotrick.report.forest import Estimate, Mark, forest_figure
from autotrick.report.theme import BLUE, GREY, ORANGE, titled
from autotrick.tasks import ACCURACY, Metric
from autotrick.views.text import count, listed

_EARLY = "early epoch, no verdict"
MARKS = {
    Verdict.HELPS.value: Mark(BLUE, "diamond"),
    Verdict.HARMS.value: Mark(ORANGE, "square"),
    Verdict.NO_MATTER.value: Mark(GREY, "circle"),
    Verdict.UNCLEAR.value: Mark(GREY, "circle-open"),
    _EARLY: Mark(GREY, "triangle-right-open"),
}


def effects_figure(rows: Sequence[TrickEffect], metric: Metric = ACCURACY) -> go.Figure:
    """Draw each effect as a point with its 95 % interval, the most helpful on top.

    A band shades what does not matter. Tricks without an interval come last, without a mark.

    Args:
        metric: That the study looks for.
    """
    final = any(row.final for row in rows)
    reach = rows[0].precision if rows else 0.0
    word = f"within {reach:g}{metric.difference_unit} of 0"
    return forest_figure(
        [_estimate(row) for row in rows],
        MARKS,
        axis=titled(metric.effect),
        unit=metric.difference_unit,
        band=(reach, word) if final and reach > 0 else None,
    )


def _estimate(row: TrickEffect) -> Estimate:
    told = row.low is not None and row.high is not None
    said = f", {row.num_with:,} with it, {count(row.num_without, 'trial')} without"
    if not row.final:
        said += f"; at epoch {row.epoch} of {row.epochs}, not the end"
    elif row.needed:
        said += f"; about {count(row.needed, 'more trial')} for a verdict"
    return Estimate(
        listed([row.trick]),
        row.effect if told else None,
        row.low,
        row.high,
        row.verdict.value if row.final else _EARLY,
        said,
        "cannot tell yet, no interval",
    )
