"""How the best accuracy grew as trials came in."""

import plotly.graph_objects as go

from autotrick.analysis.progress import History, Outcome
from autotrick.analysis.summary import Baseline
from autotrick.report.look import BLUE, GREY, STATES, figure

_NAMES = {"complete": "complete", "pruned": "pruned", "failed": "failed", "running": "under way"}


def history_figure(data: History, baseline: Baseline | None = None) -> go.Figure:
    """Draw each trial as a dot, the best so far as a line, and the baseline's mean as another."""
    made = figure(height=380)
    for state, name in _NAMES.items():
        points = [point for point in data.points if point.state == state]
        if points:
            made.add_trace(_dots(points, name))
    led = [point for point in data.points if point.best is not None]
    made.add_scatter(
        x=[point.number for point in led],
        y=[100 * (point.best or 0.0) for point in led],
        mode="lines",
        line={"color": BLUE, "width": 2, "shape": "hv"},
        name="best so far",
        hoverinfo="skip",
    )
    if baseline is not None and baseline.mean is not None:
        made.add_hline(
            y=100 * baseline.mean,
            line={"color": GREY, "dash": "dash", "width": 1.5},
            annotation={"text": f"all tricks off (n = {baseline.num})", "font": {"size": 12}},
            annotation_position="bottom right",
        )
    made.update_xaxes(title_text="Trial", range=_span(data))
    made.update_yaxes(title_text="Validation accuracy (%)")
    return made


def _span(data: History) -> list[float]:
    numbers = [point.number for point in data.points] or [0]
    margin = 0.6 + 0.01 * numbers[-1]
    return [numbers[0] - margin, numbers[-1] + margin]


def _dots(points: list[Outcome], name: str) -> go.Scatter:
    return go.Scatter(
        x=[point.number for point in points],
        y=[100 * point.accuracy for point in points],
        customdata=[point.epochs for point in points],
        mode="markers",
        marker=STATES[points[0].state],
        name=name,
        hovertemplate="trial %{x}: %{y:.2f} % after epoch %{customdata}<extra></extra>",
    )
