"""The reliability diagram of a classifier: how often it is right, by how sure it is."""

import plotly.graph_objects as go

from autotrick.analysis.calibration import Calibration
from autotrick.report.theme import BLUE, FAINT, GREY, figure, whiskers


def reliability_figure(found: Calibration) -> go.Figure:
    """Draw accuracy over mean probability for each bin with images, and below it the share of images."""
    made = figure(height=460)
    total = sum(each.images for each in found.bins)
    there = [each for each in found.bins if each.images]
    right = [100 * (each.accuracy or 0.0) for each in there]
    ends = [(100 * (each.accuracy_low or 0.0), 100 * (each.accuracy_high or 0.0)) for each in there]
    made.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        name="probabilities as they say",
        line={"color": GREY, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    made.add_scatter(
        x=[100 * (each.confidence or 0.0) for each in there],
        y=right,
        mode="lines+markers",
        name="this network",
        line={"color": BLUE, "width": 1.5},
        marker={"size": 9, "color": BLUE},
        error_y=whiskers(right, ends, thickness=1.5, width=4),
        customdata=[[each.images, *end] for each, end in zip(there, ends, strict=True)],
        hovertemplate=(
            "%{customdata[0]} images, mean probability %{x:.1f} %: %{y:.1f} % right "
            "(%{customdata[1]:.1f} to %{customdata[2]:.1f})<extra></extra>"
        ),
    )
    made.add_bar(
        x=[50 * (each.low + each.high) for each in found.bins],
        y=[100 * each.images / total for each in found.bins],
        width=[92 * (each.high - each.low) for each in found.bins],
        marker={"color": GREY, "line": {"width": 0}},
        showlegend=False,
        yaxis="y2",
        customdata=[[each.images, 100 * each.low, 100 * each.high] for each in found.bins],
        hovertemplate=(
            "%{customdata[0]} images between %{customdata[1]:.0f} and %{customdata[2]:.0f} %"
            "<extra></extra>"
        ),
    )
    made.update_layout(
        xaxis={
            "title": {"text": "probability of the predicted class (%)"},
            "range": [0, 100.5],
            "anchor": "y2",
        },
        yaxis={"title": {"text": "right (%)"}, "range": [0, 102], "domain": [0.32, 1]},
        yaxis2={
            "title": {"text": "images (%)"},
            "domain": [0, 0.24],
            "gridcolor": FAINT,
            "rangemode": "tozero",
            "zeroline": False,
            "nticks": 4,
            "automargin": True,
        },
    )
    return made
