"""Aspect ratios of a source's images, before they were made square."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autotrick.data.carve import carve
from autotrick.data.dataset import Labels
from autotrick.data.loading import locate
from autotrick.errors import DataError
from autotrick.recipe import DataRef


def validation_aspects(
    ref: DataRef, data_dir: Path | str | None = None
) -> tuple[NDArray[np.float64], Labels]:
    """Return longer side over shorter side, and label, of every validation image.

    Args:
        ref: A folder of images; other sources do not record sizes.
        data_dir: Where files lie; relative paths in `ref.name` start there.

    Returns:
        (N,) ratios of at least 1 and (N,) class numbers, in the order of the validation split.

    Raises:
        DataError: The files are missing, or the source is not a folder of images.
    """
    found = locate(ref, Path(data_dir) if data_dir else None).read()
    part = found.validation or found.train
    if part.sizes is None:
        raise DataError(
            f"{ref.name} does not tell the sizes that its images had. Only folders do: folder:PATH."
        )
    sizes = np.array(part.sizes(), np.float64)
    ratios: NDArray[np.float64] = sizes.max(axis=1) / sizes.min(axis=1)
    if found.validation is None:
        share = ref.validation or 0.1
        taken = carve(part.labels, share, seed=ref.split_seed, classes=found.classes)
        return ratios[taken], part.labels[taken]
    return ratios, part.labels
