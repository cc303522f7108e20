"""The Pareto set: trials that no other trial beats in every objective."""

from collections.abc import Sequence

import plotly.graph_objects as go

from autotrick.analysis.tradeoff import Spot, Tradeoff
from autotrick.measures import measure_of, metric_like
from autotrick.report.theme import FAINT, GREY, ORANGE, figure, titled


def tradeoff_figure(data: Tradeoff) -> go.Figure:
    """Draw each complete trial as a dot, and a line through those of the Pareto set."""
    made = figure(height=380)
    best = [spot for spot in data.spots if spot.best]
    made.add_trace(_dots(data, [spot for spot in data.spots if not spot.best], "trials", GREY))
    # With more than two measures, the Pareto set is not a line in the plane.
    line = "lines+markers" if len(data.names) == 2 else "markers"
    made.add_trace(_dots(data, best, "Pareto set", ORANGE, mode=line))
    made.update_xaxes(title_text=_title(data.x))
    made.update_yaxes(title_text=_title(data.y))
    return made


def _dots(
    data: Tradeoff, spots: Sequence[Spot], name: str, color: str, mode: str = "markers"
) -> go.Scatter:
    return go.Scatter(
        x=[_shown(data.x, spot.x) for spot in spots],
        y=[_shown(data.y, spot.y) for spot in spots],
        customdata=[spot.number for spot in spots],
        mode=mode,
        marker={"color": color, "size": 8},
        line={"color": FAINT, "width": 2},
        name=name,
        hovertemplate="trial %{customdata}: %{y:.4g}, %{x:.4g}<extra></extra>",
    )


def _title(name: str) -> str:
    title, metric = titled(measure_of(name).title), metric_like(name)
    return f"{title} ({metric.unit})" if metric and metric.unit else title


def _shown(name: str, value: float) -> float:
    metric = metric_like(name)
    return metric.scaled(value) if metric else value
