"""What a network expects of images, and what its outputs mean: all of the data that prediction needs.

A checkpoint holds it beside the weights, so that a network predicts where its training images are
gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autotrick.data import Dataset
from autotrick.data.files import escaped


@dataclass(frozen=True, slots=True)
class ModelInputs:
    """The classes, and shape and normalisation of the images, that a network was trained with.

    Attributes:
        classes: Their K names, printable; empty where targets are not classes.
        shape: (H, W, C) of every image before tricks cut parts out.
        mean: (C,) what normalisation subtracts, for pixels in [0, 1].
        std: (C,) what it divides by, above 0.
    """

    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    mean: NDArray[np.float32]
    std: NDArray[np.float32]

    @classmethod
    def of(cls, data: Dataset, mean: NDArray[np.float32], std: NDArray[np.float32]) -> ModelInputs:
        """Return those of a run on a data set.

        Args:
            mean: Of the run, which need not be that of the data set.
            std: Likewise.
        """
        return cls(tuple(map(escaped, data.classes)), data.shape, mean, std)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values; float32 survives exactly."""
        return {
            "classes": list(self.classes),
            "shape": list(self.shape),
            "mean": [float(value) for value in self.mean],
            "std": [float(value) for value in self.std],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ModelInputs:
        """Return what `to_json` wrote, its texts safe to show.

        Raises:
            KeyError: A field is missing.
            ValueError: A field has a value that no data set has.
        """
        height, width, channels = (int(side) for side in value["shape"])
        mean, std = (_floats(value[name], channels) for name in ("mean", "std"))
        if channels not in (1, 3) or min(height, width) < 1 or not (std > 0).all():
            raise ValueError(f"shape {(height, width, channels)}, deviation {std.tolist()}")
        classes = tuple(escaped(str(name)) for name in value["classes"])
        return cls(classes, (height, width, channels), mean, std)


def _floats(values: Sequence[float], channels: int) -> NDArray[np.float32]:
    found = np.array(values, np.float32)
    if found.shape != (channels,) or not np.isfinite(found).all():
        raise ValueError(f"{channels} channels, but {list(values)}")
    return found
