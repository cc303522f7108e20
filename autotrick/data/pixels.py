"""Turn images of any size into uint8 arrays of one shape."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from autotrick.data.dataset import Images, Labels, Part, Resize, Resizing
from autotrick.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image


class MixedSizesError(DataError):
    """Images have different sizes, and no common one was asked for."""


CHUNK_ROWS = 1024
"""Most images decoded at a time."""
CHUNK_BYTES = 32 * 2**20
"""Most bytes decoded at a time, unless one image has more: memory stays small whatever their size."""


def fit(image: "Image", shape: tuple[int, int, int], resize: Resize = "squash") -> Images:
    """Return a Pillow image as (H, W, C) uint8 of another size (bilinear with antialiasing).

    `squash` changes the aspect ratio; `crop` cuts off both ends of the longer side; `pad` adds black.
    """
    from PIL import ImageOps
    from PIL.Image import Resampling

    height, width, channels = shape
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        if resize == "crop":
            image = ImageOps.fit(image, (width, height), Resampling.BILINEAR)
        elif resize == "pad":
            image = ImageOps.pad(image, (width, height), Resampling.BILINEAR)
        else:
            image = image.resize((width, height), Resampling.BILINEAR)
    return np.asarray(image, np.uint8).reshape(shape)


def chunk_rows(shape: tuple[int, int, int]) -> int:
    """Return the number of images of a shape that are processed at a time."""
    height, width, channels = shape
    return max(1, min(CHUNK_ROWS, CHUNK_BYTES // (height * width * channels)))


def stacked(images: Iterable[Images], shape: tuple[int, int, int]) -> Iterator[Images]:
    """Yield images in arrays of (n, H, W, C), none of them above CHUNK_BYTES."""
    rows, filled = chunk_rows(shape), 0
    for image in images:
        if not filled:
            chunk = np.empty((rows, *shape), np.uint8)
        chunk[filled] = image
        filled += 1
        if filled == rows:
            yield chunk
            filled = 0
    if filled:
        yield chunk[:filled]


def common_shape(
    shapes: set[tuple[int, int, int]], size: Resizing, where: str
) -> tuple[int, int, int]:
    """Return the one (H, W, C) that images of these shapes get.

    Colour wins: grey images among coloured ones get three channels.

    Raises:
        DataError: There are no images, or sizes differ and `image_size` is not set.
    """
    if not shapes:
        raise DataError(f"{where} has no images.")
    channels = max(shape[2] for shape in shapes)
    if size.side is not None:
        return size.side, size.side, channels
    sizes = sorted({shape[:2] for shape in shapes})
    if len(sizes) > 1:
        (low_h, low_w), (high_h, high_w) = sizes[0], sizes[-1]
        raise MixedSizesError(
            f"images of {where} have {len(sizes)} different sizes, such as {low_w}x{low_h} and "
            f"{high_w}x{high_h} pixels. Set image_size to the side in pixels that all shall get."
        )
    return (*sizes[0], channels)


def part_of(images: Images, labels: Labels, size: Resizing) -> Part:
    """Return the split of images that are already in memory.

    Args:
        images: (N, H, W, C) uint8.
        labels: (N, ...) targets as their task stores them.
        size: How they are resized.
    """
    height, width, channels = images.shape[1:]
    shape = (size.side or height, size.side or width, channels)

    def chunks() -> Iterator[Images]:
        if shape != (height, width, channels):
            yield from stacked(_resized(images, shape, size.resize), shape)
            return
        rows = chunk_rows(shape)
        for start in range(0, len(images), rows):
            yield images[start : start + rows]

    return Part(np.asarray(labels), shape, chunks)


def _resized(images: Images, shape: tuple[int, int, int], resize: Resize) -> Iterator[Images]:
    from PIL import Image

    plain = images[..., 0] if images.shape[-1] == 1 else images
    return (fit(Image.fromarray(image), shape, resize) for image in plain)
