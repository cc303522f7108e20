"""The page of all studies."""

from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from autotrick.errors import AutotrickError
from autotrick.records import Database, StudyRow
from autotrick.records import studies as recorded
from autotrick.report.sentences import shown
from autotrick.report.tables import Table

from .parts import ago, failure, frame, section, study_address, table

_SECONDS = 5
_HEAD = ("Study", "Question", "State", "Complete", "Pruned", "Failed", "Open", "Best", "Begun")


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
            return failure(error), ""  # another version than any: what comes next is shown
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
        return html.P(["No studies yet. Begin one: ", html.Code("autotrick search SPACE")])
    rows_shown = Table(_HEAD, [_row(row) for row in reversed(rows)], frozenset(range(3, 8)))
    links = {(i, 0): study_address(row.name) for i, row in enumerate(reversed(rows))}
    return section(f"{len(rows)} in this database", table(rows_shown, links=links))


def _row(row: StudyRow) -> tuple[str, ...]:
    counts = row.counts
    numbers = (counts["complete"], counts["pruned"], counts["failed"])
    under_way = counts["running"] + counts["waiting"]
    tally = (str(number) for number in (*numbers, under_way))
    return (
        row.name,
        row.question,
        row.state,
        *tally,
        shown(row.value_metric, row.best),
        ago(row.created),
    )
