"""Provide real images and one augmentation in both sides' form.

CIFAR-10 comes from `cifar10_train.parquet` or torchvision's files in the data folder; Fashion-MNIST
likewise, or from Debian's package dataset-fashion-mnist.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from autotrick.data import Dataset, Split, load
from autotrick.errors import DataError
from autotrick.recipe import DataRef, Settings
from benchmarks.children import say

TITLES = {"cifar10": "CIFAR-10", "fashion_mnist": "Fashion-MNIST", "digits": "digits"}
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
VALIDATION = 128
POLICIES = {
    "none": "pad-crop and flip",
    "auto_augment": "AutoAugment",
    "rand_augment": "RandAugment",
    "trivial_augment": "TrivialAugment",
}
SIDE = 32
"Settings for the digits, which the tests use."

_ERASING: Settings = {
    "probability": 0.5,
    "area_low": 0.02,
    "area_high": 0.33,
    "aspect": 0.3,
    "fill": "mean",
}
"Map our names to torchvision's defaults."


def available(data_dir: Path) -> list[str]:
    """Return the names of available data sets and print which ones are missing.

    Raises:
        DataError: None is available.
    """
    found = []
    for name in ("cifar10", "fashion_mnist"):
        try:
            images(name, data_dir, 1)
            found.append(name)
        except DataError as error:
            say(f"left out: {error}")
    if not found:
        raise DataError(f"neither CIFAR-10 nor Fashion-MNIST is in {data_dir}. Give --data-dir.")
    return found


def images(name: str, data_dir: Path, count: int) -> Dataset:
    """Return a data set's first training images in memory, and a small validation split.

    Raises:
        DataError: It is not available.
    """
    ref = DataRef(name=name, image_size=SIDE if name == "digits" else None)
    debian = name == "fashion_mnist" and DEBIAN.is_dir()
    data = load(ref, data_dir=DEBIAN if debian else data_dir)
    return replace(
        data,
        train=_first(data.train, count),
        validation=_first(data.validation, VALIDATION),
        test=None,
        fingerprint="",
    )


def _first(split: Split, count: int) -> Split:
    return Split(np.array(split.images[:count]), np.array(split.labels[:count]))


def tricks(policy: str) -> dict[str, Settings]:
    """Return autotrick's form: pad-crop, flip, the policy, random erasing; normalised in between."""
    own: dict[str, Settings] = {} if policy == "none" else {policy: {}}
    return {"pad_crop": {}, "flip": {}, **own, "random_erasing": dict(_ERASING)}


def transform(policy: str, data: Dataset) -> Any:
    """Return torchvision's form of the same, as its documentation composes it."""
    import torch
    from torchvision.transforms import v2

    side = data.shape[0]
    policies = {
        "none": [],
        "auto_augment": [v2.AutoAugment(v2.AutoAugmentPolicy.CIFAR10)],
        "rand_augment": [v2.RandAugment()],
        "trivial_augment": [v2.TrivialAugmentWide()],
    }
    return v2.Compose(
        [
            v2.RandomCrop(side, padding=side // 8),
            v2.RandomHorizontalFlip(p=0.5),
            *policies[policy],
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(data.mean.tolist(), data.std.tolist()),
            v2.RandomErasing(p=0.5, scale=(0.02, 0.33), ratio=(0.3, 1 / 0.3), value=0),
        ]
    )


def loader(data: Dataset, policy: str, batch: int) -> Any:
    """Return torchvision's side: a `DataLoader` without worker processes."""
    from torch.utils.data import DataLoader

    examples: Any = OneByOne(data.train, transform(policy, data))
    return DataLoader(examples, batch_size=batch, shuffle=True, num_workers=0)


class OneByOne:
    """Read a split as torchvision data sets do: one PIL image and label at a time."""

    def __init__(self, split: Split, transform: Any) -> None:
        self._split = split
        self._transform = transform

    def __len__(self) -> int:
        return len(self._split)

    def __getitem__(self, i: int) -> tuple[Any, int]:
        pixels = self._split.images[i]
        image = Image.fromarray(pixels if pixels.shape[-1] == 3 else pixels[..., 0])
        return self._transform(image), int(self._split.labels[i])
