"""Data sets of damaged images, tables and arrays."""

import gzip
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from PIL import Image

from autotrick.data import Dataset, load
from autotrick.recipe import DataRef
from tests.fuzz.harness import Outcome, called
from tests.fuzz.mutations import TEXTS, junk, scrambled

EACH = 3
"""Images of each of two classes."""


@dataclass(frozen=True)
class Given:
    """Files of a data set, and what a space calls it."""

    ref: DataRef
    files: dict[str, bytes] = field(repr=False)
    what: str = ""


def inputs(rng: Random) -> Iterator[Given]:
    """Return data sets, one in four of them whole."""
    kinds: tuple[Callable[[Random], Given], ...] = (_folder, _folder, _table, _table, _bytes, _idx)
    while True:
        yield rng.choice(kinds)(rng)


def tried(given: Given, folder: Path) -> Outcome:
    """Load it, and look whether what was accepted can be trained on."""
    root = folder / "given"
    for name, content in given.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return called(
        lambda: _check(load(given.ref, data_dir=root, cache_dir=folder / "cache" / "autotrick"))
    )


def prepare(folder: Path) -> None:
    """Make the cache, which stays when a data set is refused."""
    (folder / "cache" / "autotrick").mkdir()


def _check(data: Dataset) -> None:
    splits = [split for split in (data.train, data.validation, data.test) if split is not None]
    for split in splits:
        assert split.images.shape == (len(split), *data.shape) and len(split)
        assert split.labels.min() >= 0 and split.labels.max() < len(data.classes)
    assert np.isfinite(data.mean).all() and (data.std > 0).all()
    assert all(str(note).isprintable() for note in data.notes), data.notes


