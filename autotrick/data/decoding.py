"""Decode images as people see them."""

import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from autotrick.data.dataset import Images, Note, Resizing
from autotrick.data.files import escaped
from autotrick.data.pixels import fit
from autotrick.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

BACKGROUND = "white"
"""What transparent pixels are put on."""
ODDITIES = {
    "turned": ("turned upright", "with EXIF orientation"),
    "transparent": (f"put on {BACKGROUND}", "with transparent pixels"),
    "animated": ("read as the first frame only", "with several frames"),
    "pages": ("read as the first page only", "with several pages"),
    "sixteen_bits": ("read with the upper 8 of their 16 bits a channel", "in colour of 16 bits"),
}
"""What becomes of unusual images, and which images these are, by kind of note."""

_GREY = {"1", "L", "LA"}
_COLOUR = {"RGB", "RGBA", "RGBX", "P", "PA", "CMYK", "YCbCr"}
_ORIENTATION = 0x0112
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_ON_THEIR_SIDE = range(5, 9)
_EXAMPLES = 3
# What Pillow raises over bytes that are not what they seem: its readers trust sizes and offsets.
_DAMAGED = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, ArithmeticError, struct.error),
    *(TypeError, AttributeError, AssertionError, RuntimeError, MemoryError),
)


class Decoder:
    """Decodes the images of one source, and counts those that are unusual.

    Images are read as people see them: turned by their EXIF orientation, transparent pixels on
    white, the first frame of several.

    Args:
        size: Target size, and whether to decode as earlier versions did.
        root: Folder to strip from file names in notes.
    """

    def __init__(self, size: Resizing, root: Path | None = None) -> None:
        self.size = size
        self._root = f"{escaped(root)}/" if root else ""
        self._counts = dict.fromkeys(ODDITIES, 0)
        self._examples: dict[str, list[str]] = {kind: [] for kind in ODDITIES}

    def look(self, source: IO[bytes], where: str) -> tuple[int, int, int]:
        """Return (H, W, C) of an encoded image from its header: C is 1 if it is grey, else 3.

        Raises:
            DataError: It is not an image, or has more than 8 bits a channel.
        """
        with _opened(source, where) as image:
            width, height = image.size
            mode = image.mode
            if not self.size.legacy and _orientation(image, source) in _ON_THEIR_SIDE:
                width, height = height, width
        _expect_mode(mode, where)
        return height, width, 1 if mode in _GREY else 3

    def decode(self, source: IO[bytes], where: str, shape: tuple[int, int, int]) -> Images:
        """Return one encoded image as (H, W, C) uint8, resized to `shape` if it has another.

        Raises:
            DataError: It is damaged; the message starts with `where`.
        """
        with _opened(source, where) as image:
            if self.size.legacy:
                return fit(image, shape, self.size.resize)
            return fit(self._as_seen(image, where), shape, self.size.resize)

    def decode_opened(self, image: "Image", where: str, shape: tuple[int, int, int]) -> Images:
        """Return an image that Pillow has opened or made as `decode` returns an encoded one.

        Raises:
            DataError: It is damaged, or has more than 8 bits a channel; the message starts with `where`.
        """
        with _named(where):
            _expect_picture(image)
            _expect_mode(image.mode, where)
            return fit(self._as_seen(image, where), shape, self.size.resize)

    def _as_seen(self, image: "Image", where: str) -> "Image":
        from PIL.Image import Transpose

        seen = {"sixteen_bits": _has_sixteen_bits(image)}
        image.load()
        upright = image
        if turn := _TURNS.get(_orientation(image)):
            # Not ImageOps.exif_transpose, which also writes EXIF data and fails on damaged ones.
            upright = image.transpose(Transpose[turn])
            seen["turned"] = True
        opaque = _opaque(upright)
        seen["transparent"] = opaque is not upright
        if _has_several(image):
            seen["pages" if image.format == "TIFF" else "animated"] = True
        for kind in [kind for kind, so in seen.items() if so]:
            self._counts[kind] += 1
            if len(self._examples[kind]) < _EXAMPLES:
                self._examples[kind].append(escaped(where).replace(self._root, "", 1))
        return opaque

    def notes(self) -> tuple[Note, ...]:
        """Return what was unusual about the images that were decoded."""
        return tuple(
            Note(kind, count, _sentence(kind, count), tuple(self._examples[kind]))
            for kind, count in self._counts.items()
            if count
        )


