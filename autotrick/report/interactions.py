"""Which tricks are worth more, or less, beside one another, as a heat map."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import plotly.graph_objects as go

from autotrick.analysis.interactions import Interaction
from autotrick.report.theme import BAND, BLUE, GREY, ORANGE, figure, spoken
from autotrick.tasks import ACCURACY, Metric
from autotrick.views.text import MINUS, count, listed, points

T = TypeVar("T")

_NAMED = 4
"""Maximum number of pairs that a sentence names."""
_MOST = 40
"""Maximum number of tricks."""
_CELL = 30
_SMALL_CELL = 17
_ROOMY = 16
"""Number of tricks up to which cells are large enough for a number."""


def interactions_figure(rows: Sequence[Interaction], metric: Metric = ACCURACY) -> go.Figure:
    """Draw each pair of tricks as a cell: blue where they are worth more together, orange where less.

    Grey cells are pairs that the trials do not tell from a plain sum; empty ones were not estimated.

    Args:
        metric: That the study looks for.
    """
    names = sorted(_shown(rows))
    rows = [row for row in rows if {row.first, row.second} <= set(names)]
    roomy = len(names) <= _ROOMY
    cell = _CELL if roomy else _SMALL_CELL
    made = figure(height=150 + cell * max(len(names), 4))
    # Pairs are in alphabetical order: the last name has no column of its own, the first one no row.
    across, down = names[:-1], names[1:]
    known = [row for row in rows if row.effect is not None]
    grid = _Grid(across, down, metric)
    made.add_trace(grid.cells([row for row in known if not row.claimed]))
    if claimed := [row for row in known if row.claimed]:
        made.add_trace(grid.claimed(claimed, written=roomy))
    axis = {
        "type": "category",
        "showgrid": False,
        "tickfont": {"size": 12},
        "dtick": 1,
        "ticks": "",
    }
    made.update_xaxes(**axis, range=[-0.5, len(across) - 0.5], tickangle=-45)
    made.update_yaxes(**axis, range=[len(down) - 0.5, -0.5])
    return made


def left_out(rows: Sequence[Interaction]) -> int:
    """Return how many tricks the figure has no room for."""
    return len({name for row in rows for name in (row.first, row.second)}) - len(_shown(rows))


def _shown(rows: Sequence[Interaction]) -> list[str]:
    """Return the tricks of the clearest pairs, as many as can be read."""
    ordered = sorted(rows, key=lambda row: (not row.claimed, -abs(row.effect or 0.0)))
    return list(dict.fromkeys(name for row in ordered for name in (row.first, row.second)))[:_MOST]


def interaction_sentences(rows: Sequence[Interaction], metric: Metric = ACCURACY) -> list[str]:
    """Return which tricks do the same job, and which are worth more or less beside one another."""
    known = [row for row in rows if row.effect is not None]
    if not known:
        return []
    claimed = sorted((row for row in known if row.claimed), key=lambda row: -abs(row.effect or 0.0))
    if not claimed:
        tried = f"{count(len(known), 'pair')} that {'was' if len(known) == 1 else 'were'} tried"
        return [f"No pair of tricks is told from a plain sum, of {tried}."]
    same = [row for row in claimed if row.same_job]
    said = [
        f"{_both(row).capitalize()} do the same job: together they are worth {_by(row, metric)} less than the "
        "sum of what each is worth alone. One of the two is enough."
        for row in same[:_NAMED]
    ]
    others = [row for row in claimed if not row.same_job]
    more = [row for row in others if metric.worth(row.effect or 0.0) > 0]
    less = [row for row in others if metric.worth(row.effect or 0.0) < 0]
    for word, pairs in (("more", more), ("less", less)):
        if pairs:
            parts = "; ".join(f"{_both(row)} by {_by(row, metric)}" for row in pairs[:_NAMED])
            rest = f"; and {len(pairs) - _NAMED:,} more pairs" if len(pairs) > _NAMED else ""
            said.append(f"Worth {word} together than the sum: {parts}{rest}.")
    return said


def _both(row: Interaction) -> str:
    return f"{listed([row.first])} and {listed([row.second])}"


def _by(row: Interaction, metric: Metric) -> str:
    """Return how much more or less, with the interval: `0.99 points (0.40 to 1.60)`."""
    said = f"{abs(row.effect or 0.0):.2f}{metric.difference_unit}"
    if row.low is None or row.high is None or row.low * row.high <= 0:
        return said
    low, high = sorted((abs(row.low), abs(row.high)))
    return f"{said} ({low:.2f} to {high:.2f})"


@dataclass(frozen=True, slots=True)
class _Grid:
    """The lower triangle of all pairs.

    Attributes:
        across: First names of the pairs, a column each.
        down: Second names, a row each.
    """

    across: Sequence[str]
    down: Sequence[str]
    metric: Metric

    def claimed(self, rows: Sequence[Interaction], *, written: bool) -> go.Heatmap:
        """Return coloured cells.

        Args:
            written: Whether there is room for their numbers.
        """
        unit = self.metric.difference_unit.strip()
        reach = max(abs(row.effect or 0.0) for row in rows) or 1.0
        drawn = self.cells(rows)
        drawn.update(
            colorscale=[[0, ORANGE], [0.5, GREY], [1, BLUE]],
            zmin=-reach,
            zmax=reach,
            showscale=True,
            colorbar={
                "title": {
                    "text": "beyond the sum" + (f" ({unit})" if unit else ""),
                    "side": "top",
                    "font": {"size": 13},
                },
                "orientation": "h",
                "x": 1.0,
                "xanchor": "right",
                "y": 1.0,
                "yanchor": "top",
                "len": 0.36,
                "thickness": 10,
                "outlinewidth": 0,
                "nticks": 5,
            },
        )
        if written:
            drawn.update(
                text=self._matrix(rows, lambda row: points(row.effect), ""),
                texttemplate="%{text}",
                textfont={"size": 11},
            )
        return drawn

    def cells(self, rows: Sequence[Interaction]) -> go.Heatmap:
        """Return grey cells of these pairs."""
        return go.Heatmap(
            x=[spoken(name) for name in self.across],
            y=[spoken(name) for name in self.down],
            z=self._matrix(rows, lambda row: self.metric.worth(row.effect or 0.0), None),
            customdata=self._matrix(rows, lambda row: _said(row, self.metric), ""),
            colorscale=[[0, BAND], [1, BAND]],
            showscale=False,
            xgap=1,
            ygap=1,
            hoverongaps=False,
            hovertemplate="%{x} with %{y}: %{customdata}<extra></extra>",
        )

    def _matrix(
        self, rows: Sequence[Interaction], value: Callable[[Interaction], T], missing: T
    ) -> list[list[T]]:
        """Return a value for each cell, row by row."""
        known = {(min(r.first, r.second), max(r.first, r.second)): value(r) for r in rows}
        return [
            [known.get((first, second), missing) for first in self.across] for second in self.down
        ]


def _said(row: Interaction, metric: Metric) -> str:
    ends = "" if row.low is None or row.high is None else f" ({row.low:+.2f} to {row.high:+.2f})"
    said = f"{row.effect or 0.0:+.2f}{metric.difference_unit}{ends}".replace("-", MINUS)
    sure = "do the same job" if row.same_job else "" if row.claimed else "not told from a plain sum"
    return f"{said}, {sure}" if sure else said
