"""A folder of images for each class."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from autotrick.export.script.parts.streams import Array

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}


def read_class_folders(root: Path, fit) -> tuple[list[str], dict]:
    """Return class names and splits of root/CLASS/FILE or root/SPLIT/CLASS/FILE."""
    parts = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}
    found = {part: name for part, name in parts.items() if (root / part).is_dir()}
    folders = {name: root / part for part, name in found.items()} or {"train": root}
    names = sorted(folder.name for folder in folders["train"].iterdir() if folder.is_dir())
    files = {
        split: [
            (file, names.index(name))
            for name in names
            for file in sorted((folder / name).rglob("*"))
            if file.suffix.lower() in SUFFIXES
        ]
        for split, folder in folders.items()
    }
    every = [file for group in files.values() for file, _ in group]
    mode = "L" if all(map(is_grey, every)) else "RGB"
    splits = {}
    for split, group in files.items():
        images = np.stack([read_image(file, mode, fit) for file, _ in group])
        images = images if images.ndim == 4 else images[..., None]
        splits[split] = images, np.array([label for _, label in group], np.int64)
    return names, splits


def is_grey(file: Path) -> bool:
    """Return whether an image has no colours."""
    with Image.open(file) as image:
        return image.mode in ("1", "L", "LA")


def read_image(file: Path, mode: str, fit) -> Array:
    """Return an image upright, transparent pixels on white, of the side that the network gets."""
    with Image.open(file) as stored:
        image = ImageOps.exif_transpose(stored)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(fit(image.convert(mode)))


def unchanged(image: Image.Image) -> Image.Image:
    """Return the image as it is."""
    return image
