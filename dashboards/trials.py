"""The page that lists a study's trials, a hundred at a time, filtered in the language of `--where`."""

from urllib.parse import parse_qs, urlencode

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from autotrick import records
from autotrick.errors import FilterError
from autotrick.records import Database
from autotrick.views import columns
from autotrick.views.table import TextTable
from autotrick.views.text import count
from autotrick.views.trial import TrialView

from .parts import failure, frame, study_address, table, trial_address, trials_address

_PAGE = 100
_EXAMPLE = 'state = "complete" and value > 0.9 and mixup'


def layout(database: Database, study: str, search: str) -> Component:
    """Return the page.

    Args:
        search: Query of the address: `where` is the filter, `after` the last trial's number on the
            previous page.

    Raises:
        NotFoundError: There is no study of that name.
    """
    query = {key: values[-1] for key, values in parse_qs(search.removeprefix("?")).items()}
    where, after = query.get("where", ""), query.get("after", "-1")
    path = [(study, study_address(study)), ("trials", trials_address(study))]
    asked = dcc.Input(
        id="trials-where",
        value=where,
        placeholder=_EXAMPLE,
        type="text",
        debounce=True,
        spellCheck="false",
    )
    head = [html.H1("Trials"), html.Label(["Only trials where ", asked], htmlFor="trials-where")]
    return frame(path, *head, *_found(database, study, where, int(after) if _whole(after) else -1))


def register(app: Dash) -> None:
    """Make the filter change the address, and so the page."""

    def narrow(_: int, __: int, where: str | None, search: str | None) -> str:
        known = parse_qs((search or "").removeprefix("?"))
        if known.get("where", [""])[-1] == (where or ""):
            return search or ""
        return "?" + urlencode({"where": where}) if where else ""

    app.callback(
        Output("url", "search"),
        Input("trials-where", "n_submit"),
        Input("trials-where", "n_blur"),
        State("trials-where", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )(narrow)


def _found(database: Database, study: str, where: str, after: int) -> list[Component]:
    try:
        rows = records.trials(database, study, where=where or None, after=after, limit=_PAGE + 1)
    except FilterError as error:
        return [failure(error)]
    if not rows:
        return [html.P("No trials." if after < 0 and not where else "No trials match.")]
    page = rows[:_PAGE]
    links = {(i, 0): trial_address(study, row.number) for i, row in enumerate(page)}
    metric = page[0].value_metric
    wanted = (*columns.trials(metric)[:-1], columns.TRICKS, columns.ORIGIN)
    shown = table(TextTable.of(wanted, map(TrialView.of, page)), links=links)
    steps: list[Component] = []
    if after >= 0:
        steps.append(dcc.Link("first", href=trials_address(study, where=where)))
    if len(rows) > _PAGE:
        onward = trials_address(study, where=where, after=page[-1].number)
        steps.append(dcc.Link("next", href=onward, id="trials-next"))
    said = f"{count(len(page), 'trial')}, numbers {page[0].number} to {page[-1].number}"
    return [html.P(said, className="soft"), html.Section(shown), html.P(steps, className="steps")]


def _whole(text: str) -> bool:
    return text.isdecimal() and len(text) < 10
