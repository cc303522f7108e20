"""What each trick changes: a forest plot."""

from collections.abc import Sequence

import plotly.graph_objects as go

from autotrick.analysis.effects import TrickEffect
from autotrick.report.theme import BLUE, GREY, ORANGE, figure, spoken, titled, whiskers
from autotrick.tasks import ACCURACY, Metric

_HELPS, _HARMS, _OPEN, _BARE = (
    "helps",
    "harms",
    "cannot be told yet",
    "too few trials for an interval",
)
_GROUPS = (
    (_HELPS, BLUE, "diamond"),
    (_HARMS, ORANGE, "square"),
    (_OPEN, GREY, "circle-open"),
    (_BARE, GREY, "x-thin-open"),
)


def effects_figure(rows: Sequence[TrickEffect], metric: Metric = ACCURACY) -> go.Figure:
    """Draw each effect as a point with its 95 % interval, the most helpful on top.

    Args:
        metric: That the effects are on.
    """
    shown = [row for row in rows if row.effect is not None][::-1]
    made = figure(height=130 + 28 * max(len(shown), 3))
    for name, colour, symbol in _GROUPS:
        group = [row for row in shown if _group(row) == name]
        if group:
            made.add_trace(_points(metric, group, name, colour, symbol))
    made.add_vline(x=0, line={"color": GREY, "width": 1.5})
    made.update_xaxes(title_text=titled(metric.effect))
    made.update_yaxes(
        categoryorder="array", categoryarray=[_label(row) for row in shown], showgrid=False
    )
    # Plotly's own margin is a share of all rows: with a hundred, several rows' height is empty.
    made.update_yaxes(range=[-0.8, len(shown) - 0.2])
    return made


def _group(row: TrickEffect) -> str:
    if row.low is None or row.high is None:
        return _BARE
    return _OPEN if row.helps is None else _HELPS if row.helps else _HARMS


def _points(
    metric: Metric, rows: Sequence[TrickEffect], name: str, colour: str, symbol: str
) -> go.Scatter:
    effect = [row.effect or 0.0 for row in rows]
    # A point without an interval has no whiskers: of no length, they would look like certainty.
    ends = [] if name == _BARE else [(row.low or 0.0, row.high or 0.0) for row in rows]
    counts = [[row.num_with, row.num_without] for row in rows]
    interval = " (%{customdata[2]:+.2f} to %{customdata[3]:+.2f})" if ends else f" ({name})"
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
        name=name,
        showlegend=True,  # a single kind has to be explained too
        error_x=whiskers(effect, ends) if ends else None,
        customdata=[[*count, *end] for count, end in zip(counts, ends, strict=True)]
        if ends
        else counts,
        hovertemplate=(
            f"%{{y}}: %{{x:+.2f}}{metric.difference_unit}{interval}, "
            "%{customdata[0]} with it, %{customdata[1]} without<extra></extra>"
        ),
    )


def _label(row: TrickEffect) -> str:
    return spoken(row.trick)
