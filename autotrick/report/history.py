"""The history of a study: how the best accuracy grew as trials ended."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from autotrick.analysis.progress import History, Outcome
from autotrick.analysis.summary import Baseline
from autotrick.report.sentences import without_tricks
from autotrick.report.theme import BLUE, GREY, STATES, figure, lower_edge

_NAMES = {"complete": "complete", "pruned": "pruned", "failed": "failed", "running": "running"}
_BELOW = {"color": GREY, "symbol": "triangle-down", "size": 8}


def history_figure(data: History, baseline: Baseline | None = None) -> go.Figure:
    """Draw each trial as a dot, the most accurate so far as a line, and the baseline's mean as another.

    Trials far below the others are drawn at the lower edge, so that the others can be told apart.
    """
    made = figure(height=380)
    edge = floor(data)
    inside = [point for point in data.points if edge is None or 100 * point.accuracy >= edge]
    for state, name in _NAMES.items():
        points = [point for point in inside if point.state == state]
        if points:
            made.add_trace(_dots(points, name, STATES[state]))
    if edge is not None:
        below = [point for point in data.points if 100 * point.accuracy < edge]
        made.add_trace(_dots(below, f"below {edge:.1f} %", _BELOW, edge))
    led = [point for point in data.points if point.best is not None]
    made.add_scatter(
        x=[point.number for point in led],
        y=[100 * (point.best or 0.0) for point in led],
        mode="lines",
        line={"color": BLUE, "width": 2, "shape": "hv"},
        name="most accurate so far",
        hoverinfo="skip",
    )
    if baseline is not None and baseline.mean is not None:
        made.add_scatter(
            x=_span(data),
            y=[100 * baseline.mean] * 2,
            mode="lines",
            line={"color": GREY, "dash": "dash", "width": 1.5},
            name=f"{without_tricks(baseline)} (n = {baseline.num})",
            hovertemplate="all tricks off: %{y:.2f} %<extra></extra>",
        )
    made.update_xaxes(title_text="Trial", range=_span(data))
    made.update_yaxes(title_text="Validation accuracy (%)")
    if edge is not None:
        top = max(100 * point.accuracy for point in data.points)
        made.update_yaxes(range=[edge, top + 0.06 * (top - edge)])
    return made


def floor(data: History) -> float | None:
    """Return the accuracy in percent below which trials stand at the lower edge; None where none do."""
    return lower_edge([100 * point.accuracy for point in data.points])


def _span(data: History) -> list[float]:
    numbers = [point.number for point in data.points] or [0]
    margin = 0.6 + 0.01 * numbers[-1]
    return [numbers[0] - margin, numbers[-1] + margin]


def _dots(
    points: list[Outcome], name: str, look: Mapping[str, Any], edge: float = 0.0
) -> go.Scatter:
    return go.Scatter(
        x=[point.number for point in points],
        y=[max(100 * point.accuracy, edge) for point in points],
        customdata=[[point.epochs, 100 * point.accuracy, point.state] for point in points],
        mode="markers",
        marker=look,
        cliponaxis=False,
        name=name,
        hovertemplate=(
            "trial %{x}, %{customdata[2]}: %{customdata[1]:.2f} % after epoch %{customdata[0]}"
            "<extra></extra>"
        ),
    )
