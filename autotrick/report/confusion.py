"""The confusion matrix of a classifier as a heat map."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from autotrick.analysis.evaluation import Scores
from autotrick.report.theme import figure, plain

_BLUE, _ORANGE = "47, 134, 201", "217, 115, 13"
_WRITTEN = 20
"""Number of classes up to which cells are large enough for a number."""
_TICKS = 60
"""Number of classes up to which every one is named."""
_LONGEST = 18
"""Letters of a class's name on an axis."""


def confusion_figure(found: Scores) -> go.Figure:
    """Draw a cell for each true class, a row each, and predicted class; empty where there is no image.

    Colour is the share of the class's images, blue where they are right and orange where not.
    """
    count = len(found.classes)
    written = count <= _WRITTEN
    cell = 34 if written else 18 if count <= 40 else max(8, 720 // count)
    made = figure(height=150 + cell * max(count, 4))
    images = found.confusion.sum(axis=1, keepdims=True)
    shares = found.confusion / np.maximum(images, 1)
    right = np.eye(count, dtype=bool)
    for chosen, colour, said in ((right, _BLUE, "right"), (~right, _ORANGE, "wrong")):
        made.add_trace(_cells(found, shares, chosen, colour, said, written=written))
    step = 1 if count <= _TICKS else -(-count // (_TICKS // 2))
    places = list(range(0, count, step))
    axis = {
        "tickvals": places,
        "ticktext": [_short(found.classes[i]) for i in places],
        "tickfont": {"size": 12 if written else 10},
        "showgrid": False,
        "ticks": "",
    }
    made.update_xaxes(
        **axis,
        range=[-0.5, count - 0.5],
        tickangle=0 if count <= 3 else -45,
        title={"text": "taken for"},
    )
    made.update_yaxes(**axis, range=[count - 0.5, -0.5], title={"text": "class"})
    made.update_layout(margin={"t": 12}, showlegend=False)
    return made


def _cells(
    found: Scores,
    shares: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    colour: str,
    said: str,
    *,
    written: bool,
) -> go.Heatmap:
    """Return the chosen cells that have images."""
    there = chosen & (found.confusion > 0)
    names = [plain(name) for name in found.classes]
    count = len(names)
    return go.Heatmap(
        # A root, so that a few mistakes of a large class are seen.
        z=np.where(there, np.sqrt(shares), np.nan).tolist(),
        zmin=0,
        zmax=1,
        # Without a number in it, one mistake must be seen by its colour alone, on a dark page too.
        colorscale=[
            [0, f"rgba({colour}, {0.12 if written else 0.5})"],
            [1, f"rgba({colour}, {0.75 if written else 1})"],
        ],
        showscale=False,
        xgap=1 if written else 0,
        ygap=1 if written else 0,
        text=np.where(there, found.confusion.astype(str), "").tolist() if written else None,
        texttemplate="%{text}" if written else None,
        textfont={"size": 12},
        customdata=[
            [
                [names[i], names[j], int(found.confusion[i, j]), f"{100 * shares[i, j]:.1f} %"]
                for j in range(count)
            ]
            for i in range(count)
        ],
        hoverongaps=False,
        hovertemplate=(
            f"%{{customdata[0]}} taken for %{{customdata[1]}} ({said}): %{{customdata[2]}} images, "
            "%{customdata[3]} of the class<extra></extra>"
        ),
    )


def _short(name: str) -> str:
    return plain(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}\u2026")
