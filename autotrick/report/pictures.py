"""Rows of images with their labels, as one PNG or as one self-contained HTML file."""

import html
import io
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from autotrick.atomic_file import whole_file
from autotrick.errors import ResourceError

MARGIN, GAP, BETWEEN = 24, 4, 14
SIDE = 64
"""Least number of pixels of an image's shorter side."""
INK, FAINT, PAPER = "#20242b", "#6a7280", "#ffffff"


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A labelled row of images.

    Attributes:
        label: What was done to the images.
        note: Details, such as settings; may be empty.
        images: (N, H, W, C) uint8, of one shape in all rows.
    """

    label: str
    note: str
    images: NDArray[np.uint8]


def strip(images: NDArray[np.uint8], *, side: int = SIDE) -> NDArray[np.uint8]:
    """Return images side by side on white, enlarged by whole pixels, as (H', W', 3)."""
    count, high, wide = images.shape[:3]
    zoom = max(1, -(-side // min(high, wide)))
    colour = np.broadcast_to(images, (count, high, wide, 3))
    large = colour.repeat(zoom, axis=1).repeat(zoom, axis=2)
    padded = np.pad(large, ((0, 0), (0, 0), (0, GAP), (0, 0)), constant_values=255)
    joined = np.concatenate(list(padded), axis=1)[:, :-GAP]
    return np.ascontiguousarray(joined)


def draw(title: str, rows: Sequence[PictureRow]) -> Image.Image:
    """Return one picture with the title and, for each row, its label and its images."""
    strips = [strip(row.images) for row in rows]
    large, small = ImageFont.load_default(17), ImageFont.load_default(12)
    heading = ImageFont.load_default(20)
    notes = [_wrapped(row.note, small) for row in rows]
    fine_print = [line for note in notes for line in note]
    labels = max(_width([row.label for row in rows], large), _width(fine_print, small))
    left = MARGIN + labels + 20
    width = left + strips[0].shape[1] + MARGIN
    high = strips[0].shape[0]
    heights = [max(high, 24 + 16 * len(note)) for note in notes]
    lines = _wrapped(title, heading, width - 2 * MARGIN)
    top = MARGIN + 28 * len(lines) + 10
    picture = Image.new(
        "RGB", (width, top + sum(heights) + BETWEEN * (len(rows) - 1) + MARGIN), PAPER
    )
    pen = ImageDraw.Draw(picture)
    for i, line in enumerate(lines):
        pen.text((MARGIN, MARGIN + 28 * i), line, fill=INK, font=heading)
    for row, note, images, tall in zip(rows, notes, strips, heights, strict=True):
        text = top + (tall - 24 - 16 * len(note)) // 2
        pen.text((MARGIN, text), row.label, fill=INK, font=large)
        for i, line in enumerate(note):
            pen.text((MARGIN, text + 24 + 16 * i), line, fill=FAINT, font=small)
        picture.paste(Image.fromarray(images), (left, top + (tall - high) // 2))
        top += tall + BETWEEN
    return picture


Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


def _width(lines: Sequence[str], font: Font) -> int:
    return int(max((font.getlength(line) for line in lines), default=0.0))


def _wrapped(text: str, font: Font, width: int = 260) -> list[str]:
    """Return the text in lines of at most `width` pixels."""
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


STYLE = """
body { font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; margin: 2rem;
  color: #20242b; background: #fff }
h1 { font-size: 1.25rem } table { border-collapse: collapse }
td { padding: 5px 20px 5px 0; vertical-align: middle } small { color: #6a7280; display: block;
  max-width: 22rem } img { image-rendering: pixelated; display: block }
@media (prefers-color-scheme: dark) { body { color: #e6e8ec; background: #16181d }
  small { color: #9aa1ad } }
"""


def page(title: str, rows: Sequence[PictureRow]) -> str:
    """Return an HTML page with the label and the images of each row."""
    body = "".join(
        f"<tr><td>{html.escape(row.label)}<small>{html.escape(row.note)}</small></td>"
        f'<td><img alt="{html.escape(row.label)}" src="{_encoded(strip(row.images))}"></td></tr>\n'
        for row in rows
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>{html.escape(title)}</h1>\n<table>\n{body}</table></body></html>\n"
    )


def _encoded(picture: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"


def write_picture(path: Path | str, title: str, rows: Sequence[PictureRow]) -> None:
    """Write rows of images as HTML (.html, .htm) or otherwise as PNG.

    Raises:
        ResourceError: The file cannot be written.
    """
    path = Path(path)
    try:
        with whole_file(path) as partial:
            if path.suffix.lower() in (".html", ".htm"):
                partial.write_text(page(title, rows), encoding="utf-8")
            else:
                draw(title, rows).save(partial, "PNG", optimize=True)
    except OSError as error:
        raise ResourceError(f"{path} cannot be written: {error.strerror or error}.") from None
