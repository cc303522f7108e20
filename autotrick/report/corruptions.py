"""The accuracy of a classifier under common corruptions, by severity."""

from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go

from autotrick.analysis.evaluation import Robustness
from autotrick.report.theme import BLUE, FAINT, GREY, ORANGE, figure
from autotrick.views.evaluation import spoken

_LOOKS = {
    "noise": (BLUE, "solid", "circle"),
    "blur": (ORANGE, "solid", "square"),
    "weather": (GREY, "dash", "diamond"),
    "digital": ("#7a5bd0", "dot", "triangle-up"),
    "geometry": ("#2a9d6f", "dashdot", "cross"),
}
"""Colour, line and marker of each family."""


def robustness_figure(found: Robustness) -> go.Figure:
    """Draw a line for each family of corruptions, and a faint one for each corruption."""
    made = figure(height=400)
    severities = list(range(6))
    for row in (*found.rows, *found.moves):
        made.add_scatter(
            x=severities,
            y=[100 * found.clean, *(100 * value for value in row.accuracies)],
            mode="lines",
            line={"color": FAINT, "width": 1},
            name=spoken(row.name),
            showlegend=False,
            hovertemplate=f"{spoken(row.name)} at severity %{{x}}: %{{y:.1f}} %<extra></extra>",
        )
    for family, values in _families(found):
        colour, dash, symbol = _LOOKS[family]
        made.add_scatter(
            x=severities,
            y=values,
            mode="lines+markers",
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"symbol": symbol, "size": 8, "color": colour},
            name=family,
            hovertemplate=f"{family} at severity %{{x}}: %{{y:.1f}} %<extra></extra>",
        )
    made.update_xaxes(title_text="severity", dtick=1, range=[-0.15, 5.15])
    made.update_yaxes(title_text="accuracy (%)", range=[0, 102])
    return made


def _families(found: Robustness) -> Iterator[tuple[str, list[float]]]:
    """Yield each family with its mean accuracies in percent, severity 0 first."""
    shown = (*found.rows, *found.moves)
    for family in dict.fromkeys(row.family for row in shown):
        rows = [row.accuracies for row in shown if row.family == family]
        yield family, [100 * found.clean, *(100 * np.mean(rows, axis=0)).tolist()]
