"""Clusters and studies that cannot be had are named in one line, and soon."""

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import Result

Command = Callable[..., Result]
Refused = Callable[..., str]
Space = Callable[..., str]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port on which somebody listens who never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


class Web(BaseHTTPRequestHandler):
    """A web server that knows no page, and prints nothing."""

    def log_message(self, format: str, *words: object) -> None:
        """Print nothing."""


@pytest.fixture
def web_port() -> Iterator[int]:
    """A port on which a web server listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize("listener", ["silent_port", "web_port"])
def test_port_that_is_not_rays_is_named(
    refused: Refused, space: Space, request: pytest.FixtureRequest, listener: str
) -> None:
    path = space()
    address = f"127.0.0.1:{request.getfixturevalue(listener)}"

    line = refused("search", path, "--address", address)

    assert line.startswith(f"no Ray cluster at {address}: what listens there does not answer")


@pytest.mark.parametrize(
    "words",
    [
        ("best",),
        ("trials",),
        ("tricks",),
        ("resume",),
        ("archive",),
        ("extend", "--trials", "1"),
        ("delete", "--yes"),
    ],
    ids=" ".join,
)
def test_name_that_is_not_utf8_is_one_line(
    refused: Refused, study: Path, words: tuple[str, ...]
) -> None:
    line = refused(words[0], "caf\udce9", *words[1:])

    assert line == r"names in the database are UTF-8 text, but got 'caf\udce9'."


def test_submit_refuses_a_place_that_is_only_here(refused: Refused, space: Space) -> None:
    path = space()

    line = refused("submit", path, "--address", "head:8265", "--storage", "files")

    assert line.startswith("--storage must be an absolute path")


@pytest.mark.slow
def test_submit_to_what_is_no_dashboard_is_one_line(
    refused: Refused, space: Space, web_port: int
) -> None:
    path = space()
    pytest.importorskip("aiohttp", reason="sending needs the packages of ray[default]")
    address = f"127.0.0.1:{web_port}"

    line = refused("submit", path, "--address", address, "--storage", "/files")

    assert line.startswith(f"no Ray dashboard answers at {address}")


def test_stop_of_a_study_that_nobody_searches_is_one_line(refused: Refused, study: Path) -> None:
    line = refused("stop", "digits")

    assert line == "nobody searches study 'digits'; there is nothing to stop."


def test_follow_of_a_study_that_is_over_shows_what_it_came_to(
    command: Command, study: Path
) -> None:
    result = command("follow", "digits")

    assert result.exit_code == 0
    assert "Best trials of digits" in result.stdout
