"""Who may ask the dashboard what, and what it says while its database is away."""

import http.client
import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from dashboards.app import create_app
from dashboards.guard import LARGEST_BODY, is_public
from tests.postgres import PostgresServer
from tests.synthetic import fill

UPDATE = "/_dash-update-component"
PAGE: dict[str, Any] = {
    "output": "page.children",
    "outputs": {"id": "page", "property": "children"},
    "inputs": [
        {"id": "url", "property": "pathname", "value": "/"},
        {"id": "url", "property": "search", "value": ""},
    ],
    "changedPropIds": ["url.pathname"],
}
POLL: dict[str, Any] = {
    "output": "..studies-content.children...studies-seen.data..",
    "outputs": [
        {"id": "studies-content", "property": "children"},
        {"id": "studies-seen", "property": "data"},
    ],
    "inputs": [{"id": "studies-poll", "property": "n_intervals", "value": 1}],
    "changedPropIds": ["studies-poll.n_intervals"],
    "state": [{"id": "studies-seen", "property": "data", "value": None}],
}


def page_at(path: Any, search: Any = "") -> dict[str, Any]:
    names = (("pathname", path), ("search", search))
    return PAGE | {"inputs": [{"id": "url", "property": n, "value": v} for n, v in names]}


@pytest.fixture(scope="module")
def client(filled: str) -> Any:
    return create_app(filled, allowed_hosts=["proxy.example"]).server.test_client()


@contextmanager
def listening(url: str, host: str = "127.0.0.1") -> Iterator[int]:
    server = make_server(host, 0, create_app(url, host).server, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def post(client: Any, body: Any, kind: str = "application/json") -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer: TestResponse = client.post(UPDATE, data=data, content_type=kind)
    return answer


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8050", "127.0.0.1:1", "127.0.0.1.", "[::1]:9", "proxy.example"]
)
def test_own_names_are_answered(client: Any, host: str) -> None:
    assert client.get("/_dash-layout", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8050",
        "evil.localhost",
        "localhost.evil.example",
        "localhost@evil.example",
        "localhost:evil",
        "localhost,evil.example",
        "10.0.0.1",
        "[::1",
        "[::2]",
        "0.0.0.0",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/_dash-layout", "/assets/dashboard.css", "/nowhere"])
def test_other_names_are_refused(client: Any, host: str, path: str) -> None:
    assert client.get(path, headers={"Host": host}).status_code == 403


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("127.0.0.1", False),
        ("127.5.5.5", False),
        ("localhost", False),
        ("::1", False),
        ("[::1]", False),
        ("0.0.0.0", True),
        ("::", True),
        ("10.0.0.1", True),
        ("host.example", True),
        ("", True),
    ],
)
def test_who_can_connect(host: str, public: bool) -> None:
    assert is_public(host) is public


def test_a_server_for_others_goes_by_any_address(filled: str) -> None:
    client = create_app(filled, "0.0.0.0").server.test_client()

    assert client.get("/", headers={"Host": "192.168.1.5:8050"}).status_code == 200
    assert client.get("/", headers={"Host": "[fe80::1]:8050"}).status_code == 200
    assert client.get("/", headers={"Host": socket.gethostname()}).status_code == 200
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize("path", ["/", "/_dash-layout", "/_dash-component-suites/os/x.py", "/x"])
def test_browsers_are_told_what_pages_may_do(client: Any, path: str) -> None:
    headers = client.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self' 'sha256-" in policy
    assert "unsafe" not in policy.partition("script-src")[2].partition(";")[0]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'"x"',
        b"1" * 6000,
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"output":' + b"[" * 5000 + b"]" * 5000 + b"}",
        {"output": 5},
        {"output": ["page.children"]},
        {"output": "page.children", "inputs": []},
        PAGE | {"output": "..page.children.."},
        PAGE | {"output": "os.system"},
        PAGE | {"inputs": 5},
        PAGE | {"inputs": [[], {}]},
        PAGE | {"inputs": PAGE["inputs"][::-1]},
        PAGE | {"state": 5},
        PAGE | {"state": [1]},
        PAGE | {"outputs": []},
        PAGE | {"outputs": 5},
        PAGE | {"outputs": {"id": {"a": 1}, "property": "children"}},
        PAGE | {"changedPropIds": 5},
        PAGE | {"changedPropIds": [[1]]},
        PAGE | {"changedPropIds": ["x.y"]},
        page_at(5),
        page_at(["/"]),
        page_at({"a": 1}),
        page_at("/", True),
    ],
    ids=lambda body: str(body)[:40],
)
def test_what_no_page_sends_is_refused(
    client: Any, caplog: pytest.LogCaptureFixture, body: Any
) -> None:
    assert 400 <= post(client, body).status_code < 500
    assert caplog.records == []


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "", "application/xml"])
def test_only_json_is_read(client: Any, kind: str) -> None:
    assert post(client, PAGE, kind).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/_dash-component-suites/os/x.py",
        "/_dash-component-suites/sys/x.js",
        "/_dash-component-suites/dash/../x",
        "/_dash-component-suites/dash/..%2f..%2fx",
        "/_dash-component-suites/dash/x%00.js",
        "/_dash-component-suites/%00/x.js",
        "/_dash-component-suites/dash/deps",
        "/_dash-component-suites/autotrick/__init__.py",
        "/_dash-component-suites/dash/" + "a" * 3000 + ".js",
    ],
)
def test_there_is_nothing_at_odd_paths(
    client: Any, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    assert client.get(path).status_code == 404
    assert caplog.records == []


@pytest.mark.parametrize(
    ("path", "search"),
    [
        (None, None),
        ("", ""),
        ("/study", ""),
        ("/study/nope", ""),
        ("/study/%00", ""),
        ("/study/\ud800", ""),
        ("/study/digits/trial/" + "9" * 30, ""),
        ("/study/digits/trial/" + "9" * 5000, ""),
        ("/study/digits/trial/-1", ""),
        ("x" * 100_000, ""),
        ("/study/digits/trials", "?where=((((("),
        ("/study/digits/trials", "?where=" + "(" * 50_000),
        ("/study/digits/trials", "?where=" + "not " * 20_000 + "mixup"),
        ("/study/digits/trials", "?where=%00"),
        ("/study/digits/trials", "?after=" + "9" * 5000),
        ("/study/digits/trials", "?after=x"),
    ],
    ids=lambda text: str(text)[:40],
)
def test_odd_addresses_have_a_page_that_says_so(
    client: Any, caplog: pytest.LogCaptureFixture, path: str, search: str
) -> None:
    assert post(client, page_at(path, search)).status_code == 200
    assert caplog.records == []


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "X"]
)
@pytest.mark.parametrize("path", ["/", "/a/b", UPDATE, "/_dash-layout"])
def test_other_methods_are_no_faults(client: Any, method: str, path: str) -> None:
    assert client.open(path, method=method).status_code < 500


