"""The look of all figures: colours that colour-blind people tell apart, readable sizes, no decoration.

Backgrounds are transparent; `figures.css` gives text and grid the colours of a light or dark page.
"""

import html
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Any

import numpy as np
import plotly.graph_objects as go

from autotrick.tasks import Metric

BLUE = "#2f86c9"
ORANGE = "#d9730d"
GREY = "#8a909b"
FAINT = "rgba(138, 144, 155, 0.35)"
BAND = "rgba(138, 144, 155, 0.18)"
"""Shades a part of a figure."""
SCALE = [[0, "#8a909b"], [0.5, "#2f86c9"], [1, "#d9730d"]]
"""From poor to good; every step is visible on white and on black."""
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
CONFIG: dict[str, Any] = {"displaylogo": False, "responsive": True, "displayModeBar": False}
STATES = {
    "complete": {"color": BLUE, "symbol": "circle", "size": 8},
    "pruned": {"color": GREY, "symbol": "circle-open", "size": 7},
    "failed": {"color": ORANGE, "symbol": "x", "size": 8},
    "running": {"color": GREY, "symbol": "circle-dot", "size": 8},
    "waiting": {"color": GREY, "symbol": "circle-dot", "size": 8},
}
"""Markers by state: shape and colour both tell the states apart."""

_FENCED = 8
_WORTH = 0.7

_AXIS = {
    "gridcolor": FAINT,
    "linecolor": FAINT,
    "zeroline": False,
    "automargin": True,
    "title": {"font": {"size": 14}, "standoff": 10},
}
_TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 13, "color": "#5d6470"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": [BLUE, ORANGE, GREY],
        "margin": {"l": 56, "r": 16, "t": 36, "b": 48},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "hoverlabel": {"font": {"family": FONT, "size": 13}},
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "xanchor": "left"},
    }
)


def figure(*, height: int) -> go.Figure:
    """Return an empty figure in the common look; its width is the page's.

    Args:
        height: In CSS pixels.
    """
    made = go.Figure()
    made.update_layout(template=_TEMPLATE, height=height, autosize=True)
    return made


def whiskers(
    values: Sequence[float], ends: Iterable[tuple[float, float]], **style: Any
) -> dict[str, Any]:
    """Return error bars between the ends of the interval of each value, as plotly takes them.

    Args:
        ends: Lower and upper end, in the values' unit.
        style: What plotly lets one choose of error bars, in place of thickness 2 and width 5.
    """
    pairs = list(zip(values, ends, strict=True))
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - value for value, (_, high) in pairs],
        "arrayminus": [value - low for value, (low, _) in pairs],
        "thickness": 2,
        "width": 5,
    } | style


def lower_edge(values: Sequence[float]) -> float | None:
    """Return where an axis begins so that a few values far below do not flatten all others.

    That is Tukey's lower fence: the first quartile less one and a half times the distance to the third.

    Returns:
        In the values' unit; None where that would bring little, or values are too few to say so.
    """
    if len(values) < _FENCED:
        return None
    first, third = np.quantile(values, [0.25, 0.75])
    fence = float(first - 1.5 * (third - first))
    kept = [value for value in values if value >= fence]
    whole, seen = max(values) - min(values), max(kept) - min(kept)
    return min(kept) - 0.08 * seen if seen < _WORTH * whole else None


def titled(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def hovered(metric: Metric, variable: str) -> str:
    """Return how a figure shows one of its values where the mouse points: `%{y:.2f} %`."""
    unit = f" {metric.unit}" if metric.unit else ""
    return f"%{{{variable}:.{metric.digits}f}}{unit}"


def worse_edge(values: Sequence[float], *, larger: bool) -> float | None:
    """Return where an axis ends on the worse side: `lower_edge`, or its mirror where less is better.

    Args:
        larger: Whether larger values are better.
    """
    if larger:
        return lower_edge(values)
    edge = lower_edge([-value for value in values])
    return None if edge is None else -edge


def plain(text: str) -> str:
    """Return text that plotly shows as it is; it would interpret some HTML tags."""
    return html.escape(text, quote=False)


def spoken(name: str) -> str:
    """Return a name of the catalogue as people write it: `label_smoothing` is label smoothing."""
    return plain(name.replace("_", " "))


def stylesheet(name: str) -> str:
    """Return one of this package's CSS files."""
    return resources.files("autotrick.report").joinpath(name).read_text("utf-8")


def list_rows(made: go.Figure, labels: Sequence[str]) -> None:
    """Give a figure a row for each label, the last one at the top.

    Plotly's own margin is a share of all rows: with a hundred, several rows' height would be empty.
    """
    made.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=list(labels),
        range=[-0.8, len(labels) - 0.2],
        showgrid=False,
    )
