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
from .parts import away, frame

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
    """Return the application; it only reads.

    Args:
        database_url: None takes what `records.open_database` takes.
        host: Where it will listen; it answers under that name and this machine's own.
        allowed_hosts: Further names that it answers under, such as those of a proxy before it.

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
            return frame([], away(error))

    app.callback(Output("page", "children"), Input("url", "pathname"), Input("url", "search"))(show)

    studies.register(app, database)
    study.register(app, database)
    trials.register(app)
    # A page that could not be read is asked for again; those that could keep themselves up to date.
    app.clientside_callback(
        "function (n) { if (n) { window.location.reload(); } return window.dash_clientside.no_update; }",
        Output("page-retry", "disabled"),
        Input("page-retry", "n_intervals"),
        prevent_initial_call=True,
    )
    app.server.config["DATABASE"] = database  # whoever makes an application closes it
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
        host: Who may connect: 127.0.0.1 is this machine alone. There is no login.
        port: 0 takes a free one.
        allowed_hosts: Further names that it answers under.
        started: Is told the address as soon as it answers.

    Raises:
        RecordsError: There is no database, or it cannot be used.
        ResourceError: Nothing can listen at that address.
    """
    host = host.removeprefix("[").removesuffix("]")
    server = create_app(database_url, host, allowed_hosts).server
    # It would log the traceback of every connection that a server that went away has cut.
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
    """Pages that poll would fill the terminal, and so would clients that send nonsense or nothing.

    Attributes:
        timeout: Seconds after which a client that says nothing is let go.
    """

    timeout = 30

    def log_error(self, format: str, *args: object) -> None:
        pass

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass
