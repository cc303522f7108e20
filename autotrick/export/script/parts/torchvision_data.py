"""Data sets that torchvision reads."""

import io
from pathlib import Path

import numpy as np
import torchvision
from PIL import Image


def read_torchvision(folder: Path, kind: str) -> tuple[list[str], dict]:
    """Return class names and splits of torchvision's data set of this name."""
    splits, names = {}, []
    for split in ("train", "test"):
        opened = getattr(torchvision.datasets, kind)(folder, train=split == "train")
        splits[split] = opened.data, np.array(opened.targets)
        names = opened.classes
    return names, splits


def read_cifar10(folder: Path) -> tuple[list[str], dict]:
    """Return class names and splits: of Parquet files, which needs pyarrow, or of torchvision."""
    names, splits = (
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
        {},
    )
    for split in ("train", "test"):
        file = folder / f"cifar10_{split}.parquet"
        if file.is_file():
            from pyarrow.parquet import read_table

            rows = read_table(file).rename_columns(["image", "label"]).to_pylist()
            images = [np.asarray(Image.open(io.BytesIO(row["image"]["bytes"]))) for row in rows]
            splits[split] = np.stack(images), np.array([row["label"] for row in rows])
        else:
            opened = torchvision.datasets.CIFAR10(folder, train=split == "train")
            splits[split] = opened.data, np.array(opened.targets)
    return names, splits
