"""Tables for people, in as many columns as the terminal has: nothing that was asked for is cut off."""

from collections.abc import Iterable, Sequence

from rich.console import Console, JustifyMethod
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autotrick.cli.output import console, headed

_LONGEST = 24
"""Letters of a word that a column of text has room for before it is folded."""
_FRAME = 3
"""What a column's frame and margins take."""


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; columns whose name starts with `>` stand to the right.

    Where the columns do not fit, what is in the last one follows each row in lines of its own; where
    that does not fit either, each cell has its line.
    """
    cells = [tuple(row) for row in rows]
    out = console()
    out.print(headed(title))
    room = out.width - 1 - _FRAME * len(columns) - sum(_least(columns, cells))
    if room >= 0:
        out.print(_framed(columns, cells, room))
    elif sum(_widths(columns, cells)[:-1]) + 2 * len(columns) < out.width:
        _print_lines(out, columns, cells)
    else:
        _print_entries(out, columns, cells)


def _framed(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> Table:
    """Return a table whose columns share the room beyond what they need: the modest are served first."""
    widths = _least(columns, rows)
    wishes = [wish - width for wish, width in zip(_widths(columns, rows), widths, strict=True)]
    for i in sorted(range(len(columns)), key=wishes.__getitem__):
        more = max(0, min(wishes[i], room))
        widths[i] += more
        room -= more
    table = Table(header_style="bold")
    for column, width in zip(columns, widths, strict=True):
        justify: JustifyMethod = "right" if _is_right(column) else "left"
        table.add_column(column.removeprefix(">"), justify=justify, width=width, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _print_lines(out: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = _widths(columns, rows)[:-1]
    rights = [_is_right(column) for column in columns]
    names = [column.removeprefix(">") for column in columns]
    for row, style in ((names, "bold"), *((row, "") for row in rows)):
        cells = zip(row, widths, rights, strict=False)
        line = "  ".join(c.rjust(w) if right else c.ljust(w) for c, w, right in cells)
        out.print(line.rstrip(), style=style)
        last = Text(row[-1], style=style, overflow="fold")
        out.print(Padding(last, (0, 0, 0, widths[0] + 2), expand=False))


def _print_entries(out: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for row in rows:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for column, cell in zip(columns, row, strict=True):
            grid.add_row(column.removeprefix(">"), cell)
        out.print(grid)
        out.print()


def _is_right(column: str) -> bool:
    return column.startswith(">")


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return how wide each column is where nothing is folded."""
    names = [column.removeprefix(">") for column in columns]
    return [max(map(len, column)) for column in zip(names, *rows, strict=True)]


def _least(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return how wide each column has to be: numbers stay whole, text is folded between words."""
    return [
        max(
            _word(column.removeprefix(">"), _LONGEST),
            *(len(row[i]) if _is_right(column) else _word(row[i], _LONGEST) for row in rows),
            0,
        )
        for i, column in enumerate(columns)
    ]


def _word(text: str, longest: int) -> int:
    return min(longest, max(map(len, text.split()), default=0))
