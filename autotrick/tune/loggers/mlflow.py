"""Writes a search to an MLflow tracking server: a run per trial, with its parameters and curves.

It uses only MLflow's documented REST interface, so its package need not be installed here. A thread of
its own does the writing: a search does not wait for the server.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from itertools import islice
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from autotrick.errors import ResourceError
from autotrick.redaction import redacted, redacted_url, userinfo
from autotrick.tune.loggers.tensorboard import FINAL, settings

if TYPE_CHECKING:
    from autotrick.recipe import Recipe
    from autotrick.tune.driver.events import Event

ANSWER_S = 20.0
"""Seconds that one answer of the server may take."""

PATIENCE_S = 60.0
"""Seconds to wait for a server that is gone, and for the rest at the end of a search."""

PAUSE_S = 1.0
_MOST_PARAMETERS = 100
_MOST_CHARACTERS = 500
"""Limits of one request and of one parameter in older servers."""

_SCHEMES = ("http://", "https://")
_STATUS = {"complete": "FINISHED", "pruned": "FINISHED", "failed": "FAILED"}


class MLflow:
    """Writes to the experiment of the study's name, and continues the runs of an earlier search.

    Args:
        url: The server's address.
        notice: Receives a sentence when autotrick gives up on the server.
        patience_s: Seconds to wait for a server that is gone, and for the rest at the end.

    Raises:
        ResourceError: There is no such server.
    """

    def __init__(
        self,
        url: str,
        study: str,
        *,
        notice: Callable[[str], None],
        patience_s: float = PATIENCE_S,
    ) -> None:
        if not url.startswith(_SCHEMES):
            raise ResourceError(
                f"--mlflow takes the address of a tracking server, such as http://localhost:5000, "
                f"but got {redacted_url(url)!r}. One is started by: mlflow server"
            )
        if "?" in userinfo(url)[0] or "#" in userinfo(url)[0]:
            raise ResourceError(
                f"--mlflow takes an address without parameters, but got {redacted_url(url)!r} with some. "
                "Set MLFLOW_TRACKING_TOKEN for a token."
            )
        self._server, self._study = _Server(url.rstrip("/")), study
        self._notice = notice
        self._patience_s = patience_s
        self._runs: dict[int, str] = {}
        # A search that is refused after this leaves none: it is made with the first run.
        self._experiment = self._server.known(study)
        self._waiting: SimpleQueue[tuple[Event, int] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="mlflow", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def __call__(self, event: Event) -> None:
        """Queue an epoch or a result for writing."""
        if self._thread.is_alive():
            self._waiting.put((event, _now_ms()))

    def close(self) -> None:
        """Wait until everything is written, or the patience ends."""
        self._waiting.put(None)
        self._thread.join(self._patience_s)

    def _work(self) -> None:
        while told := self._waiting.get():
            try:
                self._patiently(*told)
            except ResourceError as error:
                self._notice(f"{error} The search goes on without it.")
                return

    def _patiently(self, event: Event, moment: int) -> None:
        # Whatever is written twice is there once: a run is looked for before it is made, and equal
        # values of one moment are one.
        end = time.monotonic() + self._patience_s
        while True:
            try:
                return self._write(event, moment)
            except _GoneError as error:
                if time.monotonic() > end:
                    raise ResourceError(str(error)) from error
                time.sleep(PAUSE_S)

    def _write(self, event: Event, moment: int) -> None:
        if event.kind == "epoch" and event.report:
            values = event.report.curves()
            self._server.ask(
                "runs/log-batch",
                run_id=self._run(event, moment),
                metrics=[
                    {"key": name, "value": value, "timestamp": moment, "step": event.report.epoch}
                    for name, value in values.items()
                    if math.isfinite(value)
                ],
            )
        elif event.kind == "started":
            self._run(event, moment)
        elif event.kind in FINAL:
            run = self._run(event, moment)
            outcome = " ".join(filter(None, (event.kind, event.note)))
            tags = _tags({"autotrick.state": outcome[:_MOST_CHARACTERS]})
            self._server.ask("runs/log-batch", run_id=run, tags=tags)
            ended = {"status": _STATUS[event.kind], "end_time": moment}
            self._server.ask("runs/update", run_id=run, **ended)
            del self._runs[event.number]

    def _run(self, event: Event, moment: int) -> str:
        """Return the trial's run: a known one, one of an earlier search, or a new one."""
        number = event.number
        if number not in self._runs:
            digest = event.recipe.digest()
            if self._experiment is None:
                self._experiment = self._server.experiment(self._study)
            found = self._server.unfinished(self._experiment, number, digest)
            self._runs[number] = found or self._new_run(self._experiment, number, digest, moment)
            for part in _parts(event.recipe):
                self._server.ask("runs/log-batch", run_id=self._runs[number], params=part)
        return self._runs[number]

    def _new_run(self, experiment: str, number: int, digest: str, moment: int) -> str:
        made = self._server.ask(
            "runs/create",
            experiment_id=experiment,
            run_name=f"trial-{number}",
            start_time=moment,
            tags=_tags({"autotrick.trial": str(number), "autotrick.recipe": digest}),
        )
        return str(made["run"]["info"]["run_id"])


