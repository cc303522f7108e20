"""The curve of a learning-rate range test."""

from collections.abc import Mapping, Sequence
from math import log10
from pathlib import Path

import plotly.graph_objects as go

from autotrick.atomic_file import whole_file
from autotrick.errors import ResourceError
from autotrick.report.theme import BLUE, CONFIG, GREY, ORANGE, figure, plain


def lr_find_figure(
    rates: Sequence[float],
    losses: Sequence[float],
    smoothed: Sequence[float],
    suggestions: Mapping[str, float],
    *,
    setting: str,
) -> go.Figure:
    """Draw losses over learning rates, with a line at every suggestion.

    Args:
        rates: Rising; the axis is logarithmic.
        setting: What the rate is called in a space.
    """
    made = figure(height=420)
    for values, name, colour, width in (
        (losses, "loss of the update", GREY, 1),
        (smoothed, "smoothed", BLUE, 3),
    ):
        made.add_scatter(
            x=list(rates),
            y=list(values),
            mode="lines",
            name=name,
            line={"color": colour, "width": width},
            hovertemplate=f"{plain(setting)} %{{x:.3g}}: loss %{{y:.4f}}<extra>{name}</extra>",
        )
    # Names in three rows, since suggestions may lie close together.
    for i, (method, rate) in enumerate(sorted(suggestions.items(), key=lambda item: item[1])):
        made.add_vline(x=rate, line={"color": ORANGE, "width": 2, "dash": "dot"})
        made.add_annotation(
            x=log10(rate),  # plotly places annotations so on a logarithmic axis
            xref="x",
            y=0.98 - 0.07 * i,
            yref="paper",
            text=f"{plain(method)} {rate:.3g}",
            showarrow=False,
            xanchor="left",
            xshift=4,
            font={"color": ORANGE},
        )
    made.update_layout(
        xaxis={"title": {"text": plain(setting)}, "type": "log", "exponentformat": "power"},
        yaxis={"title": {"text": "Training loss"}, "range": _heights(smoothed)},
    )
    return made


def _heights(smoothed: Sequence[float]) -> list[float]:
    """Return the range of losses that shows the fall, not the explosion."""
    low, first = min(smoothed), smoothed[0]
    room = max(first - low, 0.1 * abs(first), 1e-3)
    return [low - 0.6 * room, first + 1.2 * room]


def write_lr_find(path: Path | str, drawn: go.Figure, title: str) -> None:
    """Write the figure as one self-contained HTML file.

    Raises:
        ResourceError: The file cannot be written.
    """
    drawn.update_layout(title={"text": plain(title)}, margin={"t": 80})
    try:
        with whole_file(Path(path)) as partial:
            drawn.write_html(partial, include_plotlyjs=True, full_html=True, config=CONFIG)
    except OSError as error:
        raise ResourceError(f"cannot write {path}: {error.strerror}.") from error
