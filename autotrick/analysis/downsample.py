"""Fewer points that still tell the same."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def thin(items: Sequence[T], limit: int, *, keep: Callable[[T], bool] | None = None) -> list[T]:
    """Return at most `limit` items in their order, evenly spread; first and last stay.

    Args:
        keep: Items for which this is true stay before all others, themselves thinned beyond `limit`.
    """
    if len(items) <= limit:
        return list(items)
    kept = [i for i, item in enumerate(items) if keep and keep(item)]
    if len(kept) >= limit:
        return [items[kept[i]] for i in _spread(len(kept), limit)]
    rest = np.setdiff1d(np.arange(len(items)), kept)
    chosen = rest[_spread(len(rest), limit - len(kept))]
    return [items[i] for i in np.sort(np.concatenate([chosen, kept]).astype(int))]


def _spread(count: int, limit: int) -> list[int]:
    return [int(i) for i in np.unique(np.linspace(0, count - 1, limit).round())]
