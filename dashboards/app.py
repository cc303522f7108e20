"""The application: one page for each kind of address."""

import logging
import socket
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component
from werkzeug.serving import WSGIRequestHandler, make_server

from autotrick.errors import AutotrickError, ResourceError
from autotrick.records import Database, open_database
from autotrick.report.theme import stylesheet

from . import studies, study, trial, trials
from .guard import Guard, protect
from .parts import frame, unavailable

_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>{%metas%}<title>{%title%}</title>{%favicon%}
<style>STYLES</style>{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>
"""


def create_app(
    database_url: str | None = None, host: str = "127.0.0.1", allowed_hosts: Iterable[str] = ()
) -> Dash:
    """Return the application, which only reads the database.

    Args:
        database_url: None takes the default of `records.open_database`.
        host: Address that it will listen on; it answers requests for that name and for this machine's.
        allowed_hosts: More host names that it answers requests for, such as a proxy's.

    Raises:
        RecordsError: There is no database, or it cannot be used.
    """
    database = open_database(database_url, create=False, unread=[])
    app = Dash(
        __name__,
        title="autotrick",
        update_title=None,
        suppress_callback_exceptions=True,
    )
    app.index_string = _INDEX.replace("STYLES", stylesheet("page.css") + stylesheet("figures.css"))
    app.layout = html.Div([dcc.Location(id="url"), html.Div(id="page")])

    def show(path: str | None, search: str | None) -> Component:
        try:
            return page(database, path or "/", search or "")
        except AutotrickError as error:
            return frame([], unavailable(error))

    app.callback(Output("page", "children"), Input("url", "pathname"), Input("url", "search"))(show)

    studies.register(app, database)
    study.register(app, database)
    trials.register(app)
    # Reload a page that could not be read; other pages keep themselves up to date.
    app.clientside_callback(
        "function (n) { if (n) { window.location.reload(); } return window.dash_clientside.no_update; }",
        Output("page-retry", "disabled"),
        Input("page-retry", "n_intervals"),
        prevent_initial_call=True,
    )
    app.server.config["DATABASE"] = database  # whoever creates an application closes it
    protect(app)
    guarded = Guard(app.server.wsgi_app, host, allowed_hosts)
    app.server.wsgi_app = guarded
    return app


def page(database: Database, path: str, search: str) -> Component:
    """Return the page of an address: /, /study/NAME, /study/NAME/trials, /study/NAME/trial/7.

    Raises:
        AutotrickError: There is nothing at that address.
    """
    match [unquote(part) for part in path.strip("/").split("/")]:
        case [""]:
            return studies.layout(database)
        case ["study", name]:
            return study.layout(database, name)
        case ["study", name, "trials"]:
            return trials.layout(database, name, search)
        case ["study", name, "trial", number] if number.isdecimal() and len(number) < 19:
            return trial.layout(database, name, int(number))
    raise AutotrickError(f"there is no page at {path}.")


def run(
    database_url: str,
    host: str = "127.0.0.1",
    port: int = 8050,
    *,
    allowed_hosts: Iterable[str] = (),
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve the pages until interrupted.

    Args:
        host: Address to listen on; with 127.0.0.1 only this machine can connect. There is no login.
        port: 0 takes a free one.
        allowed_hosts: More host names that it answers requests for.
        started: Receives the address as soon as the server answers.

    Raises:
        RecordsError: There is no database, or it cannot be used.
        ResourceError: The address cannot be listened on.
    """
    host = host.removeprefix("[").removesuffix("]")
    server = create_app(database_url, host, allowed_hosts).server
    # It would log a traceback for every connection that a restarted database server has cut.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    is_v6 = ":" in host
    where = f"[{host}]" if is_v6 else host
    try:
        family = socket.AF_INET6 if is_v6 else socket.AF_INET
        listening = socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ResourceError(
            f"the dashboard cannot listen at {where}:{port}: {why}. Choose another --port or --host."
        ) from error
    with listening:
        found = listening.getsockname()[1]
        serving = make_server(
            host, found, server, threaded=True, request_handler=_Quiet, fd=listening.fileno()
        )
        if started is not None:
            started(f"http://{where}:{found}")
        serving.serve_forever()


class _Quiet(WSGIRequestHandler):
    """Logs nothing: polling pages and broken clients would fill the terminal.

    Attributes:
        timeout: Seconds after which a silent client is disconnected.
    """

    timeout = 30

    def log_error(self, format: str, *args: object) -> None:
        pass

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass
