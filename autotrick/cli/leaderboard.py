"""The best trials of a study as a table that shows what the study looks for."""

from collections.abc import Sequence

from autotrick.cli.tables import print_rows
from autotrick.objective import Objective
from autotrick.views import columns
from autotrick.views.trial import TrialView


def print_best(
    study: str, objective: Objective, trials: Sequence[TrialView], *, note: str = ""
) -> None:
    """Print the best trials, or the Pareto set, with every measure that the objective names.

    Args:
        note: Follows the table's title.
    """
    title = f"Best trials of {study}"
    if objective.several:
        title = f"Pareto set of {study}: no trial is better in all of {objective}"
    elif not objective.single:
        title = f"{title} by {objective}"
    scored = not (objective.single or objective.several)
    also = columns.counted(objective, scored=scored, shown=("seconds",))
    print_rows(title + note, columns.trials(objective.metric, also), trials)
