"""Images made smaller, to train faster."""

import torch
import torch.nn.functional as F
from torch import Tensor

from autotrick.export.script.parts.pixels import LAYOUT
from autotrick.export.script.parts.streams import generator


def col_out(images: Tensor, update: int, share: float) -> Tensor:
    """Leave out a share of the rows and of the columns."""
    rng = generator("col_out", update)
    for axis in (2, 3):
        side = images.shape[axis]
        kept = torch.from_numpy(rng.permutation(side)[: max(1, int((1 - share) * side))])
        images = images.index_select(axis, kept.sort().values)
    return images.contiguous(memory_format=LAYOUT)


def resized(images: Tensor, scale: float, multiple: int) -> Tensor:
    """Shrink images to a share of their side, to a multiple of pixels."""
    size = [
        min(side, max(multiple, round(scale * side / multiple) * multiple))
        for side in images.shape[2:]
    ]
    if size == list(images.shape[2:]):
        return images
    small = F.interpolate(images, size, mode="bilinear", antialias=True)
    return small.contiguous(memory_format=LAYOUT)


def middle(images: Tensor, share: float) -> Tensor:
    """Return the middle of images, as large as the parts that training sees."""
    (high, wide), (height, width) = (
        images.shape[2:],
        (max(1, round(share * side)) for side in images.shape[2:]),
    )
    top, left = (high - height) // 2, (wide - width) // 2
    part = images[:, :, top : top + height, left : left + width]
    return part.contiguous(memory_format=LAYOUT)
