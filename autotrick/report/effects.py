"""The effects of tricks as a forest plot."""

from collections.abc import Sequence

import plotly.graph_objects as go

from autotrick.analysis.effects import TrickEffect, Verdict
from autotrick.report.theme import BLUE, GREY, ORANGE, figure, spoken, titled, whiskers
from autotrick.tasks import ACCURACY, Metric

_GROUPS = (
    (Verdict.HELPS, BLUE, "diamond"),
    (Verdict.HARMS, ORANGE, "square"),
    (Verdict.NO_MATTER, GREY, "circle"),
    (Verdict.UNCLEAR, GREY, "circle-open"),
)


def effects_figure(rows: Sequence[TrickEffect], metric: Metric = ACCURACY) -> go.Figure:
    """Draw each effect that has a 95 % interval as a point with it, the most helpful on top.

    Args:
        metric: That the study looks for.
    """
    shown = [row for row in rows if row.low is not None][::-1]
    made = figure(height=130 + 28 * max(len(shown), 3))
    for verdict, colour, symbol in _GROUPS:
        group = [row for row in shown if row.verdict is verdict]
        if group:
            made.add_trace(_points(metric, group, verdict, colour, symbol))
    made.add_vline(x=0, line={"color": GREY, "width": 1.5})
    made.update_xaxes(title_text=titled(metric.effect))
    made.update_yaxes(
        categoryorder="array", categoryarray=[_label(row) for row in shown], showgrid=False
    )
    # Plotly's own margin is a share of all rows: with a hundred, several rows' height is empty.
    made.update_yaxes(range=[-0.8, len(shown) - 0.2])
    return made


def _points(
    metric: Metric, rows: Sequence[TrickEffect], verdict: Verdict, colour: str, symbol: str
) -> go.Scatter:
    effect = [row.effect or 0.0 for row in rows]
    ends = [(row.low, row.high) for row in rows if row.low is not None and row.high is not None]
    counts = [[row.num_with, row.num_without] for row in rows]
    interval = " (%{customdata[2]:+.2f} to %{customdata[3]:+.2f})"
    return go.Scatter(
        x=effect,
        y=[_label(row) for row in rows],
        mode="markers",
        marker={
            "color": colour,
            "symbol": symbol,
            "size": 11,
            "line": {"width": 2, "color": colour},
        },
        name=verdict.value,
        showlegend=True,  # a single verdict needs a legend too
        error_x=whiskers(effect, ends),
        customdata=[[*count, *end] for count, end in zip(counts, ends, strict=True)],
        hovertemplate=(
            f"%{{y}}: %{{x:+.2f}}{metric.difference_unit}{interval}, "
            "%{customdata[0]} with it, %{customdata[1]} without<extra></extra>"
        ),
    )


def _label(row: TrickEffect) -> str:
    return spoken(row.trick)
