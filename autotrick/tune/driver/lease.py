"""A driver's lease of its study, which a thread of its own renews.

The driver may be busy with a proposal, a disk or Ray's start for longer than the silence after which
drivers on other machines count it as dead.
"""

import time
from contextlib import suppress
from math import inf
from threading import Event, Thread, current_thread
from types import TracebackType

from autotrick import records
from autotrick.errors import RecordsError
from autotrick.records import Database

RENEWAL_S = 5.0
"""Seconds between two signs of life of a driver."""


class Lease:
    """Holds a study within its block.

    The thread lives as long as the one that entered the block, and does not wait for a database that
    is gone: it tries again with the next renewal. A lease that is not entered renews nothing.

    Attributes:
        asked_to_stop: Whether a person wants the search to end.

    Args:
        stale_after: Seconds of silence after which a driver on another machine counts as dead.
        period_s: Seconds between two renewals.
    """

    def __init__(
        self,
        database: Database,
        study_id: int,
        *,
        stale_after: float,
        period_s: float = RENEWAL_S,
    ) -> None:
        self._database = database
        self._study_id = study_id
        self._stale_after = stale_after
        self._period_s = period_s
        self._owner = records.this_process()
        self._holder = current_thread()
        self._thread = Thread(target=self._beat, name="lease", daemon=True)
        self._ended = Event()
        self._renewed = inf
        self.asked_to_stop = False

    def __enter__(self) -> "Lease":
        """Become the study's only driver.

        Raises:
            RecordsError: Another driver runs the study.
        """
        began = time.monotonic()
        records.acquire_lease(
            self._database, self._study_id, self._owner, stale_after=self._stale_after
        )
        self._renewed = began
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release the study, if this driver still holds it."""
        self._ended.set()
        # It may be stuck with a database that is gone; a late write changes nothing.
        self._thread.join(self._period_s)
        records.release_lease(self._database, self._study_id, self._owner)

    def check(self) -> None:
        """Make sure that this driver still holds the study; its process may have been stopped.

        Raises:
            RecordsError: Another driver has taken it over.
        """
        if time.monotonic() - self._renewed > 2 * self._period_s:
            self.renew()

    def renew(self) -> None:
        """Renew the lease, and read whether the driver is asked to stop.

        Raises:
            RecordsError: Another driver has taken the study over.
        """
        began = time.monotonic()
        asked = records.renew_lease(self._database, self._study_id, self._owner)
        self._renewed, self.asked_to_stop = began, asked

    def _beat(self) -> None:
        while not self._ended.wait(self._period_s) and self._holder.is_alive():
            # The driver meets the error itself: `check` renews when the thread did not.
            with suppress(RecordsError):
                self.renew()
