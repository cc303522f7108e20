"""A few images of every class, as pictures that a page holds itself."""

import io
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autotrick.data import Dataset
from autotrick.data.cache import default_folder, recall
from autotrick.data.files import escaped
from autotrick.data.samples import rows_by_class
from autotrick.records.rows import StudyRow
from autotrick.report.sections import Picture
from autotrick.trusted_locations import own_folder
from autotrick.views.text import count

_SIDE = 64
"""Longest side of a shown image; larger ones are shrunk."""
_PIXELS = 32
"""Up to this side images are shown pixel by pixel; above, as JPEG."""
_EACH = ((12, 8), (50, 4), (200, 2))
"""Up to how many classes how many images of each are shown; of more, one."""
_MOST = 1000
"""Classes that are shown."""
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")


def recorded_images(study: StudyRow) -> Dataset | None:
    """Return a study's data set if the cache on this machine has it decoded; None otherwise.

    Nothing is read but the cache: whoever recorded the study may have named any file.
    """
    data: Any = study.space.get("data")
    mark = data.get("fingerprint") if isinstance(data, Mapping) else None
    if not isinstance(mark, str) or not _FINGERPRINT.fullmatch(mark):
        return None
    folder = own_folder(study.settings.resources or {}, "cache") or default_folder()
    return recall(mark, folder)


def class_pictures(data: Dataset) -> list[Picture]:
    """Return a picture of every class: some of its training images side by side.

    Empty where targets are not classes. Of more than a thousand classes the first are shown.
    """
    if not data.classes or data.train.labels.ndim > 1:
        return []
    each = next((shown for most, shown in _EACH if len(data.classes) <= most), 1)
    rows = rows_by_class(data.train.labels, len(data.classes), each)
    sizes = np.bincount(data.train.labels, minlength=len(data.classes))
    return [
        Picture(escaped(name), count(int(size), "image"), _strip(data.train.images, picked))
        for name, size, picked in zip(data.classes, sizes, rows, strict=True)
    ][:_MOST]


def _strip(images: NDArray[np.uint8], rows: NDArray[np.int64]) -> str:
    """Return images side by side as a data URL; empty without any."""
    if not len(rows):
        return ""
    cells = [_small(np.asarray(images[row])) for row in rows.tolist()]
    wide = sum(cell.width for cell in cells) + 2 * (len(cells) - 1)
    sheet = Image.new("RGB", (wide, cells[0].height), "white")
    left = 0
    for cell in cells:
        sheet.paste(cell, (left, 0))
        left += cell.width + 2
    kind = "PNG" if cells[0].height <= _PIXELS else "JPEG"
    buffer = io.BytesIO()
    sheet.save(buffer, kind, **({"optimize": True} if kind == "PNG" else {"quality": 85}))
    return f"data:image/{kind.lower()};base64,{b64encode(buffer.getvalue()).decode()}"


def _small(image: NDArray[np.uint8]) -> Image.Image:
    made = Image.fromarray(np.broadcast_to(image, (*image.shape[:2], 3)))
    made.thumbnail((_SIDE, _SIDE))
    return made
