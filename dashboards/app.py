"""The application: one page for each kind of address."""

import socket
from collections.abc import Callable
from urllib.parse import unquote

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component
from werkzeug.serving import WSGIRequestHandler, make_server

from autotrick.errors import AutotrickError, ResourceError
from autotrick.records import Database, open_database
from autotrick.report.look import stylesheet

from . import studies, study, trial, trials
from .parts import failure, frame

_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>{%metas%}<title>{%title%}</title>{%favicon%}
<style>STYLES</style>{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>
"""


def create_app(database_url: str) -> Dash:
    """Return the application; it only reads.

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
            return frame([], failure(error))

    app.callback(Output("page", "children"), Input("url", "pathname"), Input("url", "search"))(show)

    studies.register(app, database)
    study.register(app, database)
    trials.register(app)
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
        case ["study", name, "trial", number] if number.isdecimal():
            return trial.layout(database, name, int(number))
    raise AutotrickError(f"there is no page at {path}.")


def run(
    database_url: str,
    host: str = "127.0.0.1",
    port: int = 8050,
    *,
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve the pages until interrupted.

    Args:
        host: Who may connect: 127.0.0.1 is this machine alone. There is no login.
        port: 0 takes a free one.
        started: Is told the address as soon as it answers.

    Raises:
        RecordsError: There is no database, or it cannot be used.
        ResourceError: Nothing can listen at that address.
    """
    server = create_app(database_url).server
    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        raise ResourceError(
            f"the dashboard cannot listen at {host}:{port}: {error.strerror}. Choose another --port or --host."
        ) from error
    with listening:
        found = listening.getsockname()[1]
        serving = make_server(
            host, found, server, threaded=True, request_handler=_Quiet, fd=listening.fileno()
        )
        if started is not None:
            started(f"http://{host}:{found}")
        serving.serve_forever()


class _Quiet(WSGIRequestHandler):
    """Pages that poll would fill the terminal."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass
