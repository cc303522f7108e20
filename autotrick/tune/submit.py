"""Submits a search to a cluster through Ray Jobs, so that this machine can disconnect.

It sends the space file (with the policy file that it names) and a command line. Ray shows a job's
command, environment and metadata to everybody who can see the cluster, so a password is never sent:
the database's URL is in a file or an environment variable on the cluster's head.
"""

import shlex
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ
from pathlib import Path
from typing import Any

from autotrick.errors import RecordsError, ResourceError
from autotrick.redaction import has_secret, redacted, redacted_url
from autotrick.space import files_of

ANSWER_S = 10.0
"""Seconds that the cluster may take to return its version."""
START_S = 90.0
"""Seconds that a job may take to begin."""

_NONE_YET = "No available agent"
"""Part of Ray's answer while the cluster is starting."""
_UNSET = (
    "set it to the results database where the head of the cluster is started, or give --database"
)
_ELSEWHERE = (
    "Set it where the head of the cluster is started: MLFLOW_TRACKING_USERNAME with "
    "MLFLOW_TRACKING_PASSWORD or MLFLOW_TRACKING_TOKEN for MLflow, fsspec's configuration for a storage."
)
_ABSENT = (
    "the head finds no autotrick with its python. Start Ray where autotrick is installed, with the "
    "environment activated (its bin folder first on PATH)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A search to send to a cluster.

    Attributes:
        space: The space file, which has been checked.
        study: The study's name.
        words: Options of `autotrick search`, as the cluster's machines understand them.
        database: Its URL as seen from the cluster, without a password, or `@FILE` for a file on the head
            with the URL; None for the environment variable AUTOTRICK_DATABASE of the head.
    """

    space: Path
    study: str
    words: Sequence[str] = ()
    database: str | None = None

    def command(self) -> str:
        """Return the shell command that the cluster runs.

        Raises:
            RecordsError: The database's address holds a password.
            ResourceError: Another option holds one.
        """
        for word in self.words:
            if has_secret(word):
                raise ResourceError(
                    f"{redacted_url(word)} holds a password or key, and Ray would show it to all who may "
                    f"look at the cluster. {_ELSEWHERE}"
                )
        words = [self.space.name, "--study", self.study, "--address", "auto", *self.words]
        first = ""
        if self.database is None:
            first = f': "${{AUTOTRICK_DATABASE:?{_UNSET}}}"; '
        elif has_secret(self.database):
            raise RecordsError(
                "the database's address holds a password, and Ray would show it to all who may look "
                "at the cluster. Set AUTOTRICK_DATABASE where the head of the cluster is started, and "
                "leave --database away; or write the URL into a file on the head that only you can read "
                "and give --database @FILE."
            )
        else:
            words += ["--database", self.database]
        search = shlex.join(["python", "-m", "autotrick", "search", *words])
        present = f"python -m autotrick --version || {{ echo {shlex.quote(_ABSENT)}; exit 1; }}"
        return f"{first}{present}; exec {search}"


def submit(address: str, submission: Submission) -> str:
    """Send a search to a cluster and wait until it has begun; return the job's name.

    Args:
        address: Address of the cluster's dashboard: `http://HEAD:8265`, or `HEAD:8265`.

    Raises:
        RecordsError: The database's address holds a password.
        ResourceError: No Ray dashboard answers there, it refuses, or the job ends at once.
    """
    command = submission.command()
    with _sentences(address), tempfile.TemporaryDirectory(prefix="autotrick-submit-") as folder:
        client = _client(address)
        for name in files_of(submission.space):
            place = Path(folder) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(submission.space.parent / name, place)
        job = f"{submission.study}-{uuid.uuid4().hex[:8]}"
        _send(client, command, job, folder, submission.study)
        _await_begin(client, job)
    return job


def _send(client: Any, command: str, job: str, folder: str, study: str) -> None:
    """Submit the job to a cluster that may still be starting.

    Raises:
        RuntimeError: The cluster refuses it.
    """
    limit = time.monotonic() + START_S
    while True:
        try:
            client.submit_job(
                entrypoint=command,
                submission_id=job,
                runtime_env={"working_dir": folder},
                metadata={"study": study},
            )
            return
        except RuntimeError as error:
            if _NONE_YET not in str(error) or time.monotonic() > limit:
                raise
        time.sleep(1.0)


def _client(address: str) -> Any:
    import requests
    from ray.job_submission import JobSubmissionClient

    url = address if "://" in address else f"http://{address}"
    # Without this request the client would wait without end for a port that does not answer.
    with requests.get(f"{url}/api/version", timeout=ANSWER_S, stream=True):
        pass
    # Ray prefers these to the given address.
    names = ("RAY_API_SERVER_ADDRESS", "RAY_ADDRESS")
    kept = {name: environ.pop(name) for name in names if name in environ}
    try:
        return JobSubmissionClient(url)
    finally:
        environ.update(kept)


def _await_begin(client: Any, job: str) -> None:
    """Return when the job has printed its version of autotrick.

    Raises:
        ResourceError: It ended before that, or did not begin.
    """
    limit = time.monotonic() + START_S
    while time.monotonic() < limit:
        status = client.get_job_status(job)
        log = client.get_job_logs(job)
        if any(line.startswith("autotrick ") for line in log.splitlines()):
            return
        if status.is_terminal():
            lines = [line for line in log.splitlines() if line.strip()]
            why = lines[-1] if lines else client.get_job_info(job).message
            raise ResourceError(f"the cluster could not begin the search: {why}")
        time.sleep(0.5)
    raise ResourceError(
        f"job {job} has not begun within {START_S:.0f} s. Is the cluster busy? It may begin later: "
        "`ray job list` shows it."
    )


@contextmanager
def _sentences(address: str) -> Iterator[None]:
    """Turn errors of a cluster into sentences.

    Raises:
        ResourceError: An error occurred within the block.
    """
    from ray.exceptions import AuthenticationError
    from requests import RequestException

    try:
        yield
    except AuthenticationError as error:
        raise ResourceError(
            f"the cluster at {redacted_url(address)} refuses the token. Set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN "
            "to the cluster's."
        ) from error
    except (RequestException, ConnectionError) as error:
        raise ResourceError(
            f"no Ray dashboard answers at {redacted_url(address)} ({type(error).__name__}). Give its address, such "
            "as http://HEAD:8265; Ray on the head needs the packages of `ray[default]`."
        ) from error
    except RuntimeError as error:
        first = str(error).strip().splitlines()[0]
        raise ResourceError(
            f"the cluster at {redacted_url(address)} refuses the job: {redacted(first, address)}"
        ) from error
