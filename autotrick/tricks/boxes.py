"""Draw boxes on batches of images and hide pixels, for tricks that erase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.backend import CPU
from autotrick.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def covered(
    low: NDArray[np.int64], high: NDArray[np.int64], size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return an (N, H, W) mask of the pixels inside each image's box.

    Args:
        low: (N, 2) first row and column of each box.
        high: (N, 2) row and column after the last; parts outside the image are ignored.
        size: (H, W) of the images.
    """
    rows, columns = (
        (low[:, axis, None] <= np.arange(size[axis]))
        & (np.arange(size[axis]) < high[:, axis, None])
        for axis in (0, 1)
    )
    return rows[:, :, None] & columns[:, None, :]


def hide(
    images: Tensor, hidden: NDArray[np.bool_], colour: NDArray[np.float32] | None = None
) -> Tensor:
    """Return the images with hidden pixels set to one colour; on a CPU, change them in place.

    On a CPU, compiled code takes a twentieth of the time of `torch.where`.

    Args:
        images: (N, C, H, W) floats, normalised.
        hidden: (N, H, W) mask.
        colour: (C,) in normalised units; defaults to the mean colour, 0.
    """
    fill = np.zeros(images.shape[1], np.float32) if colour is None else colour
    if images.device.type != "cpu":
        mask = torch.from_numpy(np.ascontiguousarray(hidden)[:, None]).to(images.device)
        return torch.where(mask, torch.from_numpy(fill).to(images)[:, None, None], images)
    CPU.fill(pixels(images), hidden, fill)
    return images


def pixels(images: Tensor) -> NDArray[np.float32]:
    """Return an (N, H, W, C) view of (N, C, H, W) images on a CPU."""
    view: NDArray[np.float32] = images.permute(0, 2, 3, 1).numpy()
    return view
