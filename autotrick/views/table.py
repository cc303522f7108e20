"""Tables: columns that are declared once, and the text of a table's cells."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column of a table.

    Attributes:
        value: Takes a row's value.
        shown: Formats the value for people.
        numeric: Whether cells are set flush right.
    """

    title: str
    value: Callable[[T], Any]
    shown: Callable[[Any], str] = str
    numeric: bool = False

    def cell(self, row: T) -> str:
        """Return the text of a row's cell."""
        return self.shown(self.value(row))


@dataclass(frozen=True, slots=True)
class TextTable:
    """Columns and rows of text.

    Attributes:
        head: Titles of the columns.
        rows: Cells, as many in each row as there are titles.
        numeric: Indices of the columns that are set flush right.
    """

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    numeric: frozenset[int] = frozenset()

    @classmethod
    def of(cls, columns: Sequence[Column[T]], rows: Iterable[T]) -> "TextTable":
        """Return the table that shows these rows in these columns."""
        return cls(
            tuple(column.title for column in columns),
            [tuple(column.cell(row) for column in columns) for row in rows],
            frozenset(i for i, column in enumerate(columns) if column.numeric),
        )
