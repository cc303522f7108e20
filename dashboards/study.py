"""The page of one study: the figures of its report, kept up to date while it runs."""

import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from autotrick import records
from autotrick.analysis.findings import Findings, find
from autotrick.errors import AutotrickError
from autotrick.records import Database, StudyRow
from autotrick.records.queries import unfinished
from autotrick.report import captions
from autotrick.report.class_samples import recorded_images
from autotrick.report.curves import curves_figure
from autotrick.report.data_section import data_section
from autotrick.report.history import history_figure
from autotrick.report.importance import importance_figure
from autotrick.report.linked import linked_sections
from autotrick.report.opening import compares_tricks, opening
from autotrick.report.parallel import parallel_figure
from autotrick.report.rungs import rungs_figure
from autotrick.report.sections import trick_sections
from autotrick.report.sentences import rungs
from autotrick.report.tiles import Tile
from autotrick.report.tradeoff import tradeoff_figure
from autotrick.space import SearchSpace
from autotrick.space.recorded import recorded_space
from autotrick.tasks import Metric
from autotrick.views.linked import linked

from .parts import (
    ago,
    failure,
    frame,
    graph,
    section,
    shown,
    study_address,
    trial_address,
    trials_address,
)

_OPEN_MS = 2000
_REST_MS = 15_000
_SHARE_OF_TIME = 4


def layout(database: Database, name: str) -> Component:
    """Return the page.

    Raises:
        NotFoundError: There is no study of that name.
    """
    row = records.study(database, name)
    return frame(
        [(name, study_address(name))],
        html.H1(row.question or name),
        html.P(f"Started {ago(row.created)}; space {row.space_digest}.", className="soft"),
        html.P(dcc.Link("All trials", href=trials_address(name))),
        html.Div("Reading the trials ...", id="study-content"),
        dcc.Store(id="study-seen"),
        dcc.Interval(id="study-poll", interval=_OPEN_MS),
    )


def register(app: Dash, database: Database) -> None:
    """Fill the page, and keep it up to date."""

    @lru_cache(maxsize=8)
    def content(name: str, _version: str) -> list[Component]:
        # Everybody who looks at the same state of a study shares the computation.
        return list(_content(database, records.study(database, name)))

    def update(_: int | None, seen: str | None, path: str | None) -> tuple[Any, Any, Any]:
        parts = (path or "").strip("/").split("/")
        if len(parts) < 2:
            return no_update, no_update, no_update
        name = unquote(parts[1])
        try:
            state, now = version(database, name)
            if now == seen:
                return no_update, no_update, no_update
            begun = time.perf_counter()
            page = content(name, now)
        except AutotrickError as error:
            return failure(error), None, _REST_MS
        # A large study takes seconds to draw, so it is drawn less often.
        pause = 1000 * _SHARE_OF_TIME * (time.perf_counter() - begun)
        return page, now, max(_OPEN_MS if state == "open" else _REST_MS, round(pause))

    app.callback(
        Output("study-content", "children"),
        Output("study-seen", "data"),
        Output("study-poll", "interval"),
        Input("study-poll", "n_intervals"),
        State("study-seen", "data"),
        State("url", "pathname"),
    )(update)


def version(database: Database, name: str) -> tuple[str, str]:
    """Return a study's state, and a text that changes whenever its page would, by a cheap query.

    Raises:
        NotFoundError: There is no study of that name.
    """
    row = records.study(database, name)
    running = unfinished(database, name) if row.counts["running"] else []
    epochs = [(trial.number, trial.epochs) for trial in running]
    family = [(s.name, s.state, s.counts) for s in records.studies(database) if s.parent == name]
    looks = len(records.looks(database, name))
    return row.state, repr((row.id, row.state, row.counts, row.best, epochs, family, looks))


def _content(database: Database, row: StudyRow) -> Iterator[Component]:
    trials = records.trials(database, row.name)
    reports = records.reports(database, row.name)
    space = _space(row)
    found = find(trials, reports, space, heritage=row.settings.warm_start)
    yield from _unread(database, row)
    metric = found.summary.metric
    belongs = linked(database, row)
    head = opening(row, found, trials, belongs, space.origins if space else {})
    yield section(
        "In short",
        *(html.P(text, className="answer") for text in head.answer),
        html.Div([_tile(tile) for tile in head.tiles], className="tiles"),
        html.Ul([html.Li(text) for text in head.said]),
        *(html.P(note, className="note") for note in head.notes),
        kind="summary",
    )
    best = found.summary.best
    if best is not None:
        yield html.P(
            dcc.Link(f"The best trial: {best.number}", href=trial_address(row.name, best.number))
        )
    if compares_tricks(row):
        yield from map(shown, trick_sections(found, trials))
    yield from map(shown, linked_sections(belongs, metric))
    yield from _figures(found, metric)
    if about := data_section(row, recorded_images(row)):
        yield shown(about)


def _tile(tile: Tile) -> Component:
    return html.Div([html.B(tile.value), html.Span(tile.label)], className="tile")


def _figures(found: Findings, metric: Metric) -> Iterator[Component]:
    if found.history.points:
        drawn = history_figure(found.history, found.summary.baseline)
        yield section("Progress", graph("history", drawn, captions.history(found.history)))
    if found.tradeoff.spots:
        drawn = tradeoff_figure(found.tradeoff)
        caption = captions.tradeoff(found.tradeoff)
        yield section(f"What {metric.title} costs", graph("tradeoff", drawn, caption))
    if found.curves.curves:
        drawn = curves_figure(found.curves)
        yield section("Learning curves", graph("curves", drawn, captions.curves(found.curves)))
    said = rungs(found.rungs, metric)
    if said:
        drawn = rungs_figure(found.rungs)
        yield section(
            "What early epochs predict",
            html.Ul([html.Li(text) for text in said]),
            graph("rungs", drawn, captions.rungs()),
        )
    yield from _importances(found)
    if found.parallel.axes:
        drawn = parallel_figure(found.parallel)
        caption = captions.parallel(found.parallel)
        yield section("Settings side by side", graph("parallel", drawn, caption, wide=True))


def _importances(found: Findings) -> Iterator[Component]:
    if found.importances:
        drawn = importance_figure(found.importances)
        caption = captions.importance(found.importances)
        yield section("Which settings matter", graph("importance", drawn, caption))
    elif found.importances_unclear:
        yield section("Which settings matter", html.P(captions.no_importance()))


def _unread(database: Database, row: StudyRow) -> Iterator[Component]:
    """Yield a note on each record of another version that cannot be read."""
    _, fault = recorded_space(row.space)
    said = [sentence for sentence in database.unread or () if repr(row.name) in sentence]
    if fault:
        said.append(f"this autotrick cannot read the study's space ({fault.rstrip('.')})")
    for sentence in said:
        yield html.P(f"From another version: {sentence}; it is left out here.", className="note")


def _space(row: StudyRow) -> SearchSpace | None:
    # Without the space, which another version may have written, the page leaves out the importances.
    return recorded_space(row.space)[0]
