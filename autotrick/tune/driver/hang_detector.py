"""Notices a worker that says nothing any more."""

import time

STEP_S = 5.0
"""The most that counts between two looks: a driver that was held up has not listened meanwhile."""


class HangDetector:
    """Knows when each trial under way was last heard of."""

    def __init__(self, limit_s: float | None) -> None:
        """Begin with nobody to listen to.

        Args:
            limit_s: Silence after which a worker hangs; None for no limit.
        """
        self._limit = limit_s
        self._clock = 0.0
        self._looked = time.monotonic()
        self._heard: dict[str, float] = {}
        self._hung: set[str] = set()

    def heard(self, handle: str) -> None:
        """Take note that a trial's worker lives."""
        self._heard[handle] = self._clock

    def forget(self, handle: str) -> bool:
        """Listen to a trial no more; return whether its worker hung."""
        self._heard.pop(handle, None)
        hung = handle in self._hung
        self._hung.discard(handle)
        return hung

    def silent(self) -> list[str]:
        """Return the trials whose workers hang, each once."""
        now = time.monotonic()
        self._clock += min(STEP_S, now - self._looked)
        self._looked = now
        if self._limit is None:
            return []
        late = {h for h, then in self._heard.items() if self._clock - then > self._limit}
        found = sorted(late - self._hung)
        self._hung |= late
        return found
