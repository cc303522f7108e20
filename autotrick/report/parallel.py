"""All complete trials as lines over what was varied."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any

import numpy as np
import plotly.graph_objects as go

from autotrick.analysis.parallel_coordinates import Axis, Parallel
from autotrick.report.theme import SCALE, figure, spoken

_TICKS = (1, 2, 5)


def parallel_figure(data: Parallel) -> go.Figure:
    """Draw each trial as a line coloured by its value, which is also the last axis."""
    metric = data.metric
    values = [metric.scaled(value) for value in data.values]
    title = metric.title + (f" ({metric.unit})" if metric.unit else "")
    made = figure(height=430)
    last = {"label": title, "values": values, "tickformat": ".1f"}
    made.add_parcoords(
        dimensions=[*(_dimension(axis) for axis in data.axes), last],
        line={
            "color": [metric.worth(value) for value in values],
            "colorscale": SCALE,
            "showscale": False,
            **_middle_to_top([metric.worth(value) for value in values]),
        },
        labelangle=-20,
        labelfont={"size": 13},
        tickfont={"size": 12},
        rangefont={"size": 1, "color": "rgba(0,0,0,0)"},
    )
    made.update_layout(margin={"l": 60, "r": 60, "t": 84, "b": 20})
    return made


def _middle_to_top(worths: Sequence[float]) -> dict[str, float]:
    """Spend the colours on the better half; the rest shares the darkest."""
    ordered = sorted(worths)
    if not ordered or ordered[-1] == ordered[0]:
        return {}
    return {"cmin": ordered[len(ordered) // 4], "cmax": ordered[-1]}


def _dimension(axis: Axis) -> dict[str, Any]:
    made: dict[str, Any] = {"label": spoken(axis.name.removeprefix("slot.")), "values": axis.values}
    if axis.options:
        indices = list(range(len(axis.options)))
        # Lines of one category would hide each other.
        spread = np.random.default_rng(0).uniform(-0.1, 0.1, len(axis.values))
        made["values"] = [float(value) for value in np.asarray(axis.values) + spread]
        made |= {
            "tickvals": indices,
            "ticktext": [spoken(option) for option in axis.options],
            "range": [-0.15, len(indices) - 0.85],
        }
    elif axis.log:
        ticks = _log_ticks(min(axis.values), max(axis.values))
        made["values"] = [log10(value) for value in axis.values]
        made |= {"tickvals": [log10(t) for t in ticks], "ticktext": [f"{t:g}" for t in ticks]}
    elif len(set(axis.values)) <= 8:
        ticks = sorted(set(axis.values))
        # The first axis has little room to its left.
        made |= {"tickvals": ticks, "ticktext": [f"{t:.3g}" for t in ticks]}
    return made


def _log_ticks(low: float, high: float) -> list[float]:
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    ticks = [digit * 10.0**decade for decade in decades for digit in _TICKS]
    return [tick for tick in ticks if low <= tick <= high]
