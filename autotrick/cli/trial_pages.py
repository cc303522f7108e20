"""Reading large studies: page by page, or a random part."""

from collections.abc import Iterator, Mapping, Sequence

from autotrick import records
from autotrick.records import Database, Point, TrialRow

PAGE = 500
SCREENED = 'phase = "screen"'


def pages(
    database: Database, study: str, *, where: str | None, after: int, limit: int | None
) -> Iterator[TrialRow]:
    """Yield a study's trials in order of their number, with one page of them in memory at a time."""
    while limit is None or limit > 0:
        size = PAGE if limit is None else min(PAGE, limit)
        rows = records.trials(database, study, where=where, after=after, limit=size)
        yield from rows
        if len(rows) < size:
            return
        after = rows[-1].number
        limit = None if limit is None else limit - size


def screened(
    database: Database, study: str
) -> tuple[Sequence[TrialRow], Mapping[int, Sequence[Point]]]:
    """Return the trials of a study's screen and their curves."""
    trials = records.trials(database, study, where=SCREENED)
    return trials, records.curves(database, study, numbers=[trial.number for trial in trials])


def compared(
    database: Database, study: str, *, every: bool
) -> tuple[Sequence[TrialRow], Mapping[int, Sequence[Point]], str]:
    """Return the trials to compare, their curves, and a sentence if they are only a part of all.

    A part holds all trials of the screen, on which claims rest.

    Args:
        every: Whether to take all trials, however many there are.
    """
    from autotrick.analysis.subsample import chosen

    total, seed = records.trial_count(database, study)
    numbers = None if every else chosen(total, seed=seed)
    if numbers:
        screen = records.trials(database, study, where=SCREENED)
        numbers = sorted({*numbers, *(trial.number for trial in screen)})
    trials = records.trials(database, study, numbers=numbers)
    curves = records.curves(database, study, numbers=numbers)
    part = f"Compared are {len(trials):,} of {total:,} trials, chosen at random"
    return trials, curves, f"{part}. To compare all: --all" if numbers else ""
