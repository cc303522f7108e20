"""Names of a data set's images in its source."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autotrick.data.carve import carve
from autotrick.data.dataset import Dataset, Part, Split
from autotrick.data.loading import locate
from autotrick.errors import DataError
from autotrick.recipe import DataRef


def source_names(
    ref: DataRef, data: Dataset, *, data_dir: Path | str | None = None
) -> dict[str, list[str]]:
    """Return the names of the images of each split, in its order.

    A split is absent if its images have only numbers, or if the source is gone or has changed since it
    was decoded.

    Args:
        data: The data set that `ref` was loaded as.
    """
    try:
        found = locate(ref, Path(data_dir) if data_dir else None).read()
    except DataError:
        return {}
    rows = {"train": np.arange(len(found.train.labels))}
    parts = {"train": found.train, "validation": found.validation, "test": found.test}
    if data.carved:
        share = ref.validation or 0.0
        taken = carve(found.train.labels, share, seed=ref.split_seed, classes=found.classes)
        rows = {"train": np.flatnonzero(~taken), "validation": np.flatnonzero(taken)}
        parts["validation"] = found.train
    splits = {"train": data.train, "validation": data.validation, "test": data.test}
    named = {
        split: _named(parts[split], rows.get(split), known)
        for split, known in splits.items()
        if known is not None
    }
    return {split: names for split, names in named.items() if names}


def _named(part: Part | None, rows: NDArray[np.int64] | None, split: Split) -> list[str]:
    """Return the names of these rows, or of all if None; None if the source has changed."""
    naming = (part.name or part.origin) if part is not None else None
    if part is None or naming is None:
        return []
    rows = np.arange(len(part.labels)) if rows is None else rows
    if not np.array_equal(part.labels[rows], split.labels):
        return []
    return [naming(int(row)) for row in rows]
