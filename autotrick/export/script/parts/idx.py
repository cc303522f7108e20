"""MNIST and its successors."""

import gzip
from pathlib import Path

import numpy as np

from autotrick.export.script.parts.streams import Array

CLASSES = list("0123456789")


def read_idx(path: Path) -> Array:
    """Return the array of an idx file, plain or gzipped."""
    file = path if path.is_file() else path.with_name(path.name + ".gz")
    content = file.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", dimensions, 4).astype(int)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def read_idx_folder(folder: Path, inner: str) -> tuple[list[str], dict]:
    """Return class names and splits of the files in a folder, or where torchvision puts them."""
    if not list(folder.glob("train-images-idx3-ubyte*")):
        folder = folder / inner / "raw"
    splits = {}
    for split, stem in (("train", "train"), ("test", "t10k")):
        images = read_idx(folder / f"{stem}-images-idx3-ubyte")[..., None]
        splits[split] = images, read_idx(folder / f"{stem}-labels-idx1-ubyte").astype(np.int64)
    return CLASSES, splits
