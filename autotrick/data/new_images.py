"""Read images that belong to no data set, as the data set's own images were read.

The same decoding and resizing as `decode_to_cache`, so that a file gives a network exactly the pixels
that it gave in training.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias, Union, cast

import numpy as np

from autotrick.bounded_file import is_regular
from autotrick.data.dataset import Images, Note, Resize, Resizing
from autotrick.data.decoding import Decoder
from autotrick.data.files import escaped
from autotrick.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

AnyImage: TypeAlias = Union[Path, str, bytes, "Image", Images]
"""A file, the content of one, a Pillow image, or an (H, W) or (H, W, C) array of uint8."""
ManyImages: TypeAlias = AnyImage | Sequence[AnyImage]
"""One image, several of any kind, or an (N, H, W, C) array of uint8."""

_CHANNELS = (1, 3, 4)
_ARRAYS = "uint8 of the shape (H, W) or (H, W, C) with C = 1, 3 or 4"


class ImageReader:
    """Reads images as (H, W, C) uint8 of one shape, and counts those that are unusual.

    Args:
        shape: (H, W, C) that every image gets.
        resize: How images of other sizes are resized.
    """

    def __init__(self, shape: tuple[int, int, int], resize: Resize = "squash") -> None:
        self.shape = shape
        self._decoder = Decoder(Resizing(None, resize))

    def read(self, image: AnyImage, where: str = "the image") -> Images:
        """Return an image.

        Args:
            where: Its name in messages; a file has its own.

        Raises:
            DataError: It is missing, damaged, or of another kind; the message names it.
        """
        if isinstance(image, str | Path):
            return self._file(Path(image))
        if isinstance(image, bytes):
            return self._encoded(BytesIO(image), where)
        if not isinstance(image, np.ndarray):
            if not hasattr(image, "getexif"):
                raise DataError(
                    f"{where} is a {type(image).__name__}. Give a path, the bytes of a file, a Pillow "
                    f"image, or an array of {_ARRAYS}."
                )
            return self._decoder.decode_opened(image, where, self.shape)
        return self._array(image, where)

    def read_all(self, images: ManyImages) -> Images:
        """Return images as (N, H, W, C) uint8.

        Raises:
            DataError: One is missing, damaged, or of another kind; the message names it.
        """
        found = listed(images)
        if isinstance(found, np.ndarray) and found.shape[1:] == self.shape:
            return found
        pixels = np.empty((len(found), *self.shape), np.uint8)
        for i, image in enumerate(found):
            pixels[i] = self.read(image, f"image {i}" if len(found) > 1 else "the image")
        return pixels

    def notes(self) -> tuple[Note, ...]:
        """Return what was unusual about the images so far."""
        return self._decoder.notes()

    def _file(self, file: Path) -> Images:
        if not is_regular(file):  # a pipe would wait for somebody who writes to it
            raise DataError(f"there is no file {escaped(file)}.")
        try:
            with file.open("rb") as opened:
                return self._encoded(opened, escaped(file))
        except OSError as error:
            raise DataError(f"{escaped(file)} cannot be read: {error.strerror}.") from None

    def _encoded(self, content: IO[bytes], where: str) -> Images:
        self._decoder.look(content, where)
        return self._decoder.decode(content, where, self.shape)

    def _array(self, image: Images, where: str) -> Images:
        from PIL import Image

        _expect_array(image, where)
        if image.shape == self.shape:
            return image
        plain = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
        return self._decoder.decode_opened(Image.fromarray(plain), where, self.shape)


def listed(images: ManyImages) -> Sequence[AnyImage]:
    """Return images one by one; a single one as a list of it.

    Raises:
        DataError: They are neither one image nor several.
    """
    if isinstance(images, np.ndarray):
        if images.ndim != 4:
            return [images]
        _expect_array(images, "the array", 4)
        return cast("Sequence[AnyImage]", images)
    if isinstance(images, str | Path | bytes) or hasattr(images, "getexif"):
        return [cast("AnyImage", images)]
    if isinstance(images, Iterable):
        return list(cast("Iterable[AnyImage]", images))
    raise DataError(f"images are a {type(images).__name__}. Give one image, or a list of them.")


def _expect_array(image: Any, where: str, axes: int = 3) -> None:
    fits = image.ndim == 2 or (image.ndim == axes and image.shape[-1] in _CHANNELS)
    if image.dtype != np.uint8 or not fits or 0 in image.shape[-3:]:
        raise DataError(
            f"{where} is an array of {image.dtype} with the shape {image.shape}. Give {_ARRAYS}, or "
            "several as (N, H, W, C)."
        )
