"""Boxes on batches of images, and other pixels to hide, for the tricks that erase."""

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
    """Return (N, H, W): whether a pixel lies in its image's box.

    Args:
        low: (N, 2) first row and column of the boxes.
        high: (N, 2) the row and column after the last; what lies outside the image is ignored.
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
    """Return the images with the hidden pixels in one colour; on a CPU they are changed in place.

    Compiled code takes a twentieth of the time of `torch.where` there.

    Args:
        images: (N, C, H, W) floats, normalised.
        hidden: (N, H, W).
        colour: (C,) as normalised images have it; the mean colour, 0, when left out.
    """
    fill = np.zeros(images.shape[1], np.float32) if colour is None else colour
    if images.device.type != "cpu":
        mask = torch.from_numpy(np.ascontiguousarray(hidden)[:, None]).to(images.device)
        return torch.where(mask, torch.from_numpy(fill).to(images)[:, None, None], images)
    CPU.fill(pixels(images), hidden, fill)
    return images


def pixels(images: Tensor) -> NDArray[np.float32]:
    """Return (N, H, W, C) of the memory of (N, C, H, W) images on a CPU."""
    view: NDArray[np.float32] = images.permute(0, 2, 3, 1).numpy()
    return view
