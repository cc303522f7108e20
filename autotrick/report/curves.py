"""Learning curves, with the learning rate below."""

import plotly.graph_objects as go

from autotrick.analysis.progress import Curve, Curves
from autotrick.report.theme import BLUE, GREY, figure, hovered, titled, worse_edge
from autotrick.tasks import Metric

_SPLIT = 0.34
_FEW = 12


def curves_figure(data: Curves) -> go.Figure:
    """Draw every curve thinly and the best trial's, or the only one, boldly."""
    made = figure(height=520)
    alone = len(data.curves) == 1
    for curve in sorted(data.curves, key=lambda curve: curve.number == data.winner):
        name = f"trial {curve.number}" if alone else f"best: trial {curve.number}"
        _add(made, data.metric, curve, name if alone or curve.number == data.winner else "")
    edge = floor(data)
    span = {} if edge is None else {"range": sorted([edge, _best(data)])}
    made.update_layout(
        xaxis={"title": {"text": "Epoch"}, "anchor": "y2", "range": _span(data)} | _ticks(data),
        yaxis={"title": {"text": titled(data.metric.axis)}, "domain": [_SPLIT + 0.06, 1]} | span,
        yaxis2={
            "title": {"text": "Learning rate"},
            "domain": [0, _SPLIT - 0.04],
            "exponentformat": "power",
            "rangemode": "tozero",
        },
        hovermode="closest",
    )
    return made


def floor(data: Curves) -> float | None:
    """Return the value, as people read it, beyond which curves leave the picture; None if none do."""
    return worse_edge(_values(data), larger=data.metric.larger)


def _ticks(data: Curves) -> dict[str, int]:
    """Return a tick for every epoch if there are few; otherwise there would be ticks at half epochs."""
    last = max((curve.epochs[-1] for curve in data.curves), default=1)
    return {"tick0": 1, "dtick": 1} if last <= _FEW else {}


def _span(data: Curves) -> list[float]:
    """Return the ends of the axis of epochs: some way off the curves', so that their labels do not meet."""
    last = max((curve.epochs[-1] for curve in data.curves), default=1)
    margin = 0.03 * max(last - 1, 10)
    return [1 - margin, last + margin]


def _values(data: Curves) -> list[float]:
    return [data.metric.scaled(value) for curve in data.curves for value in curve.values]


def _best(data: Curves) -> float:
    """Return where the axis ends on the better side."""
    return 1.005 * max(_values(data)) if data.metric.larger else 0.995 * min(_values(data))


def _add(made: go.Figure, metric: Metric, curve: Curve, name: str) -> None:
    """Add a curve to both panels; one with a name stands out."""
    colour = BLUE if name else GREY
    line = {"color": colour, "width": 3 if name else 1, "dash": _dash(curve)}
    for axis, values, unit in (
        ("y", [metric.scaled(value) for value in curve.values], hovered(metric, "y")),
        ("y2", curve.lr, "learning rate %{y:.3g}"),
    ):
        made.add_scatter(
            x=curve.epochs,
            y=values,
            yaxis=axis,
            mode="lines+markers" if len(curve.epochs) == 1 else "lines",
            line=line,
            marker={"size": 5, "color": colour},
            opacity=1 if name else 0.45,
            name=name or f"trial {curve.number}",
            showlegend=bool(name) and axis == "y",
            hovertemplate=f"trial {curve.number}, epoch %{{x}}: {unit}<extra></extra>",
        )


def _dash(curve: Curve) -> str:
    return "solid" if curve.state == "complete" else "dot"
