"""What each trick changes: a forest plot."""

from collections.abc import Sequence

import plotly.graph_objects as go

from autotrick.analysis.effects import TrickEffect
from autotrick.report.look import BLUE, GREY, ORANGE, figure, spoken, whiskers

_GROUPS = (
    (True, "helps", BLUE, "diamond"),
    (False, "harms", ORANGE, "square"),
    (None, "cannot be told yet", GREY, "circle-open"),
)


def effects_figure(rows: Sequence[TrickEffect]) -> go.Figure:
    """Draw each effect as a point with its 95 % interval, the most helpful on top."""
    shown = [row for row in rows if row.effect is not None][::-1]
    made = figure(height=130 + 28 * max(len(shown), 3))
    for helps, name, colour, symbol in _GROUPS:
        group = [row for row in shown if row.helps is helps]
        if group:
            made.add_trace(_points(group, name, colour, symbol))
    made.add_vline(x=0, line={"color": GREY, "width": 1.5})
    made.update_xaxes(title_text="Effect (points of accuracy)")
    made.update_yaxes(
        categoryorder="array", categoryarray=[_label(row) for row in shown], showgrid=False
    )
    return made


def _points(rows: Sequence[TrickEffect], name: str, colour: str, symbol: str) -> go.Scatter:
    effect = [row.effect or 0.0 for row in rows]
    ends = [
        (row.effect or 0.0, row.effect or 0.0)
        if row.low is None or row.high is None
        else (row.low, row.high)
        for row in rows
    ]
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
        error_x=whiskers(effect, ends),
        customdata=[[row.num_with, row.num_without, *e] for row, e in zip(rows, ends, strict=True)],
        hovertemplate=(
            "%{y}: %{x:+.2f} points (%{customdata[2]:+.2f} to %{customdata[3]:+.2f}), "
            "%{customdata[0]} with it, %{customdata[1]} without<extra></extra>"
        ),
    )


def _label(row: TrickEffect) -> str:
    return spoken(row.trick)
