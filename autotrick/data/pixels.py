"""From encoded or foreign-sized images to uint8 arrays of one shape."""

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import numpy as np

from autotrick.data.dataset import Images, Labels, Part
from autotrick.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

CHUNK = 1024
"""Images decoded at a time: what is held in memory stays small whatever the data set's size."""

_GREY = {"1", "L", "LA"}
_COLOUR = {"RGB", "RGBA", "RGBX", "P", "PA", "CMYK", "YCbCr"}


def look(source: IO[bytes], where: str) -> tuple[int, int, int]:
    """Return (H, W, C) of an encoded image from its header: C is 1 if it is grey, else 3.

    Raises:
        DataError: It is not an image, or has more than 8 bits a channel.
    """
    from PIL import Image

    try:
        with Image.open(source) as image:
            width, height = image.size
            mode = image.mode
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(_unreadable(where, error)) from None
    if mode not in _GREY | _COLOUR:
        raise DataError(f"{where} has pixels of kind {mode!r}. Convert it to 8 bits a channel.")
    return height, width, 1 if mode in _GREY else 3


def decode(source: IO[bytes], where: str, shape: tuple[int, int, int]) -> Images:
    """Return one encoded image as (H, W, C) uint8, resized to `shape` if it has another.

    Raises:
        DataError: It is damaged; the message starts with `where`.
    """
    from PIL import Image

    try:
        with Image.open(source) as image:
            return fit(image, shape)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(_unreadable(where, error)) from None


def fit(image: "Image", shape: tuple[int, int, int]) -> Images:
    """Return a Pillow image as (H, W, C) uint8, stretched to H x W (bilinear with antialiasing).

    The aspect ratio is not kept, so that nothing of the image is lost.
    """
    from PIL.Image import Resampling

    height, width, channels = shape
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        image = image.resize((width, height), Resampling.BILINEAR)
    return np.asarray(image, np.uint8).reshape(shape)


def common_shape(
    shapes: set[tuple[int, int, int]], image_size: int | None, where: str
) -> tuple[int, int, int]:
    """Return the one (H, W, C) that images of these shapes get.

    Colour wins: grey images among coloured ones get three channels.

    Raises:
        DataError: Sizes differ, and no `image_size` says what to make of them.
    """
    channels = max(shape[2] for shape in shapes)
    if image_size is not None:
        return image_size, image_size, channels
    sizes = sorted({shape[:2] for shape in shapes})
    if len(sizes) > 1:
        (low_h, low_w), (high_h, high_w) = sizes[0], sizes[-1]
        raise DataError(
            f"images of {where} have {len(sizes)} different sizes, such as {low_w}x{low_h} and "
            f"{high_w}x{high_h} pixels. Set image_size to the side in pixels that all shall get."
        )
    return (*sizes[0], channels)


def part_of(images: Images, labels: Labels, image_size: int | None) -> Part:
    """Return the split of images that are already in memory.

    Args:
        images: (N, H, W, C) uint8.
        labels: (N,) class numbers.
        image_size: Side to resize to; None keeps the size.
    """
    height, width, channels = images.shape[1:]
    shape = (image_size or height, image_size or width, channels)

    def chunks() -> Iterator[Images]:
        for start in range(0, len(images), CHUNK):
            chunk = images[start : start + CHUNK]
            yield chunk if shape == (height, width, channels) else resize(chunk, shape)

    return Part(np.asarray(labels, np.int64), shape, chunks)


def resize(images: Images, shape: tuple[int, int, int]) -> Images:
    """Return (N, H, W, C) images stretched to `shape`."""
    from PIL import Image

    plain = images[..., 0] if images.shape[-1] == 1 else images
    return np.stack([fit(Image.fromarray(image), shape) for image in plain])


def _unreadable(where: str, error: Exception) -> str:
    from PIL import UnidentifiedImageError

    known = isinstance(error, UnidentifiedImageError)
    reason = "not a known image format" if known else str(error).rstrip(".") or type(error).__name__
    return f"{where} cannot be read as an image: {reason}. Repair or remove it."
