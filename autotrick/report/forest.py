"""Forest plots: estimates in a column, each with its 95 % interval."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import plotly.graph_objects as go

from autotrick.report.theme import BAND, GREY, figure, list_rows, plain, whiskers

_ROW = 28
_HEAD = 130
_UNKNOWN = 12
"""Maximum number of rows without an interval; the others are counted."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One row.

    Attributes:
        label: At its left.
        value: In the unit of the axis; None without an interval, as a number alone claims too much.
        low: Lower end of the interval; None with the value.
        high: Its upper end.
        group: Name in the legend.
        hover: What else is said where the mouse points, such as the trials behind it.
        missing: What stands in place of a number.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    group: str
    hover: str = ""
    missing: str = "no interval yet"

    @property
    def known(self) -> bool:
        """Whether it has a number with its interval."""
        return self.value is not None and self.low is not None and self.high is not None


@dataclass(frozen=True, slots=True)
class Mark:
    """How the rows of a group look; colour and shape both tell the groups apart."""

    colour: str
    symbol: str


def forest_figure(
    rows: Sequence[Estimate],
    marks: dict[str, Mark],
    *,
    axis: str,
    unit: str = "",
    band: tuple[float, str] | None = None,
) -> go.Figure:
    """Draw the rows, the first on top; rows without an interval come last, and have no mark.

    Args:
        marks: By group, in the order of the legend.
        axis: Title of the axis.
        unit: Of the values, with a blank before it.
        band: Half-width of the shaded band around 0, and what the legend says of it.
    """
    known, unknown = [[row for row in rows if row.known is told] for told in (True, False)]
    if (rest := len(unknown) - _UNKNOWN) > 0:
        unknown = [*unknown[:_UNKNOWN], replace(unknown[-1], label=f"{rest:,} more")]
    ordered = [*known, *unknown]
    made = figure(height=_HEAD + _ROW * max(len(ordered), 3))
    if band is not None:
        _shade(made, *band)
    for group, mark in marks.items():
        there = [row for row in ordered if row.group == group and row.known]
        if there:
            made.add_trace(_points(there, group, mark, unit))
    for row in ordered:
        if not row.known:
            made.add_annotation(
                x=0,
                y=plain(row.label),
                text=plain(row.missing),
                showarrow=False,
                xanchor="left",
                xshift=6,
                font={"size": 12, "color": GREY},
            )
    made.add_vline(x=0, line={"color": GREY, "width": 1.5})
    made.update_xaxes(title_text=axis)
    list_rows(made, [plain(row.label) for row in reversed(ordered)])
    return made


def _shade(made: go.Figure, reach: float, name: str) -> None:
    made.add_vrect(x0=-reach, x1=reach, fillcolor=BAND, line_width=0, layer="below")
    made.add_scatter(
        x=[None],
        y=[None],
        mode="markers",
        marker={"color": BAND, "symbol": "square", "size": 14},
        name=name,
        showlegend=True,
        hoverinfo="skip",
    )


def _points(rows: Sequence[Estimate], group: str, mark: Mark, unit: str) -> go.Scatter:
    values = [row.value or 0.0 for row in rows]
    ends = [(row.low or 0.0, row.high or 0.0) for row in rows]
    return go.Scatter(
        x=values,
        y=[plain(row.label) for row in rows],
        mode="markers",
        marker={
            "color": mark.colour,
            "symbol": mark.symbol,
            "size": 11,
            "line": {"width": 2, "color": mark.colour},
        },
        name=plain(group),
        showlegend=True,  # a single group needs a legend too
        error_x=whiskers(values, ends),
        customdata=[[*end, plain(row.hover)] for end, row in zip(ends, rows, strict=True)],
        hovertemplate=(
            f"%{{y}}: %{{x:+.2f}}{unit} (%{{customdata[0]:+.2f}} to %{{customdata[1]:+.2f}})"
            "%{customdata[2]}<extra></extra>"
        ),
    )
