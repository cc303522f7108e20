"""The images: read, split and checked as they were for the recorded trial."""

import hashlib
import json
import math
from types import SimpleNamespace

import numpy as np

from autotrick.export.script.parts.streams import Array, bits

FINGERPRINT = ""
VALIDATION = 0.1
SPLIT_SEED = 0


class Data(SimpleNamespace):
    """Images (N, H, W, C) uint8 and labels (N,) to train on, their mean and std (C,), and so on."""


def carve(labels: Array, share: float, seed: int, name: str) -> Array:
    """Return an (N,) mask of the images to carve off: the share of every class, at least one."""
    order = bits(f"split.{name}", 0, np.arange(len(labels)), 1, seed)[:, 0]
    taken = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        count = min(max(int(len(rows) * share + 0.5), 1), len(rows) - 1)
        taken[rows[np.argsort(order[rows], kind="stable")[:count]]] = True
    return taken


def fingerprint(names: list[str], splits: dict, taken: Array) -> str:
    """Return 16 hex digits over pixels, labels, class names and the rows of the split."""
    facts = {"classes": list(names), "shape": list(splits["train"][0].shape[1:])}
    facts["rows"] = hashlib.sha256(np.flatnonzero(taken).astype("<i8").tobytes()).hexdigest()
    facts["splits"] = {
        name: [hashlib.sha256(np.ascontiguousarray(part).data).hexdigest() for part in split]
        for name, split in splits.items()
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def statistics(images: Array) -> tuple[Array, Array]:
    """Return mean and standard deviation of each channel, of pixels in [0, 1]."""
    mean, std = [], []
    for channel in range(images.shape[3]):
        counts = np.bincount(images[..., channel].ravel(), minlength=256)
        powers = (int((counts * np.arange(256) ** power).sum()) for power in range(3))
        pixels, total, squares = powers
        mean.append(total / pixels / 255)
        std.append(max(1.0, math.sqrt(pixels * squares - total**2) / pixels) / 255)
    return np.array(mean, np.float32), np.array(std, np.float32)


def carved(names: list[str], splits: dict) -> Data:
    """Carve the validation images off; stop if these are not the recorded data."""
    images, labels = splits["train"]
    taken = carve(labels, VALIDATION, SPLIT_SEED, "validation")
    splits["train"] = images[~taken], labels[~taken]
    splits["validation"] = images[taken], labels[taken]
    return checked(names, splits, taken)


def uncarved(names: list[str], splits: dict) -> Data:
    """Take the splits of the source; stop if these are not the recorded data."""
    return checked(names, splits, np.zeros(0))


def checked(names: list[str], splits: dict, taken: Array) -> Data:
    """Return the data; stop if they are not the recorded ones."""
    if (found := fingerprint(names, splits, taken)) != FINGERPRINT:
        raise SystemExit(f"These are other data: their fingerprint is {found}, not {FINGERPRINT}.")
    data = Data(classes=len(names))
    data.images, data.labels = splits["train"]
    data.validation_images, data.validation_labels = splits["validation"]
    data.mean, data.std = statistics(data.images)
    return data
