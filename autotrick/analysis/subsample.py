"""Which trials of a large study are compared: enough for a narrow interval, few enough for haste."""

import numpy as np

from autotrick.random_streams import Stream

LIMIT = 1000
"""Trials compared. More halve an interval only when there are four times as many."""


def chosen(count: int, *, seed: int, limit: int = LIMIT) -> list[int] | None:
    """Return the numbers of the trials to compare, or None for all where there are not more.

    Chance decides, and not what the trials found, so nothing is biased. Of a study that grows most
    of the chosen stay.

    Args:
        count: How many trials the study has.
        seed: The study's.
    """
    if count <= limit:
        return None
    lots = Stream(seed, "compared").bits(0, np.arange(count), 1)[:, 0]
    return sorted(np.argpartition(lots, limit)[:limit].tolist())
