"""The page of one trial: its recipe, curve, attempts and where it ran."""

import json

from dash import html
from dash.development.base_component import Component

from autotrick import records
from autotrick.analysis.progress import learning_curves
from autotrick.records import Database, TrialRow
from autotrick.report import captions, tables
from autotrick.report.curves import curves_figure
from autotrick.views.columns import ATTEMPTS
from autotrick.views.table import TextTable
from autotrick.views.text import count, duration, metric_text
from autotrick.views.trial import AttemptView

from .parts import frame, graph, section, study_address, table, trial_address, trials_address


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
        html.P(_summary(trial)),
        section("Learning curve", drawn),
        section("Recipe", *_recipe(trial)),
        section("Attempts", table(TextTable.of(ATTEMPTS, map(AttemptView.of, attempts)))),
    ]
    if known:
        parts.append(section("Where it ran", table(tables.environment(known[-1]), kind="pairs")))
    return frame([*path, (f"trial {number}", trial_address(study, number))], *parts)


def _summary(trial: TrialRow) -> str:
    reason = f" ({trial.reason})" if trial.reason else ""
    weights = f" Its weights are {trial.weights}." if trial.weights else ""
    value = metric_text(trial.value, trial.value_metric)
    return (
        f"{trial.state.capitalize()}{reason}: {value} validation {trial.value_metric.title} after "
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
