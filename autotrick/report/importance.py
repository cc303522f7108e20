"""The importance of each setting as a bar chart, the settings of a trick below it."""

from collections import defaultdict
from collections.abc import Sequence

import plotly.graph_objects as go

from autotrick.analysis.importance import Importance
from autotrick.report.theme import BLUE, GREY, figure, plain, whiskers

_BARS = 20


def importance_figure(rows: Sequence[Importance]) -> go.Figure:
    """Draw shares as bars with their intervals, the largest on top, a trick's settings below the trick.

    Grey bars have an interval that begins at 0: the trials do not tell whether these settings matter.
    """
    shown = _grouped(rows)[::-1]
    shares = [100 * row.share for row in shown]
    ends = [(100 * row.low, 100 * row.high) for row in shown]
    made = figure(height=110 + 26 * max(len(shown), 3))
    made.add_bar(
        x=shares,
        y=[plain(row.name) for row in shown],
        orientation="h",
        marker={"color": [BLUE if row.low > 0 else GREY for row in shown]},
        error_x=whiskers(shares, ends, color=GREY, thickness=1.5, width=4),
        customdata=[[*e, row.num] for e, row in zip(ends, shown, strict=True)],
        hovertemplate=(
            "%{y}: %{x:.0f} % (%{customdata[0]:.0f} to %{customdata[1]:.0f}, "
            "n = %{customdata[2]})<extra></extra>"
        ),
    )
    made.update_layout(margin={"t": 12}, bargap=0.35)
    made.update_xaxes(title_text="Importance (%)", rangemode="tozero")
    made.update_yaxes(showgrid=False)
    return made


def left_out(rows: Sequence[Importance]) -> int:
    """Return how many settings the figure has no room for."""
    return max(0, len(rows) - _BARS)


def _grouped(rows: Sequence[Importance]) -> list[Importance]:
    """Return the rows with the largest shares, those of one trick or network together."""
    largest = sorted(rows, key=lambda row: (-row.share, row.name))[:_BARS]
    totals: dict[str, float] = defaultdict(float)
    for row in largest:
        totals[row.group or row.name] += row.share
    return sorted(
        largest,
        key=lambda row: (
            -totals[row.group or row.name],
            row.group or row.name,
            row.name != row.group,
            -row.share,
        ),
    )
