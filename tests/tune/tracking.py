"""Tracking servers: MLflow's own where it is installed, and one that answers as it documents.

MLflow cannot be installed beside the versions of `constraints.txt` (it wants an older
importlib_metadata), so its own server is looked for on PATH and in AUTOTRICK_TEST_MLFLOW, the path of
its program in an environment of its own.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

API = "/api/2.0/mlflow/"


def ask(url: str, path: str, **values: Any) -> dict[str, Any]:
    """Ask a server as its documentation says: `get-` by the address, all else by a body."""
    if "get-" in path:
        request = Request(f"{url}{API}{path}?{urlencode(values)}")
    else:
        headers = {"Content-Type": "application/json"}
        request = Request(f"{url}{API}{path}", json.dumps(values).encode(), headers)
    with urlopen(request, timeout=20) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def runs(url: str, experiment: str) -> list[dict[str, Any]]:
    """Return the runs of an experiment: name, status, parameters, tags and curves."""
    found = ask(url, "experiments/search", filter=f"name = '{experiment}'", max_results=1)
    key = found["experiments"][0]["experiment_id"]
    listed = ask(url, "runs/search", experiment_ids=[key], max_results=50).get("runs", [])
    return sorted((_run(url, run) for run in listed), key=lambda run: str(run["name"]))


def _run(url: str, run: dict[str, Any]) -> dict[str, Any]:
    info, data = run["info"], run["data"]
    curves = {}
    for metric in data.get("metrics", ()):
        asked = {"run_id": info["run_id"], "metric_key": metric["key"]}
        points = ask(url, "metrics/get-history", **asked)["metrics"]
        curves[metric["key"]] = sorted((int(p["step"]), p["value"]) for p in points)
    tables = {
        name: {e["key"]: e["value"] for e in data.get(name, ())} for name in ("params", "tags")
    }
    return {"name": info["run_name"], "status": info["status"], "curves": curves, **tables}


def program() -> str | None:
    return os.environ.get("AUTOTRICK_TEST_MLFLOW") or shutil.which("mlflow")


@contextmanager
def real(folder: Path) -> Iterator[str]:
    """Run MLflow's own server, on SQLite."""
    found = program()
    assert found is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [found, "server", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = {"PATH": f"{Path(found).parent}:{os.environ['PATH']}", "HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url, server)
        yield url
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def _await(url: str, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 180
    while time.monotonic() < end:
        assert server.poll() is None
        with suppress(URLError, OSError), urlopen(f"{url}/health", timeout=5):
            return
        time.sleep(0.3)
    raise AssertionError("the server did not come up")


class Store:
    """Experiments and runs, as far as autotrick and these tests ask for them."""

    def __init__(self) -> None:
        self.experiments: dict[str, str] = {}
        self.deleted: set[str] = set()
        self.runs: dict[str, dict[str, Any]] = {}
        self.authorizations: set[str | None] = set()
        self.refuse: int | None = None
        self.refused = Event()

    def answer(self, path: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.refuse:
            self.refused.set()
            return self.refuse, {"error_code": "INTERNAL_ERROR", "message": "told to refuse"}
        told: tuple[int, dict[str, Any]] = getattr(self, re.sub(r"\W", "_", path))(asked)
        return told

    def experiments_create(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if asked["name"] in self.experiments:
            return 400, {"error_code": "RESOURCE_ALREADY_EXISTS", "message": "it exists"}
        self.experiments[asked["name"]] = str(len(self.experiments))
        return 200, {"experiment_id": self.experiments[asked["name"]]}

    def experiments_search(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        (name,) = re.fullmatch(r"name = '(.*)'", asked["filter"]).groups()  # type: ignore[union-attr]
        if name not in self.experiments or (
            name in self.deleted and asked.get("view_type") != "ALL"
        ):
            return 200, {}
        stage = "deleted" if name in self.deleted else "active"
        found = {"experiment_id": self.experiments[name], "name": name, "lifecycle_stage": stage}
        return 200, {"experiments": [found]}

    def runs_create(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        key = f"run{len(self.runs)}"
        info = {"run_id": key, "run_name": asked["run_name"], "status": "RUNNING"}
        self.runs[key] = {
            "info": info | {"experiment_id": asked["experiment_id"]},
            "data": {"params": [], "metrics": [], "tags": list(asked["tags"])},
            "history": [],
        }
        return 200, {"run": self.runs[key]}

    def runs_search(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        tags = re.findall(r"tags\.`([\w.]+)` = '(\w+)'", asked.get("filter", ""))
        status = re.findall(r"status = '(\w+)'", asked.get("filter", ""))
        wanted = [{"key": key, "value": value} for key, value in tags]
        found = [
            run
            for run in self.runs.values()
            if run["info"]["experiment_id"] in asked["experiment_ids"]
            and all(tag in run["data"]["tags"] for tag in wanted)
            and all(run["info"]["status"] == name for name in status)
        ]
        return 200, {"runs": found[: asked["max_results"]]} if found else {}

    def runs_log_batch(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        run = self.runs[asked["run_id"]]
        for name in ("params", "tags"):
            run["data"][name] += [e for e in asked.get(name, ()) if e not in run["data"][name]]
        history = run["history"]
        history += [metric for metric in asked.get("metrics", ()) if metric not in history]
        run["data"]["metrics"] = [{"key": key} for key in {metric["key"] for metric in history}]
        return 200, {}

    def runs_update(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.runs[asked["run_id"]]["info"]["status"] = asked["status"]
        return 200, {}

    def metrics_get_history(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        history = self.runs[asked["run_id"]]["history"]
        return 200, {"metrics": [m for m in history if m["key"] == asked["metric_key"]]}


@contextmanager
def documented(store: Store) -> Iterator[str]:
    """Serve a store here, in a thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(dict(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            self._reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _reply(self, asked: dict[str, Any]) -> None:
            path = urlsplit(self.path).path.removeprefix(API)
            store.authorizations.add(self.headers["Authorization"])
            status, told = store.answer(path, asked)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
