"""The page that lists all studies."""

from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from autotrick.errors import AutotrickError
from autotrick.records import Database, StudyRow
from autotrick.records import studies as recorded
from autotrick.views import columns
from autotrick.views.study import StudyView
from autotrick.views.table import Column, TextTable

from .parts import ago, failure, frame, section, study_address, table

_SECONDS = 5
_COLUMNS = (
    *(columns.STUDY, columns.QUESTION, columns.STUDY_STATE, columns.COMPLETE, columns.PRUNED),
    *(columns.FAILED, columns.OPEN, columns.BEST),
    Column[StudyView]("Started", lambda study: study.created, ago),
)


def layout(database: Database) -> Component:
    """Return the page."""
    rows = recorded(database)
    return frame(
        [],
        html.H1("Studies"),
        html.Div(_content(rows), id="studies-content"),
        dcc.Store(id="studies-seen", data=_version(rows)),
        dcc.Interval(id="studies-poll", interval=1000 * _SECONDS),
    )


def register(app: Dash, database: Database) -> None:
    """Keep the page up to date."""

    def update(_: int, seen: str) -> tuple[Any, Any]:
        try:
            rows = recorded(database)
        except AutotrickError as error:
            return failure(error), ""  # equals no version, so the next one is shown
        version = _version(rows)
        return (no_update, no_update) if version == seen else (_content(rows), version)

    app.callback(
        Output("studies-content", "children"),
        Output("studies-seen", "data"),
        Input("studies-poll", "n_intervals"),
        State("studies-seen", "data"),
        prevent_initial_call=True,
    )(update)


def _version(rows: list[StudyRow]) -> str:
    return repr([(row.id, row.state, row.counts, row.best) for row in rows])


def _content(rows: list[StudyRow]) -> Component:
    if not rows:
        return html.P(["No studies yet. Start one: ", html.Code("autotrick search SPACE")])
    shown = [StudyView.of(row) for row in reversed(rows)]
    links = {(i, 0): study_address(study.name) for i, study in enumerate(shown)}
    made = table(TextTable.of(_COLUMNS, shown), links=links)
    return section(f"{len(rows)} in this database", made)
