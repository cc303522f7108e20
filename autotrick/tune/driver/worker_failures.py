"""When a trial whose workers die is given up, and when the whole study is."""

from pathlib import Path

from autotrick.errors import ResourceError
from autotrick.tune.cluster.worker import Failure
from autotrick.tune.driver.active_trial import ActiveTrial

LOST_WORKERS = 3
"""Workers that a trial may lose in a row without an epoch between, before it counts as failed."""

FALSE_STARTS = 10
"""Workers in a row that may die before they begin, whatever the trial, before the study stops."""


class WorkerFailures:
    """Counts the workers that die."""

    def __init__(self) -> None:
        self._unstarted = 0

    def begun(self) -> None:
        """Take note that a worker has begun."""
        self._unstarted = 0

    def counted(self, live: ActiveTrial, reason: str, what: str) -> Failure | None:
        """Count a trial's loss; return why it is not handed out again, None where it is.

        Args:
            what: What its worker did, in words.
        """
        if live.attempt is None:
            self._unstarted += 1
        else:
            live.lost += 1
        if live.lost > LOST_WORKERS:
            why = f"its worker {what}, as {LOST_WORKERS} did before without an epoch between"
            return Failure(reason=reason, message=why)
        if self._unstarted > FALSE_STARTS:
            times = f"{self._unstarted} times in a row"
            why = f"Ray could not start a worker {times}{_logs()}."
            return Failure(reason=ResourceError.__name__, message=why)
        return None


def _logs() -> str:
    """Return where it is written why, and the newest line of it."""
    from autotrick.tune.cluster.engine import logs_folder

    written = [
        path for path in Path(logs_folder() or "-").glob("worker-*.err") if path.stat().st_size
    ]
    if not written:
        return "; the logs of Ray's workers say why"
    newest = max(written, key=lambda path: path.stat().st_mtime)
    lines = newest.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f": {lines[-1].strip()[:200]!r} ({newest})" if lines else f" ({newest} says why)"
