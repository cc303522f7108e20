"""What is shown when a search has ended: the answer, the best trials, why it ended, what to do next."""

import click

from autotrick import records, tasks
from autotrick.cli.leaderboard import print_best
from autotrick.cli.progress import ended_trials
from autotrick.measures import worded
from autotrick.records import Database, StudyRow
from autotrick.space.recorded import recorded_space
from autotrick.views.data import chance_warning
from autotrick.views.text import counts_text
from autotrick.views.trial import TrialView


def print_outcome(database: Database, row: StudyRow) -> None:
    """Print a study's answer, its best trials, why its search ended, and the commands to go on with."""
    from autotrick.cli.answer import print_answer_of
    from autotrick.report.answer import asks_about_tricks

    if asks_about_tricks(row) and row.counts["complete"]:
        print_answer_of(database, row)
    if row.objective.several:
        rows = records.pareto(database, row.name)
    else:
        rows = records.best(database, row.name, limit=5)
    trials = [TrialView.of(found) for found in rows]
    print_best(row.name, row.objective, trials, note=f" ({counts_text(row.counts)})")
    if warning := chance_warning(row, row.best if row.objective.single else None):
        click.secho(warning, fg="yellow")
    click.echo(_end_line(database, row))
    if rejected := _rejected_line(database, row):
        click.echo(rejected)
    left = row.settings.trials - ended_trials(row)
    if left and row.state != "complete":
        where = " (or submit its space again)" if _sent(row) else ""
        click.echo(f"{left} trials are left: autotrick resume {row.name}{where}")
    else:
        click.echo(f"What helped: autotrick tricks {row.name}")
        click.echo(f"Look at it:  autotrick report {row.name} -o {row.name}.html")
    if row.counts["complete"] and tasks.find(row.task).ensembles:
        click.echo(f"Use it:      autotrick predict {row.name} NEW_IMAGES")


def _sent(row: StudyRow) -> bool:
    """Return whether the search ran inside a cluster, as `autotrick submit` starts it."""
    return (row.settings.resources or {}).get("address") == "auto"


def _end_line(database: Database, row: StudyRow) -> str:
    """Return why the search ended, and what the study has spent."""
    hours = records.trial_hours(database, row.id)
    spent = f"{hours:.2f} trial-hours"
    price = row.settings.cost_per_hour
    if price is not None:
        spent += f", cost {price * hours:.2f}"
    return f"Ended: {row.ended or 'its driver was lost'}. The study has used {spent}."


def _rejected_line(database: Database, row: StudyRow) -> str:
    """Return how many proposals violated which constraint; empty if none did."""
    counts = records.rejection_counts(database, row.name)
    if not counts:
        return ""
    space, _ = recorded_space(row.space)
    bounds = space.constraints.bounds if space else {}
    parts = (
        f"{count} over {name} <= {worded(name, bounds[name])}"
        if name in bounds
        else f"{count} over {name}"
        for name, count in counts.items()
    )
    total = sum(counts.values())
    return f"{total} proposals were rejected before training: {', '.join(parts)}."
