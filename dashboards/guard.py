"""Protection of the pages from requests that are not meant for them.

There is no login: the browser's same-origin rules keep other sites from reading these pages. A site whose
name points to this machine (DNS rebinding) would get around them, so requests for names that are not this
server's are refused. Request bodies are small and have known shapes; others are refused before they reach
Dash, which would fail while reading them.
"""

import ipaddress
import json
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dash import Dash
from dash.exceptions import DashException
from flask import request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

LARGEST_BODY = 1_000_000
"""Maximum size of a request's body in bytes."""
_DEEPEST = 20
"""Maximum depth of a request's JSON."""
_DRAIN_S = 5.0
"""How long to discard what a refused client still sends, so that it reads the answer."""
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_CALLBACKS = "/_dash-update-component"
_SUITES = "/_dash-component-suites/"
_NAMES: Mapping[str, tuple[type, ...]] = {
    "pathname": (str,),
    "search": (str,),
    "value": (str,),
    "data": (str,),
    "n_intervals": (int,),
    "n_submit": (int,),
    "n_blur": (int,),
}
"""Types of the values that the pages send, by property."""

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Guard:
    """Refuses requests for other hosts and bodies that are too large, before reading them.

    Args:
        host: Address that the server listens on.
        allowed: More host names to answer requests for.
    """

    def __init__(self, app: WSGI, host: str, allowed: Iterable[str] = ()) -> None:
        self._app = app
        self._names = _LOCAL | {_bare(name) for name in (host, *allowed)}
        self._anywhere = is_public(host)
        if self._anywhere:
            self._names |= {socket.gethostname().lower(), socket.getfqdn().lower()}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request."""
        if not self._is_own(environ.get("HTTP_HOST")):
            why = (
                "The dashboard does not serve this host. Start it with --allow-host NAME to use another "
                "name.\n"
            )
            return Response(why, 403)(environ, start_response)
        if _is_too_large(environ):
            refusal = Response(f"A request body may have at most {LARGEST_BODY:,} bytes.\n", 413)
            return _drained(refusal(environ, start_response), environ)
        return self._app(environ, start_response)

    def _is_own(self, host: str | None) -> bool:
        """Return whether a Host header names this server; browsers always send one."""
        if host is None:
            return True
        name = _bare(host)
        return name in self._names or (self._anywhere and _address(name) is not None)


def is_public(host: str) -> bool:
    """Return whether other machines can connect to a server that listens on this address."""
    name = _bare(host)
    address = _address(name)
    return not (name == "localhost" or (address is not None and address.is_loopback))


def protect(app: Dash) -> None:
    """Refuse callback bodies of an unknown shape, and add security headers to every answer.

    Call it after all callbacks are registered.
    """
    server = app.server
    policy = _policy(app.csp_hashes())

    def check() -> None:
        if request.path == _CALLBACKS and request.method == "POST":
            _check_body(app)

    def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    def missing(error: Exception) -> Any:
        if request.path.startswith(_SUITES):
            return NotFound()
        raise error

    # First in the list: Dash's own function would otherwise read the body first.
    server.before_request_funcs.setdefault(None, []).insert(0, check)
    server.after_request(add_headers)
    for kind in (DashException, OSError, ValueError):
        server.register_error_handler(kind, missing)


def _policy(hashes: Iterable[str]) -> str:
    """Return the content security policy: everything comes from this server, and no site may frame it.

    Plotly and React write styles into elements, so hashes cannot restrict styles.
    """
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _bare(host: str) -> str:
    """Return a host's name or address without port, brackets and trailing dot."""
    name = host.strip().lower()
    if name.startswith("["):
        name, end, port = name[1:].partition("]")
        return name if end and (not port or port[1:].isdecimal()) else ""
    if name.count(":") == 1:
        name, _, port = name.partition(":")
        if port and not port.isdecimal():
            return ""
    return name.removesuffix(".")


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None


def _is_too_large(environ: Mapping[str, Any]) -> bool:
    # A chunked body does not state its length; no browser sends one here.
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return True
    stated = environ.get("CONTENT_LENGTH") or "0"
    return not (stated.isascii() and stated.isdecimal() and int(stated[:20]) <= LARGEST_BODY)


def _drained(answer: Iterable[bytes], environ: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield an answer, then read on for a moment: a client that still sends would not see the answer."""
    yield from answer
    end = time.monotonic() + _DRAIN_S
    stream = getattr(environ["wsgi.input"], "_file", environ["wsgi.input"])
    left = environ.get("CONTENT_LENGTH") or ""
    remaining = int(left[:20]) if left.isascii() and left.isdecimal() else LARGEST_BODY
    try:
        while remaining > 0 and time.monotonic() < end:
            part = stream.read1(65536) if hasattr(stream, "read1") else stream.read(65536)
            if not part:
                return
            remaining -= len(part)
    except (OSError, ValueError):
        return


def _check_body(app: Dash) -> None:
    """Raise BadRequest unless the body is one that these pages send."""
    if not request.is_json:
        raise BadRequest("The body of a callback must be JSON.")
    try:
        body = json.loads(request.get_data(cache=True))
    except (ValueError, RecursionError, OSError):
        raise BadRequest("The body of a callback must be JSON.") from None
    if not (isinstance(body, dict) and _is_shallow(body)):
        raise BadRequest("The body of a callback must be an object.")
    known = app.callback_map.get(body["output"]) if isinstance(body.get("output"), str) else None
    if known is None:
        raise BadRequest("There is no such callback.")
    if not (
        _are(body.get("inputs"), known["inputs"])
        and _are(body.get("state", []), known["state"])
        and _names_outputs(body.get("outputs"), body["output"])
        and _are_changes(body.get("changedPropIds", []), known["inputs"])
    ):
        raise BadRequest("The callback does not take these values.")


def _are(given: Any, known: list[dict[str, str]]) -> bool:
    """Return whether these are the inputs of a callback, each of the right type."""
    if not (isinstance(given, list) and len(given) == len(known)):
        return False
    return all(_is(one, spec) for one, spec in zip(given, known, strict=True))


def _is(given: Any, known: Mapping[str, str]) -> bool:
    if not isinstance(given, dict):
        return False
    if (given.get("id"), given.get("property")) != (known["id"], known["property"]):
        return False
    value = given.get("value")
    kinds = _NAMES[known["property"]]
    return value is None or (isinstance(value, kinds) and not isinstance(value, bool))


def _names_outputs(given: Any, output: str) -> bool:
    """Return whether the outputs are those that the callback's name lists; older pages send none."""
    if given is None:
        return True
    each = given if isinstance(given, list) else [given]
    if not all(isinstance(one, dict) for one in each):
        return False
    names = [f"{one.get('id')}.{one.get('property')}" for one in each]
    return output == (f"..{'...'.join(names)}.." if isinstance(given, list) else names[0])


def _are_changes(given: Any, known: list[dict[str, str]]) -> bool:
    names = {f"{spec['id']}.{spec['property']}" for spec in known}
    return isinstance(given, list) and all(isinstance(one, str) and one in names for one in given)


def _is_shallow(value: Any, levels: int = _DEEPEST) -> bool:
    if levels == 0:
        return False
    if isinstance(value, dict):
        value = list(value.values())
    return not isinstance(value, list) or all(_is_shallow(one, levels - 1) for one in value)