class _GoneError(ResourceError):
    """The server does not answer, which may change."""


class _Server:
    def __init__(self, url: str) -> None:
        self._url, user, password = userinfo(url)
        self._secrets = url
        self._authorization = _authorization(user, password)

    def known(self, name: str) -> str | None:
        """Return the id of the experiment of a name, if there is one.

        Raises:
            ResourceError: It is deleted, the server refuses, or there is none.
        """
        asked = {"filter": f"name = '{name}'", "view_type": "ALL", "max_results": 1}
        for found in self.ask("experiments/search", **asked).get("experiments", ()):
            if found.get("lifecycle_stage") == "deleted":
                raise ResourceError(
                    f"the MLflow server {self._url} has deleted its experiment {name!r}, and keeps "
                    "the name. Restore it there, or choose another study name."
                )
            return str(found["experiment_id"])
        return None

    def experiment(self, name: str) -> str:
        """Make an experiment, unless another process has just made it, and return its id."""
        answer = self._answer("experiments/create", {"name": name}, ("RESOURCE_ALREADY_EXISTS",))
        return str(answer.get("experiment_id") or self.known(name))

    def unfinished(self, experiment: str, number: int, digest: str) -> str | None:
        """Return the run of a trial that has not ended, if there is one."""
        wanted = f"tags.`autotrick.trial` = '{number}' and tags.`autotrick.recipe` = '{digest}'"
        found = self.ask(
            "runs/search",
            experiment_ids=[experiment],
            filter=f"{wanted} and attributes.status = 'RUNNING'",
            max_results=1,
        )
        return next((str(run["info"]["run_id"]) for run in found.get("runs", ())), None)

    def ask(self, path: str, **values: Any) -> dict[str, Any]:
        """Return the answer of the server.

        Raises:
            ResourceError: It refuses, or does not exist.
        """
        return self._answer(path, values)

    def _answer(
        self, path: str, values: Mapping[str, Any], known: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        body = json.dumps(values, allow_nan=False).encode()
        headers = {"Content-Type": "application/json"}
        place = f"{self._url}/api/2.0/mlflow/{path}"
        try:
            asked = Request(place, body, headers)
            if self._authorization:
                # Not sent on to another server that this one names.
                asked.add_unredirected_header("Authorization", self._authorization)
            with urlopen(asked, timeout=ANSWER_S) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except HTTPError as error:
            code, reason = _refusal(error)
            if code in known:
                return {}
            kind = _GoneError if error.code >= 500 else ResourceError
            told = redacted(reason, self._secrets)
            raise kind(f"the MLflow server {self._url} refuses {path}: {told}.") from error
        except (OSError, HTTPException, ValueError) as error:
            reason = redacted(str(getattr(error, "reason", error)), self._secrets).rstrip(".")
            raise _GoneError(f"no MLflow server answers at {self._url}: {reason}.") from error


def _authorization(user: str, password: str) -> str:
    """Return the header that MLflow's own client sends: a token, or a user and a password.

    Raises:
        ResourceError: They contain characters that a header cannot hold.
    """
    token = os.environ.get("MLFLOW_TRACKING_TOKEN", "")
    if not user and not password:
        user = os.environ.get("MLFLOW_TRACKING_USERNAME", "")
        password = os.environ.get("MLFLOW_TRACKING_PASSWORD", "")
    if user or password:
        return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
    if token and not (token.isascii() and token.isprintable()):
        raise ResourceError("MLFLOW_TRACKING_TOKEN must be printable ASCII without line breaks.")
    return f"Bearer {token}" if token else ""


def _refusal(error: HTTPError) -> tuple[str, str]:
    try:
        told = json.load(error)
        first = str(told["message"]).splitlines()[0]
        return str(told["error_code"]), first[:_MOST_CHARACTERS].rstrip(".")
    except (OSError, ValueError, LookupError, TypeError):
        return "", f"{error.code} {error.reason}"


def _parts(recipe: Recipe) -> Iterator[list[dict[str, str]]]:
    """Yield a trial's parameters in parts that fit into one request."""
    each = iter(settings(recipe).items())
    while part := list(islice(each, _MOST_PARAMETERS)):
        yield [{"key": key, "value": str(value)[:_MOST_CHARACTERS]} for key, value in part]


def _tags(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def _now_ms() -> int:
    return round(1000 * time.time())
