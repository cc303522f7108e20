"""Tables that fit the terminal without cutting anything off."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console, JustifyMethod
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autotrick.cli.output import console, headed
from autotrick.views.table import Column, TextTable
from autotrick.views.text import ASCII

T = TypeVar("T")

_LONGEST = 24
"""Length up to which a word in a column of text is not broken."""
_FRAME = 3
"""Width of a column's frame and margins."""


def print_rows(title: str, columns: Sequence[Column[T]], rows: Iterable[T]) -> None:
    """Print rows as a table with a title."""
    print_table(title, TextTable.of(columns, rows))


def print_table(title: str, table: TextTable) -> None:
    """Print a table with a title.

    Where the columns do not fit, the last one follows each row on lines of its own; where that does not
    fit either, each cell has its own line.
    """
    rows = [tuple(cell.translate(ASCII) for cell in row) for row in table.rows]
    plain = TextTable(table.head, rows, table.numeric)
    out = console()
    out.print(headed(title))
    room = out.width - 1 - _FRAME * len(plain.head) - sum(_least(plain))
    if room >= 0:
        out.print(_framed(plain, room))
    elif sum(_widths(plain)[:-1]) + 2 * len(plain.head) < out.width:
        _print_lines(out, plain)
    else:
        _print_entries(out, plain)


def _framed(table: TextTable, room: int) -> Table:
    """Return a framed table.

    Args:
        room: Width beyond what the columns need at least; columns that want the least of it get it first.
    """
    widths = _least(table)
    wishes = [wish - width for wish, width in zip(_widths(table), widths, strict=True)]
    for i in sorted(range(len(widths)), key=wishes.__getitem__):
        more = max(0, min(wishes[i], room))
        widths[i] += more
        room -= more
    framed = Table(header_style="bold")
    for i, (title, width) in enumerate(zip(table.head, widths, strict=True)):
        justify: JustifyMethod = "right" if i in table.numeric else "left"
        framed.add_column(title, justify=justify, width=width, overflow="fold")
    for row in table.rows:
        framed.add_row(*row)
    return framed


def _print_lines(out: Console, table: TextTable) -> None:
    widths = _widths(table)[:-1]
    for row, style in ((table.head, "bold"), *((row, "") for row in table.rows)):
        cells = enumerate(zip(row, widths, strict=False))
        line = "  ".join(
            cell.rjust(width) if i in table.numeric else cell.ljust(width)
            for i, (cell, width) in cells
        )
        out.print(line.rstrip(), style=style)
        last = Text(row[-1], style=style, overflow="fold")
        out.print(Padding(last, (0, 0, 0, widths[0] + 2), expand=False))


def _print_entries(out: Console, table: TextTable) -> None:
    for row in table.rows:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for title, cell in zip(table.head, row, strict=True):
            grid.add_row(title, cell)
        out.print(grid)
        out.print()


def _widths(table: TextTable) -> list[int]:
    """Return the width of each column if no cell is folded."""
    return [max(map(len, column)) for column in zip(table.head, *table.rows, strict=True)]


def _least(table: TextTable) -> list[int]:
    """Return the least width of each column: numbers stay whole, text is folded between words."""
    return [
        max(
            _longest_word(title),
            *(len(row[i]) if i in table.numeric else _longest_word(row[i]) for row in table.rows),
            0,
        )
        for i, title in enumerate(table.head)
    ]


def _longest_word(text: str) -> int:
    return min(_LONGEST, max(map(len, text.split()), default=0))
