"""The Pareto set of a study with several objectives."""

from autotrick.measures import measure_of
from autotrick.pareto import front
from autotrick.records.database import Database
from autotrick.records.queries import complete_measures, trials
from autotrick.records.rows import TrialRow
from autotrick.records.studies import study


def pareto(database: Database, name: str, *, where: str | None = None) -> list[TrialRow]:
    """Return a study's complete trials that no other dominates, ordered by the first objective.

    Args:
        where: A filter expression; only trials for which it holds count.

    Raises:
        NotFoundError: The study does not exist.
        FilterError: `where` is not a valid filter expression.
    """
    names = study(database, name).objective.names
    found = complete_measures(database, name, names, where=where)
    signs = [1 if measure_of(measure).larger else -1 for measure in names]
    numbers = list(found)
    points = [tuple(s * v for s, v in zip(signs, found[n], strict=True)) for n in numbers]
    on_front = {numbers[i]: points[i] for i in front(points)}
    rows = trials(database, name, numbers=on_front)
    return sorted(rows, key=lambda row: (tuple(-v for v in on_front[row.number]), row.number))