@cache
def _images() -> dict[str, bytes]:
    """Return encoded images of all the kinds that people have."""
    rng = np.random.default_rng(0)
    plain = Image.fromarray(rng.integers(0, 256, (24, 16, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = {"save_all": True}
    clear = plain.convert("RGBA")
    clear.putalpha(Image.fromarray(rng.integers(0, 256, (24, 16), np.uint8)))
    few = plain.quantize(16)
    made: list[tuple[str, Image.Image, str, dict[str, Any]]] = [
        ("png", plain, "PNG", {}),
        ("png with EXIF", plain, "PNG", {"exif": exif}),
        ("png with alpha", clear, "PNG", {}),
        ("png of grey with alpha", clear.convert("LA"), "PNG", {}),
        ("png with palette", few, "PNG", {"transparency": bytes([0, 99] * 8)}),
        ("png with one clear colour", few, "PNG", {"transparency": 3}),
        ("png of 16 bits", Image.fromarray(rng.integers(0, 9999, (24, 16)).astype(np.uint16)), "PNG", {}),
        ("png of 1 bit", plain.convert("1"), "PNG", {}),
        ("png with frames", plain, "PNG", frames),
        ("jpeg", plain, "JPEG", {}),
        ("jpeg with EXIF", plain, "JPEG", {"exif": exif}),
        ("progressive jpeg", plain, "JPEG", {"progressive": True}),
        ("jpeg of CMYK", plain.convert("CMYK"), "JPEG", {}),
        ("grey jpeg", plain.convert("L"), "JPEG", {}),
        ("mpo", plain, "MPO", frames),
        ("gif", plain, "GIF", {}),
        ("gif with frames", plain, "GIF", frames),
        ("webp", plain, "WEBP", {"exif": exif}),
        ("webp with alpha", clear, "WEBP", {"lossless": True}),
        ("webp with frames", plain, "WEBP", frames),
        ("tiff", plain, "TIFF", {"exif": exif}),
        ("tiff with pages", plain, "TIFF", frames),
        ("tiff with LZW", plain, "TIFF", {"compression": "tiff_lzw"}),
        ("tiff with JPEG", plain, "TIFF", {"compression": "jpeg"}),
        ("tiff with fax", plain.convert("1"), "TIFF", {"compression": "group4"}),
        ("tiff of floats", plain.convert("F"), "TIFF", {}),
        ("tiff of LAB", plain.convert("LAB"), "TIFF", {}),
        ("bmp", plain, "BMP", {}),
        ("ppm", plain, "PPM", {}),
        ("avif", plain, "AVIF", {"exif": exif}),
        ("ico", plain, "ICO", {"sizes": [(16, 16)]}),
        ("tga", plain, "TGA", {}),
        ("jpeg2000", plain, "JPEG2000", {}),
        ("eps", plain, "EPS", {}),
        ("pcx", plain, "PCX", {}),
        ("dds", plain, "DDS", {}),
    ]  # fmt: skip
    found = {"nothing": b"", "text": b"hello", "bomb": b"P6 60000 60000 255\n"}
    for name, image, kind, options in made:
        buffer = io.BytesIO()
        # Copies: Pillow leaves settings of one format on an image, and they confuse the next.
        others = {"append_images": [plain.rotate(90), plain.copy()]} if options is frames else {}
        image.copy().save(buffer, kind, **options, **others)
        found[name] = buffer.getvalue()
    return found


def _image(rng: Random) -> tuple[str, bytes]:
    """Return an image that may be damaged, and its name."""
    name, content = rng.choice(list(_images().items()))
    roll = rng.random()
    if roll < 0.3:
        return name, content
    if roll < 0.4:
        return f"{name}, cut", content[: rng.randrange(len(content) + 1)]
    if roll < 0.5:
        # Sizes and offsets are in the head.
        head = rng.choice((16, 32, 64, 200))
        return f"{name}, head scrambled", scrambled(rng, content[:head]) + content[head:]
    if roll < 0.6:
        other = rng.choice(list(_images().values()))
        half = rng.randrange(min(len(content), len(other)) + 1)
        return f"{name}, other end", content[:half] + other[half:]
    return f"{name}, scrambled", scrambled(rng, content)


def _ref(rng: Random, name: str) -> DataRef:
    size = rng.choice((None, 8, 8, 12, 40))
    resize = rng.choice(("squash", "crop", "pad")) if size else "squash"
    return DataRef(name=name, image_size=size, validation=0.34, resize=resize)


def _folder(rng: Random) -> Given:
    good = rng.choice(list(_images().values()))
    files = {
        f"images/{label}/{i}{rng.choice(('.png', '.jpg', '.gif', '.webp', '.tif'))}": good
        for label in ("a", "b")
        for i in range(EACH)
    }
    what = []
    for path in rng.sample(list(files), rng.choice((1, 1, 1, 2, 6))):
        name, files[path] = _image(rng)
        what.append(f"{path}: {name}")
    return Given(_ref(rng, "folder:images"), files, "; ".join(what))


def _value(rng: Random) -> Any:
    """Return something that a column of images may hold by mistake."""
    name, content = _image(rng)
    path = rng.choice((None, f"{name}.png", "beside.png", "../x.png", "/etc/passwd", "a\0b"))
    return {"bytes": rng.choice((content, content, content, None, b"")), "path": path}


def _labels(rng: Random, count: int) -> Any:
    roll = rng.random()
    if roll < 0.4:
        return [i % 2 for i in range(count)]
    pools: tuple[tuple[Any, ...], ...] = (
        (0, 1),
        (1, 2),
        (-1,),
        (0, 1, -1),
        (0, 1, None),
        (3, 900),
        (2**63 - 1, -(2**63)),
        (0.0, 1.0),
        (0.0, 0.5, float("nan")),
        ("cat", "dog"),
        ("cat", "", None),
        TEXTS[:3],
        (True, False),
        ([0], [1, 2]),
        (b"cat", b"\xff"),
        (None,),
    )
    pool = rng.choice(pools)
    return [rng.choice(pool) for _ in range(count)]


def _metadata(rng: Random) -> bytes | None:
    names = rng.choice(
        (["cat", "dog"], ["dog", "cat"], ["a"], [], [str(junk(rng))[:9999]], junk(rng))
    )
    described = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
    text = json.dumps(described, default=str).encode("utf-8", "backslashreplace")
    return rng.choice((None, text, text, scrambled(rng, text), b"["))


def _parquet(rng: Random, columns: dict[str, Any]) -> bytes | None:
    """Return a file of these columns; None where Arrow does not make one of them."""
    buffer = io.BytesIO()
    try:
        content = pa.table(columns)
        metadata = _metadata(rng)
        if metadata is not None:
            content = content.replace_schema_metadata({"huggingface": metadata})
        parquet.write_table(content, buffer, row_group_size=rng.choice((1, 3, 1000)))
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        return None
    return buffer.getvalue()


def _columns(rng: Random) -> dict[str, Any]:
    count = rng.choice((0, 1, 6, 6, 6, 8))
    good = {"bytes": _images()["png"], "path": "x.png"}
    images: list[Any] = [_value(rng) if rng.random() < 0.15 else good for _ in range(count)]
    columns: dict[str, Any] = {"image": images, "label": _labels(rng, count)}
    roll = rng.random()
    if roll < 0.1:
        columns["image"] = [rng.choice((b"x", _images()["gif"])) for _ in range(count)]
    elif roll < 0.15:
        columns["image"] = [rng.choice(([1, 2], "x", 3, None)) for _ in range(count)]
    elif roll < 0.25:
        columns[rng.choice(("Label", "labels", "Image", "img", "x"))] = _labels(rng, count)
    elif roll < 0.3:
        del columns[rng.choice(list(columns))]
    return columns


def _table(rng: Random) -> Given:
    files: dict[str, bytes] = {"beside.png": _images()["png"]}
    what = []
    for split in ("train", *rng.choice(((), ("test",), ("validation",), ("val", "test")))):
        content = None
        while content is None:
            columns = _columns(rng)
            content = _parquet(rng, columns)
        files[f"thing_{split}.parquet"] = content
        what.append(f"{split}: {str(columns.get('label'))[:200]}")
    return Given(_ref(rng, "parquet:thing"), files, "; ".join(what))


def _bytes(rng: Random) -> Given:
    """Damage a whole Parquet file."""
    count = 6
    columns = {
        "image": [{"bytes": _images()["png"]}] * count,
        "label": [i % 2 for i in range(count)],
    }
    content = _parquet(rng, columns) or b""
    cut = rng.random() < 0.3
    content = content[: rng.randrange(len(content))] if cut else scrambled(rng, content)
    return Given(_ref(rng, "parquet:thing.parquet"), {"thing.parquet": content}, "bytes")


def _idx(rng: Random) -> Given:
    """Damage the files of MNIST."""
    files = {}
    for stem in ("train", "t10k"):
        for kind, shape in (("images-idx3", (20, 6, 6)), ("labels-idx1", (20,))):
            array = np.arange(np.prod(shape), dtype=np.uint8) % 10
            head = bytes((0, 0, 8, len(shape))) + np.array(shape, ">u4").tobytes()
            files[f"{stem}-{kind}-ubyte"] = head + array.tobytes()
    name = rng.choice(list(files))
    content = files[name]
    if rng.random() < 0.7:
        content = scrambled(rng, content[:16]) + content[16:]
    if rng.random() < 0.4:
        content = (
            scrambled(rng, gzip.compress(content)) if rng.random() < 0.5 else gzip.compress(content)
        )
    files[name] = content
    return Given(_ref(rng, "mnist"), files, name)
