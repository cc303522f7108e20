"""How long somebody waits for a database whose server is gone."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Patience:
    """How a server that is gone is waited for.

    Attributes:
        limit_s: For so many seconds.
        thread: Who waits; others are told at once.
        tell: Observation in a sentence when the server is found gone, and when it is back.
        repeating: Whether what is asked now may have been done before, with its answer lost.
    """

    limit_s: float
    thread: int
    tell: Callable[[str], None]
    repeating: bool = False
