"""Choose images to show: some of every class, the same ones every time."""

import numpy as np
from numpy.typing import NDArray

from autotrick import tasks
from autotrick.data.dataset import Dataset, Labels

Rows = NDArray[np.int64]


def rows_by_class(labels: Labels, classes: int, each: int) -> list[Rows]:
    """Return rows of every class, spread evenly over the split; fewer where a class has fewer.

    Args:
        labels: (N,) class numbers in [0, K).
        classes: Their number K.
        each: Number of rows of a class.
    """
    found = []
    for number in range(classes):
        rows = np.flatnonzero(labels == number)
        places = np.linspace(0, len(rows) - 1, min(each, len(rows)))
        found.append(rows[np.rint(places).astype(int)])
    return found


def mixed_rows(data: Dataset, count: int) -> Rows:
    """Return training rows with the classes in turn, so that as many classes as possible are there.

    Where targets are not classes, they are the first rows.

    Args:
        count: Number of rows; fewer if there are fewer images.
    """
    count = min(count, len(data.train))
    if not data.classes or data.train.labels.ndim > 1:
        return np.arange(count)
    strata = tasks.find(data.task).strata(data.train.labels)
    groups = rows_by_class(strata, len(data.classes), -(-count // len(data.classes)))
    while sum(map(len, groups)) < count:  # some classes have fewer than their turn
        groups = rows_by_class(strata, len(data.classes), 2 * max(map(len, groups)))
    turns = max(map(len, groups))
    order = [group[turn] for turn in range(turns) for group in groups if turn < len(group)]
    return np.array(order[:count], np.int64)