def _sentence(kind: str, count: int) -> str:
    what, which = ODDITIES[kind]
    images, are = ("image", "is") if count == 1 else ("images", "are")
    return f"{count:,} {images} {which} {are} {what}"


def _expect_mode(mode: str, where: str) -> None:
    """Raise DataError unless an image of this mode can be read without loss of depth."""
    if mode not in _GREY | _COLOUR:
        raise DataError(
            f"{where} has pixels of kind {mode!r}. Convert it to grey or RGB of 8 bits a channel."
        )


def _expect_picture(image: "Image") -> None:
    """Raise OSError if it is a program instead of a picture, or empty."""
    if image.format == "EPS":
        raise OSError("it is PostScript, which is a program")
    if 0 in image.size:
        raise OSError("it has no pixels")


@contextmanager
def _opened(source: IO[bytes], where: str) -> Iterator["Image"]:
    """Open an image, and name it in the error if it is damaged."""
    from PIL import Image

    with _named(where), Image.open(source) as image:
        _expect_picture(image)
        yield image


@contextmanager
def _named(where: str) -> Iterator[None]:
    """Turn what Pillow raises over a damaged image into a DataError that names it."""
    from PIL import Image

    try:
        # Pillow warns of oddities that are not the user's fault, such as many EXIF entries.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (*_DAMAGED, Image.DecompressionBombError) as error:
        raise DataError(_unreadable(where, error)) from None


def _orientation(image: "Image", source: IO[bytes] | None = None) -> int:
    """Return the EXIF orientation, from 1 to 8; 1 too where EXIF data are damaged.

    Args:
        source: Given before the image is loaded: then its pixels are decoded only if they have to be.
    """
    from PIL import Image

    if image.format == "TIFF":
        return 1  # Pillow turns these itself.
    late = source is None or image.format != "PNG" or _has_late_text(source)
    try:
        exif = image.getexif() if late else Image.Image.getexif(image)
        found = exif.get(_ORIENTATION, 1)
    except _DAMAGED:
        return 1
    return int(found) if found in _TURNS else 1


def _has_late_text(source: IO[bytes]) -> bool:
    """Return whether a PNG has metadata after its pixels; Pillow reads it only together with them."""
    place = source.tell()
    source.seek(8)
    pixels = False
    while len(head := source.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if pixels and kind in (b"eXIf", b"tEXt", b"zTXt", b"iTXt"):
            break
        pixels = pixels or kind == b"IDAT"
        source.seek(length + 4, 1)
    source.seek(place)
    return len(head) == 8


def _opaque(image: "Image") -> "Image":
    """Return the image with transparent pixels composited on white, or itself if it has none."""
    from PIL import Image

    if not image.has_transparency_data:
        return image
    colours = image.convert("RGBA")
    if colours.getchannel("A").getextrema()[0] == 255:
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, BACKGROUND), colours).convert("RGB")


def _has_sixteen_bits(image: "Image") -> bool:
    """Return whether Pillow would drop the lower 8 bits of the colours. Call it before loading."""
    for codec, _, _, given in getattr(image, "tile", ()):
        words: Sequence[Any] = given if isinstance(given, tuple) else (given,)
        if any(isinstance(word, str) and ";16" in word for word in words):
            return True
        if codec.startswith("ppm") and any(isinstance(n, int) and n > 255 for n in words):
            return True
    return False


def _has_several(image: "Image") -> bool:
    """Return whether there are more frames or pages; a camera's MPO counts as one image."""
    try:
        return image.format != "MPO" and bool(getattr(image, "is_animated", False))
    except _DAMAGED:
        return False


def _unreadable(where: str, error: BaseException) -> str:
    from PIL import UnidentifiedImageError

    known = isinstance(error, UnidentifiedImageError)
    text = escaped(str(error)).rstrip(".") or type(error).__name__
    reason = "not a known image format" if known else text
    return f"{where} cannot be read as an image: {reason}. Repair or remove it."
