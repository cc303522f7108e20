"""Reading a study however many trials it has: page by page, or a part that chance chose."""

from collections.abc import Iterator, Mapping, Sequence

from autotrick import records
from autotrick.records import Database, Point, TrialRow

PAGE = 500


def pages(
    database: Database, study: str, *, where: str | None, after: int, limit: int | None
) -> Iterator[TrialRow]:
    """Give a study's trials in order of their number; only a page of them is held at a time."""
    while limit is None or limit > 0:
        size = PAGE if limit is None else min(PAGE, limit)
        rows = records.trials(database, study, where=where, after=after, limit=size)
        yield from rows
        if len(rows) < size:
            return
        after = rows[-1].number
        limit = None if limit is None else limit - size


def compared(
    database: Database, study: str, *, every: bool
) -> tuple[Sequence[TrialRow], Mapping[int, Sequence[Point]], str]:
    """Return the trials to compare, their curves, and a word if they are only a part of all.

    Args:
        every: Whether to take all, however many there are.
    """
    from autotrick.analysis.subsample import chosen

    total, seed = records.trial_count(database, study)
    numbers = None if every else chosen(total, seed=seed)
    trials = records.trials(database, study, numbers=numbers)
    curves = records.curves(database, study, numbers=numbers)
    part = f"{len(trials):,} of {total:,} trials are compared, chosen by chance"
    return trials, curves, f"{part}; --all compares all" if numbers else ""
