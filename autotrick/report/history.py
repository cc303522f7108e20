"""The history of a study: how the best value improved as trials ended."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from autotrick.analysis.progress import History, Outcome, Span
from autotrick.analysis.summary import Baseline
from autotrick.report.theme import (
    BAND,
    BLUE,
    GREY,
    STATES,
    figure,
    hovered,
    plain,
    titled,
    worse_edge,
)
from autotrick.tasks import Metric

_NAMES = {"complete": "complete", "pruned": "pruned", "failed": "failed", "running": "running"}
_NARROW = 0.15
"""Share of the trials below which a phase has no room for its name."""
_BELOW = {"color": GREY, "symbol": "triangle-down", "size": 8}
_ABOVE = _BELOW | {"symbol": "triangle-up"}


def history_figure(data: History, baseline: Baseline | None = None) -> go.Figure:
    """Draw each trial as a dot, the best so far as a line, and the baseline's mean as another.

    Trials far worse than the others are drawn at the edge, so that the others can be told apart.
    """
    made, metric = figure(height=380), data.metric
    _phases(made, data.phases)
    edge = floor(data)
    inside = [point for point in data.points if edge is None or not beyond(metric, point, edge)]
    for state, name in _NAMES.items():
        points = [point for point in inside if point.state == state]
        if points:
            made.add_trace(_dots(metric, points, name, STATES[state]))
    if edge is not None:
        worse = [point for point in data.points if beyond(metric, point, edge)]
        marker = _BELOW if metric.larger else _ABOVE
        made.add_trace(_dots(metric, worse, beyond_edge(metric, edge), marker, edge))
    led = [point for point in data.points if point.best is not None]
    made.add_scatter(
        x=[point.number for point in led],
        y=[metric.scaled(point.best or 0.0) for point in led],
        mode="lines",
        line={"color": BLUE, "width": 2, "shape": "hv"},
        name="best so far",
        hoverinfo="skip",
    )
    if baseline is not None and baseline.mean is not None:
        made.add_scatter(
            x=_span(data),
            y=[metric.scaled(baseline.mean)] * 2,
            mode="lines",
            line={"color": GREY, "dash": "dash", "width": 1.5},
            name=f"like the best, all tricks off (n = {baseline.num})",
            hovertemplate=f"all tricks off: {hovered(metric, 'y')}<extra></extra>",
        )
    made.update_xaxes(title_text="Trial", range=_span(data))
    made.update_yaxes(title_text=titled(metric.axis))
    if edge is not None:
        best = metric.scaled(max((point.value for point in data.points), key=metric.worth))
        ends = [edge, best + 0.06 * (best - edge)]
        made.update_yaxes(range=sorted(ends))
    return made


def floor(data: History) -> float | None:
    """Return the value, as people read it, beyond which trials stand at the edge; None if none do."""
    values = [data.metric.scaled(point.value) for point in data.points]
    return worse_edge(values, larger=data.metric.larger)


def beyond(metric: Metric, point: Outcome, edge: float) -> bool:
    """Return whether a trial is worse than the edge of the picture."""
    return metric.worth(metric.scaled(point.value)) < metric.worth(edge)


def beyond_edge(metric: Metric, edge: float) -> str:
    """Return what is beyond the edge: `below 81.3 %`."""
    unit = f" {metric.unit}" if metric.unit else ""
    return f"{'below' if metric.larger else 'above'} {edge:.1f}{unit}"


def _phases(made: go.Figure, spans: Sequence[Span]) -> None:
    """Shade every other phase, and name each where it begins first; upright where there is little room."""
    total = sum(span.last - span.first + 1 for span in spans)
    seen: set[str] = set()
    for i, span in enumerate(spans):
        if i % 2 == 0:
            made.add_vrect(
                x0=span.first - 0.5,
                x1=span.last + 0.5,
                fillcolor=BAND,
                line_width=0,
                layer="below",
            )
        if span.phase not in seen:
            seen.add(span.phase)
            narrow = span.last - span.first + 1 < _NARROW * total
            made.add_annotation(
                x=span.first - 0.5,
                y=0,
                yref="paper",
                text=plain(span.phase),
                textangle=-90 if narrow else 0,
                showarrow=False,
                xanchor="left",
                yanchor="bottom",
                font={"size": 12, "color": GREY},
            )


def _span(data: History) -> list[float]:
    numbers = [point.number for point in data.points] or [0]
    margin = 0.6 + 0.01 * numbers[-1]
    return [numbers[0] - margin, numbers[-1] + margin]


def _dots(
    metric: Metric,
    points: list[Outcome],
    name: str,
    look: Mapping[str, Any],
    edge: float | None = None,
) -> go.Scatter:
    values = [metric.scaled(point.value) for point in points]
    return go.Scatter(
        x=[point.number for point in points],
        y=values if edge is None else [edge] * len(points),
        customdata=[[p.epochs, value, p.state] for p, value in zip(points, values, strict=True)],
        mode="markers",
        marker=look,
        cliponaxis=False,
        name=name,
        hovertemplate=(
            f"trial %{{x}}, %{{customdata[2]}}: {hovered(metric, 'customdata[1]')} after epoch "
            "%{customdata[0]}"
            "<extra></extra>"
        ),
    )
