"""When a trial fails because its workers die, and when the whole study stops."""

from pathlib import Path

from autotrick.errors import ResourceError
from autotrick.tune.cluster.worker import Failure
from autotrick.tune.driver.active_trial import ActiveTrial

LOST_WORKERS = 3
"""Workers that a trial may lose in a row without a new epoch before it fails."""

FALSE_STARTS = 10
"""Workers in a row, of any trials, that may die before they start before the study stops."""


class WorkerFailures:
    """Counts the workers that die."""

    def __init__(self) -> None:
        self._unstarted = 0

    def worker_started(self) -> None:
        """Reset the count of workers that did not start."""
        self._unstarted = 0

    def record(self, trial: ActiveTrial, reason: str, what: str) -> Failure | None:
        """Count a lost worker; return why the trial fails, or None if it may go on.

        Args:
            what: What the worker did, in words.
        """
        if trial.attempt is None:
            self._unstarted += 1
        else:
            trial.lost += 1
        if trial.lost > LOST_WORKERS:
            why = f"its worker {what}, as {LOST_WORKERS} did before without an epoch between"
            return Failure(reason=reason, message=why)
        if self._unstarted > FALSE_STARTS:
            times = f"{self._unstarted} times in a row"
            why = f"Ray could not start a worker {times}{_logs()}."
            return Failure(reason=ResourceError.__name__, message=why)
        return None


def _logs() -> str:
    """Return where Ray logged the reason, with its newest line."""
    from autotrick.tune.cluster.engine import logs_folder

    written = [
        path for path in Path(logs_folder() or "-").glob("worker-*.err") if path.stat().st_size
    ]
    if not written:
        return "; the logs of Ray's workers say why"
    newest = max(written, key=lambda path: path.stat().st_mtime)
    lines = newest.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f": {lines[-1].strip()[:200]!r} ({newest})" if lines else f" ({newest} says why)"
