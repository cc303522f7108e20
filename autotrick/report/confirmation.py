"""What a confirmation came to: values in the search, over new seeds, and on the test set."""

from collections.abc import Sequence

import plotly.graph_objects as go

from autotrick.analysis.confirmation import Confirmation, ConfirmedRecipe, shown_gain
from autotrick.report.theme import (
    BLUE,
    FAINT,
    GREY,
    ORANGE,
    figure,
    list_rows,
    plain,
    titled,
    whiskers,
)
from autotrick.tasks import Metric
from autotrick.views.text import count, interval_text, listed

_ROW = 44
_HEAD = 140
_SEARCHED = {"color": GREY, "symbol": "circle-open"}
_CONFIRMED = {"color": BLUE, "symbol": "diamond"}
_TESTED = {"color": ORANGE, "symbol": "square"}

Point = tuple[ConfirmedRecipe, float, float | None, float | None]
"""A recipe, a value of it, and the ends of its interval."""


def confirmation_figure(found: Confirmation) -> go.Figure:
    """Draw each recipe as a row: its value in the search, its mean over new seeds, and on the test set.

    A broad line leads from the value in the search to what new seeds make of it.
    """
    metric = found.metric
    rows = [row for row in found.rows if row.mean is not None]
    made = figure(height=_HEAD + _ROW * max(len(rows), 2))
    for row in rows:
        if row.searched is not None and row.mean is not None:
            made.add_shape(
                type="line",
                x0=metric.scaled(row.searched),
                x1=metric.scaled(row.mean),
                y0=plain(row.label),
                y1=plain(row.label),
                line={"color": FAINT, "width": 6},
                layer="below",
            )
    searched = [(row, row.searched, None, None) for row in rows if row.searched is not None]
    new = [(row, row.mean, row.low, row.high) for row in rows if row.mean is not None]
    tested = [(row, row.test.mean, row.test.low, row.test.high) for row in rows if row.test]
    for name, shown, look in (
        ("in the search", searched, _SEARCHED),
        (f"mean over {count(len(found.seeds), 'new seed')}", new, _CONFIRMED),
        ("on the test set", tested, _TESTED),
    ):
        if shown:
            made.add_trace(_points(shown, metric, name, look))
    unit = f" ({metric.unit})" if metric.unit else ""
    made.update_xaxes(title_text=titled(metric.title) + unit)
    list_rows(made, [plain(row.label) for row in reversed(rows)])
    return made


def confirmation_caption(found: Confirmation) -> str:
    """Return the caption of the figure."""
    said = (
        "The best of many trials is best by luck too: the broad line leads from each value in the search to "
        f"the mean over {count(len(found.seeds), 'new seed')}, with 95 % intervals over seeds."
    )
    if any(row.dropped for row in found.rows):
        said += " Recipes that could not win were ended early."
    if any(row.test for row in found.rows):
        said += " Squares are the same networks on the test set."
    return said


def _points(shown: Sequence[Point], metric: Metric, name: str, look: dict[str, str]) -> go.Scatter:
    values = [metric.scaled(value) for _, value, _, _ in shown]
    ends = [
        (
            metric.scaled(value if low is None else low),
            metric.scaled(value if high is None else high),
        )
        for _, value, low, high in shown
    ]
    said = [
        [f"{metric.shown(value)}{interval_text(low, high, metric)}", _more(row, metric)]
        for row, value, low, high in shown
    ]
    return go.Scatter(
        x=values,
        y=[plain(row.label) for row, *_ in shown],
        mode="markers",
        marker={**look, "size": 11, "line": {"width": 2, "color": look["color"]}},
        name=name,
        showlegend=True,
        error_x=whiskers(values, ends) if any(low != high for low, high in ends) else None,
        customdata=said,
        hovertemplate=f"%{{y}}, {name}: %{{customdata[0]}}<br>%{{customdata[1]}}<extra></extra>",
    )


def _more(row: ConfirmedRecipe, metric: Metric) -> str:
    """Return a recipe's tricks, what they gain, and whether it was ended early."""
    parts = [plain(listed(row.tricks)) or "all tricks off"]
    if row.gain:
        parts.append(f"{shown_gain(row.gain, metric)} over all tricks off")
    if row.dropped:
        parts.append("ended early: it could not win")
    return "<br>".join(parts)
