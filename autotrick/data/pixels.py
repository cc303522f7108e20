"""From encoded or foreign-sized images to uint8 arrays of one shape."""

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import numpy as np

from autotrick.data.dataset import Images, Labels, Part, Resize, Size
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


def decode(
    source: IO[bytes], where: str, shape: tuple[int, int, int], resize: Resize = "squash"
) -> Images:
    """Return one encoded image as (H, W, C) uint8, resized to `shape` if it has another.

    Raises:
        DataError: It is damaged; the message starts with `where`.
    """
    from PIL import Image

    try:
        with Image.open(source) as image:
            return fit(image, shape, resize)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(_unreadable(where, error)) from None


def fit(image: "Image", shape: tuple[int, int, int], resize: Resize = "squash") -> Images:
    """Return a Pillow image as (H, W, C) uint8 of another size (bilinear with antialiasing).

    Squashed, nothing is lost but the aspect ratio; cropped, what is outside the middle of the longer
    side; padded, nothing, and black is beside the image.
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


def common_shape(shapes: set[tuple[int, int, int]], size: Size, where: str) -> tuple[int, int, int]:
    """Return the one (H, W, C) that images of these shapes get.

    Colour wins: grey images among coloured ones get three channels.

    Raises:
        DataError: Sizes differ, and no `image_size` says what to make of them.
    """
    channels = max(shape[2] for shape in shapes)
    if size.side is not None:
        return size.side, size.side, channels
    sizes = sorted({shape[:2] for shape in shapes})
    if len(sizes) > 1:
        (low_h, low_w), (high_h, high_w) = sizes[0], sizes[-1]
        raise DataError(
            f"images of {where} have {len(sizes)} different sizes, such as {low_w}x{low_h} and "
            f"{high_w}x{high_h} pixels. Set image_size to the side in pixels that all shall get."
        )
    return (*sizes[0], channels)


def part_of(images: Images, labels: Labels, size: Size) -> Part:
    """Return the split of images that are already in memory.

    Args:
        images: (N, H, W, C) uint8.
        labels: (N,) class numbers.
        size: What they shall get.
    """
    height, width, channels = images.shape[1:]
    shape = (size.side or height, size.side or width, channels)

    def chunks() -> Iterator[Images]:
        for start in range(0, len(images), CHUNK):
            chunk = images[start : start + CHUNK]
            yield (
                chunk if shape == (height, width, channels) else resized(chunk, shape, size.resize)
            )

    return Part(np.asarray(labels, np.int64), shape, chunks)


def resized(images: Images, shape: tuple[int, int, int], resize: Resize = "squash") -> Images:
    """Return (N, H, W, C) images of another size."""
    from PIL import Image

    plain = images[..., 0] if images.shape[-1] == 1 else images
    return np.stack([fit(Image.fromarray(image), shape, resize) for image in plain])


def _unreadable(where: str, error: Exception) -> str:
    from PIL import UnidentifiedImageError

    known = isinstance(error, UnidentifiedImageError)
    reason = "not a known image format" if known else str(error).rstrip(".") or type(error).__name__
    return f"{where} cannot be read as an image: {reason}. Repair or remove it."
