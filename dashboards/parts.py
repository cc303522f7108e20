"""Parts that all pages share."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from autotrick.errors import AutotrickError, FilterError, NotFoundError, RecordsError
from autotrick.report.sections import Drawn, Listed, Pictured, Said, Section
from autotrick.report.sections import Part as SectionPart
from autotrick.report.theme import CONFIG
from autotrick.views.table import TextTable
from autotrick.views.text import count

Part: TypeAlias = "Component | str"

_RETRY_S = 10
_SHORT = 18
"""Length up to which a table's cell stays on one line."""


def frame(path: Sequence[tuple[str, str]], *parts: Part) -> Component:
    """Return a whole page.

    Args:
        path: The pages from the top to this one, as pairs of name and address.
    """
    steps: list[Part] = [dcc.Link("studies", href="/")]
    for name, address in path:
        steps += [" / ", dcc.Link(name, href=address)]
    return html.Div([html.Nav(steps), html.Main(list(parts))])


def section(title: str, *parts: Part, id: str | None = None, kind: str = "") -> Component:
    """Return a card with a title."""
    named = {"id": id} if id else {}
    return html.Section([html.H2(title), *parts], className=kind, **named)


def shown(found: Section) -> Component:
    """Return a section that the report has too."""
    return section(found.title, *(part for each in found.parts for part in _parts(each)))


def _parts(found: SectionPart) -> Iterator[Component]:
    match found:
        case Said():
            yield html.Ul([html.Li(text) for text in found.texts])
        case Drawn():
            yield graph(found.name, found.figure, found.caption, wide=found.wide)
        case Listed():
            note = [html.P(found.note, className="note")] if found.note else []
            parts = [table(found.table, kind=found.kind), *note]
            yield from (
                [html.Details([html.Summary(found.folded), *parts])] if found.folded else parts
            )
        case Pictured():
            cells = [
                html.Div(
                    [
                        html.Img(src=each.source, alt=each.label),
                        html.B(each.label),
                        html.Span(each.note),
                    ]
                )
                for each in found.pictures
            ]
            caption = html.Figcaption(found.caption)
            yield html.Figure([html.Div(cells, className="classes"), caption])


def graph(name: str, figure: go.Figure, caption: str, *, wide: bool = False) -> Component:
    """Return a figure with its caption; zoom and selection survive an update."""
    figure.update_layout(uirevision="kept")
    drawn = dcc.Graph(
        id=name,
        figure=figure,
        config=CONFIG,
        className="plot",
        style={"height": figure.layout.height},
    )
    box = html.Div(drawn, className="wide" if wide else "")
    return html.Figure([box, html.Figcaption(caption)])


def table(
    shown: TextTable, *, links: Mapping[tuple[int, int], str] | None = None, kind: str = ""
) -> Component:
    """Return a table.

    Args:
        links: Addresses that cells link to, by row and column.
    """
    links = links or {}

    def cell(row: int, column: int, text: str) -> Component:
        address = links.get((row, column))
        kind = _kind(shown, column) or ("short" if len(text) <= _SHORT else "")
        return html.Td(dcc.Link(text, href=address) if address else text, className=kind)

    head = [html.Th(text, className=_kind(shown, i)) for i, text in enumerate(shown.head)]
    rows = [
        html.Tr([cell(i, j, text) for j, text in enumerate(row)])
        for i, row in enumerate(shown.rows)
    ]
    made = html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className=kind)
    return html.Div(made, className="scroll")


def failure(error: AutotrickError) -> Component:
    """Return an error as one line."""
    return html.P(str(error), className="failure", role="alert")


def unavailable(error: AutotrickError) -> Component:
    """Return an error as one line; if the database is away, the page reloads by itself."""
    if not isinstance(error, RecordsError) or isinstance(error, NotFoundError | FilterError):
        return failure(error)
    again = f"This page tries again every {_RETRY_S} seconds."
    retry = dcc.Interval(id="page-retry", interval=1000 * _RETRY_S)
    return html.Div([failure(error), html.P(again, className="soft"), retry])


def study_address(study: str) -> str:
    """Return the address of a study's page."""
    return f"/study/{quote(study, safe='')}"


def trials_address(study: str, **query: Any) -> str:
    """Return the address of a study's list of trials; empty parts of the query are left out."""
    kept = {key: value for key, value in query.items() if value not in (None, "")}
    return f"{study_address(study)}/trials{'?' + urlencode(kept) if kept else ''}"


def trial_address(study: str, number: int) -> str:
    """Return the address of a trial's page."""
    return f"{study_address(study)}/trial/{number}"


def ago(moment: datetime) -> str:
    """Return how long ago a moment was."""
    passed = datetime.now(UTC) - moment
    minutes = max(0, int(passed.total_seconds() // 60))
    if passed.days > 1:
        return f"{passed.days} days ago"
    if minutes >= 60:
        return f"{count(minutes // 60, 'hour')} ago"
    return f"{count(minutes, 'minute')} ago" if minutes else "just now"


def _kind(shown: TextTable, column: int) -> str:
    return "number" if column in shown.numeric else ""