def test_a_large_body_is_refused_before_it_is_read(filled: str) -> None:
    with listening(filled) as port:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        asked.putrequest("POST", UPDATE)
        asked.putheader("Content-Type", "application/json")
        asked.putheader("Content-Length", str(LARGEST_BODY + 1))
        asked.endheaders()
        assert asked.getresponse().status == 413
        asked.close()
        sent = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        sent.request("POST", UPDATE, b" " * 20_000_000, {"Content-Type": "application/json"})
        assert sent.getresponse().status == 413
        sent.close()
        parts = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        parts.request("POST", UPDATE, iter([b"x" * 65536] * 40), encode_chunked=True)
        assert parts.getresponse().status == 413
        parts.close()


@pytest.mark.parametrize("length", ["-1", "abc", "9" * 30, "1e3"])
def test_an_odd_length_is_refused(client: Any, length: str) -> None:
    answer = client.post(UPDATE, data=b"{}", headers={"Content-Length": length})

    assert 400 <= answer.status_code < 500


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", ["/", "/study/digits", "/study/digits/trials", "/study/digits/trial/3"]
)
def test_while_the_database_is_away_pages_say_so(
    caplog: pytest.LogCaptureFixture, outage: tuple[PostgresServer, Any], page: str
) -> None:
    server, client = outage
    assert b"page-retry" not in post(client, page_at(page)).data

    server.kill()
    away = post(client, page_at(page)).data
    polled = post(client, POLL)
    server.start()
    back = post(client, page_at(page)).data
    again = post(client, POLL)

    assert b"cannot be used" in away and b"page-retry" in away
    assert polled.status_code == again.status_code == 200
    assert b"cannot be used" in polled.data and b"cannot be used" not in again.data
    assert b"page-retry" not in back
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.fixture(scope="module")
def outage() -> Iterator[tuple[PostgresServer, Any]]:
    with PostgresServer.running() as server:
        url = server.new_database()
        fill(url, 4)
        app = create_app(url).server
        yield server, app.test_client()
        app.config["DATABASE"].close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("host", "shown", "warned"),
    [
        ("::1", "http://[::1]:", False),
        ("[::1]", "http://[::1]:", False),
        ("localhost", "http://localhost:", False),
        ("0.0.0.0", "http://0.0.0.0:", True),
        ("::", "http://[::]:", True),
    ],
)
def test_any_host_can_be_listened_at(filled: str, host: str, shown: str, warned: bool) -> None:
    command = [sys.executable, "-m", "autotrick", "dashboard", "--port", "0", "--host", host]
    process = subprocess.Popen([*command, "--database", filled], stderr=subprocess.PIPE, text=True)
    seen: list[str] = []
    told = Event()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            seen.append(line)
            if len(seen) == 1 + warned:
                told.set()

    reader = Thread(target=read, daemon=True)
    reader.start()
    try:
        assert told.wait(60), seen
        port = int(seen[0].strip().rpartition(":")[2])
        at = "[::1]" if ":" in host else "127.0.0.1"
        with urllib.request.urlopen(f"http://{at}:{port}/", timeout=20) as answer:
            assert answer.status == 200
    finally:
        process.kill()
        process.wait()
        reader.join()
        assert process.stderr is not None
        process.stderr.close()

    assert shown in seen[0]
    assert ("There is no login" in "".join(seen)) is warned
