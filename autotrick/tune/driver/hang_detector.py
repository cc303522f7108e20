"""Detects workers that have gone silent."""

import time

STEP_S = 5.0
"""Most time that counts between two checks: a blocked driver has not received messages meanwhile."""


class HangDetector:
    """Knows when the worker of each active trial last sent something."""

    def __init__(self, limit_s: float | None) -> None:
        """Begin without workers.

        Args:
            limit_s: Seconds of silence after which a worker hangs; None for no limit.
        """
        self._limit = limit_s
        self._clock = 0.0
        self._looked = time.monotonic()
        self._heard: dict[str, float] = {}
        self._hung: set[str] = set()

    def heard(self, handle: str) -> None:
        """Record that a trial's worker is alive."""
        self._heard[handle] = self._clock

    def forget(self, handle: str) -> bool:
        """Forget a trial; return whether its worker hung."""
        self._heard.pop(handle, None)
        hung = handle in self._hung
        self._hung.discard(handle)
        return hung

    def silent(self) -> list[str]:
        """Return the trials whose workers hang, each only once."""
        now = time.monotonic()
        self._clock += min(STEP_S, now - self._looked)
        self._looked = now
        if self._limit is None:
            return []
        late = {h for h, then in self._heard.items() if self._clock - then > self._limit}
        found = sorted(late - self._hung)
        self._hung |= late
        return found
