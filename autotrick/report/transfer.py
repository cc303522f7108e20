"""Which tricks carry over to other data, as a heat map of tricks x data sets."""

from collections.abc import Sequence

import plotly.graph_objects as go

from autotrick.analysis.effects import TrickEffect, Verdict
from autotrick.analysis.transfer import Carries, TransferCell, TransferMatrix
from autotrick.report.answer import named
from autotrick.report.theme import BAND, BLUE, GREY, ORANGE, figure, plain, spoken
from autotrick.tasks import ACCURACY, Metric
from autotrick.views.text import interval, points

_ROW = 30
_HEAD = 140
Cell = tuple[TrickEffect | None, str]
"""An effect on some data, and what else is said of it."""


def transfer_figure(found: TransferMatrix, metric: Metric = ACCURACY) -> go.Figure:
    """Draw each trick's effect on each data set: blue where it helps, orange where it harms.

    Grey cells have no such verdict; a trick that was left out has none.

    Args:
        metric: That all the studies look for.
    """
    data = [f"{found.data} (at home)", *found.others]
    cells = [[(row.home, ""), *map(_cell, row.cells)] for row in found.rows]
    made = figure(height=_HEAD + _ROW * max(len(found.rows), 3))
    names = [spoken(row.trick) for row in found.rows]
    clear = _values(cells, metric, clear=True)
    reach = max((abs(value) for row in clear for value in row if value is not None), default=1.0)
    said = [[_said(effect, more, metric) for effect, more in row] for row in cells]
    for values, colours, numbers in (
        (_values(cells, metric, clear=False), [[0, BAND], [1, BAND]], None),
        (clear, [[0, ORANGE], [0.5, GREY], [1, BLUE]], _numbers(cells, clear)),
    ):
        made.add_heatmap(
            x=[plain(name) for name in data],
            y=names,
            z=values,
            zmin=-reach,
            zmax=reach,
            colorscale=colours,
            showscale=False,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            text=numbers,
            texttemplate="%{text}" if numbers else None,
            textfont={"size": 11},
            customdata=said,
            hovertemplate="%{y} on %{x}: %{customdata}<extra></extra>",
        )
    made.update_xaxes(type="category", side="top", showgrid=False)
    made.update_yaxes(
        type="category", showgrid=False, range=[len(names) - 0.5, -0.5], dtick=1, ticks=""
    )
    return made


def transfer_sentences(found: TransferMatrix) -> list[str]:
    """Return which tricks do not carry over, which do, and which help or harm only elsewhere."""
    said = []
    for carries, words in (
        (Carries.NO, "do not carry over"),
        (Carries.YES, "carry over"),
        (Carries.NEW, "have an effect only there"),
    ):
        for data in found.others:
            tricks = [
                row.trick
                for row in found.rows
                for cell in row.cells
                if cell.data == data and cell.carries is carries
            ]
            if tricks:
                one = len(tricks) == 1
                verb = words.replace("do not", "does not").replace("have", "has") if one else words
                verb = verb.replace("carry", "carries") if verb == "carry over" and one else verb
                said.append(f"From {found.data} to {data}: {named(tricks)} {verb}.")
    return said or ["No trick is told to carry over, or not to."]


def transfer_caption() -> str:
    """Return the caption of the heat map."""
    return (
        "The effect of each trick on each data set, from the same design with the same seeds. Blue helps, "
        "orange harms, grey is not told from 0 or does not matter; an empty cell was left out or has no "
        "interval. Point at a cell to see its 95 % interval."
    )


def _cell(cell: TransferCell) -> Cell:
    return cell.effect, cell.carries.value + (f" ({cell.note})" if cell.note else "")


def _values(
    cells: Sequence[Sequence[Cell]], metric: Metric, *, clear: bool
) -> list[list[float | None]]:
    """Return the effects that have a clear sign, or those that have none; larger is better."""
    return [
        [
            metric.worth(effect.effect)
            if effect is not None
            and effect.effect is not None
            and (effect.verdict in (Verdict.HELPS, Verdict.HARMS)) is clear
            else None
            for effect, _ in row
        ]
        for row in cells
    ]


def _numbers(
    cells: Sequence[Sequence[Cell]], drawn: Sequence[Sequence[float | None]]
) -> list[list[str]]:
    """Return the numbers of the cells that are drawn."""
    return [
        [
            "" if value is None or effect is None else points(effect.effect)
            for (effect, _), value in zip(row, values, strict=True)
        ]
        for row, values in zip(cells, drawn, strict=True)
    ]


def _said(effect: TrickEffect | None, more: str, metric: Metric) -> str:
    if effect is None or effect.effect is None:
        return more or "no interval"
    ends = interval(effect.low, effect.high)
    said = f"{points(effect.effect)}{metric.difference_unit} ({ends}), {effect.verdict.value}"
    return plain(f"{said}; {more}" if more else said)
