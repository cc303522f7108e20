"""The best trials of a study, as a table that shows what the study looks for."""

from collections.abc import Sequence

from autotrick.cli.output import measure_text, trial_cells, trial_columns
from autotrick.cli.tables import print_table
from autotrick.objective import Objective
from autotrick.records.rows import TrialRow


def print_best(
    study: str, objective: Objective, rows: Sequence[TrialRow], *, note: str = ""
) -> None:
    """Print the best trials, or the Pareto set, with the measures that count."""
    title = f"Best trials of {study}"
    if objective.several:
        title = f"Pareto set of {study}: no trial is better in all of {objective}"
    elif not objective.single:
        title = f"{title} by {objective}"
    wanted = (*objective.names, *objective.also)
    names = [
        name for name in dict.fromkeys(wanted) if name not in (objective.metric.name, "seconds")
    ]
    scored = not (objective.single or objective.several)
    shared = trial_columns(objective.metric)
    columns = (*shared[:3], *(f">{name}" for name in names), *([">score"] * scored))
    cells = (_cells(row, names, scored=scored) for row in rows)
    print_table(title + note, (*columns, *shared[3:]), cells)


def _cells(row: TrialRow, names: Sequence[str], *, scored: bool) -> tuple[str, ...]:
    cells = trial_cells(row)
    measured = [measure_text(name, row.measures.get(name)) for name in names]
    score = [measure_text("score", row.score)] if scored else []
    return (*cells[:3], *measured, *score, *cells[3:])
