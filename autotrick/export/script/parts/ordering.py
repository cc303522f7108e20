"""Which images an epoch sees, by their row numbers; a copy of a row has the number of rows added."""

import numpy as np

from autotrick.export.script.parts.streams import Array, generator


def subset(order: Array, labels: Array, fraction: float) -> Array:
    """Keep a fraction of each class, the same in every epoch."""
    shuffled = generator("subset").permutation(len(labels))
    kept = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = shuffled[labels[shuffled] == label]
        kept[members[: max(1, round(fraction * len(members)))]] = True
    return order[kept[order % len(labels)]]


def repeated(order: Array, labels: Array, copies: int) -> Array:
    """Visit fewer images, each in several copies of its own draws (Berman et al., 2019)."""
    distinct = order[: max(1, len(order) // copies)]
    return (distinct[:, None] + np.arange(copies) * len(labels)).reshape(-1)


def class_balance(order: Array, labels: Array, epoch: int, classes: int, power: float) -> Array:
    """Visit rare classes more often than they are (Kang et al., 2020)."""
    own = labels[order % len(labels)]
    counts = np.bincount(own, minlength=classes)
    raw = np.where(counts > 0, counts.astype(np.float64) ** power, 0.0)
    exact = raw * counts.sum() / raw.sum()
    wanted = np.floor(exact).astype(np.int64)
    left = int(counts.sum() - wanted.sum())
    wanted[np.argsort(wanted - exact, kind="stable")[:left]] += 1
    visits = []
    for label, count in enumerate(wanted.tolist()):
        if count:
            members, turn = order[own == label], np.arange(count)
            visits.append(members[turn % len(members)] + turn // len(members) * len(labels))
    return generator("class_balance", epoch).permutation(np.concatenate(visits))


def curriculum(order: Array, ranks: Array, share: float, labels: Array) -> Array:
    """Visit the share of each class with the lowest ranks, as often as makes an epoch."""
    if share >= 1:
        return order
    places = ranks[order % len(labels)]
    shown = order[(places < share) | (places == places.min())]
    turn = np.arange(len(order))
    return shown[turn % len(shown)] + turn // len(shown) * len(labels)


def class_ranks(hardness: Array, labels: Array) -> Array:
    """Return each image's place in its class, in [0, 1), the least hard first."""
    found = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        order = np.argsort(hardness[members], kind="stable")
        found[members[order]] = np.arange(len(members)) / len(members)
    return found


def distances(images: Array, labels: Array, classes: int) -> Array:
    """Return how much further each image is from its class's mean than from the next one's."""
    flat = images.reshape(len(images), -1)
    size = max(1, min(1024, 2**24 // flat.shape[1]))
    present = np.unique(labels)
    means = np.full((classes, flat.shape[1]), np.inf)
    for label in present:
        rows = np.flatnonzero(labels == label)
        parts = np.split(rows, range(size, len(rows), size))
        means[label] = sum(flat[part].sum(0, dtype=np.float64) for part in parts) / len(rows)
    found = np.empty(len(flat))
    for start in range(0, len(flat), size):
        rows = slice(start, start + size)
        chunk = flat[rows].astype(np.float64)
        far = np.full((len(chunk), classes), np.inf)
        for label in present:
            far[:, label] = ((chunk - means[label]) ** 2).sum(1)
        own = (np.arange(len(chunk)), labels[rows])
        near = far[own]
        far[own] = np.inf
        found[rows] = np.where(np.isfinite(far.min(1)), near - far.min(1), 0.0)
    return found
