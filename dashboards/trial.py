"""The page of one trial: its recipe, curve, attempts and where it ran."""

import json

from dash import html
from dash.development.base_component import Component

from autotrick import records
from autotrick.analysis.progress import learning_curves
from autotrick.records import AttemptRow, Database, TrialRow
from autotrick.report import captions, tables
from autotrick.report.curves import curves_figure
from autotrick.report.sentences import count, duration, shown
from autotrick.report.tables import Table

from .parts import frame, graph, section, study_address, table, trial_address, trials_address

_HEAD = ("Attempt", "State", "Reason", "Begun (UTC)", "Took", "Node", "Device")


def layout(database: Database, study: str, number: int) -> Component:
    """Return the page.

    Raises:
        NotFoundError: There is no such study, or it has no such trial.
    """
    trial = records.trial(database, study, number)
    attempts = records.attempts(database, study, number)
    curves = learning_curves([trial], records.reports(database, study, numbers=[number]))
    path = [(study, study_address(study)), ("trials", trials_address(study))]
    drawn = (
        graph("curve", curves_figure(curves), captions.curve(trial.value_metric))
        if curves.curves
        else "No epoch yet."
    )
    known = [attempt.environment for attempt in attempts if attempt.environment]
    parts = [
        html.H1(f"Trial {number}"),
        html.P(_said(trial)),
        section("Learning curve", drawn),
        section("Recipe", *_recipe(trial)),
        section("Attempts", table(_attempts(attempts))),
    ]
    if known:
        parts.append(section("Where it ran", table(tables.environment(known[-1]), kind="pairs")))
    return frame([*path, (f"trial {number}", trial_address(study, number))], *parts)


def _said(trial: TrialRow) -> str:
    reason = f" ({trial.reason})" if trial.reason else ""
    weights = f" Its weights are {trial.weights}." if trial.weights else ""
    metric = trial.value_metric
    return (
        f"{trial.state.capitalize()}{reason}: {shown(metric, trial.value)} validation {metric.title} after "
        f"{count(trial.epochs, 'epoch')} of {trial.recipe.epochs}, in {duration(trial.seconds)}. "
        f"Proposed by {trial.origin}.{weights}"
    )


def _recipe(trial: TrialRow) -> list[Component]:
    written = json.dumps(trial.recipe.model_dump(mode="json"), indent=2)
    both = [table(found, kind="pairs") for found in tables.recipe(trial.recipe)]
    command = f"autotrick reproduce {trial.study} {trial.number}"
    return [
        html.Div(both, className="beside"),
        html.Details([html.Summary("as JSON"), html.Pre(written)]),
        html.Pre(command),
    ]


def _attempts(attempts: list[AttemptRow]) -> Table:
    rows = [
        (
            str(attempt.number),
            attempt.state,
            attempt.reason or "",
            f"{attempt.started:%Y-%m-%d %H:%M:%S}",
            duration((attempt.ended - attempt.started).total_seconds()) if attempt.ended else "",
            attempt.node or "",
            attempt.device or "",
        )
        for attempt in attempts
    ]
    return Table(_HEAD, rows, frozenset({0, 4}))
