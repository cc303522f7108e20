"""The winner's augmented images as a grid."""

import io
from base64 import b64encode
from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image

from autotrick.report.theme import figure, plain

Samples = Mapping[str, NDArray[np.uint8]]
"""Rows of images by their label: (N, H, W, C) uint8, C = 1 or 3, all of one shape."""

_GAP = 2
_LEAST_SIDE = 48


def samples_figure(samples: Samples) -> go.Figure:
    """Draw one row of images for each label, pixel by pixel."""
    rows = list(samples.values())
    picture = _encoded(_grid(rows))
    count, (num, high, wide) = len(rows), rows[0].shape[:3]
    made = figure(height=32 + count * min(92, 960 // num))
    made.add_layout_image(
        source=picture,
        x=0,
        y=0,
        sizex=num,
        sizey=count,
        xref="x",
        yref="y",
        layer="below",
        sizing="stretch",
    )
    made.add_scatter(x=[0, num], y=[0, count], mode="markers", opacity=0, hoverinfo="skip")
    made.update_xaxes(range=[0, num], visible=False, constrain="domain")
    made.update_yaxes(
        range=[count, 0],
        tickvals=[row + 0.5 for row in range(count)],
        ticktext=[plain(label) for label in samples],
        showgrid=False,
        scaleanchor="x",
        scaleratio=high / wide,
        constrain="domain",
    )
    made.update_layout(margin={"t": 8, "b": 8}, showlegend=False)
    return made


def _grid(rows: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return the (H, W, 4) picture; transparent between the images, which keep whole pixels."""
    num, high, wide = rows[0].shape[:3]
    zoom = max(1, -(-_LEAST_SIDE // min(high, wide)))
    cell_high, cell_wide = high * zoom + 2 * _GAP, wide * zoom + 2 * _GAP
    picture = np.zeros((len(rows) * cell_high, num * cell_wide, 4), np.uint8)
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            colour = np.broadcast_to(image, (high, wide, 3))
            large = colour.repeat(zoom, axis=0).repeat(zoom, axis=1)
            top, left = i * cell_high + _GAP, j * cell_wide + _GAP
            picture[top : top + high * zoom, left : left + wide * zoom, :3] = large
            picture[top : top + high * zoom, left : left + wide * zoom, 3] = 255
    return picture


def _encoded(picture: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(picture, "RGBA").save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"
