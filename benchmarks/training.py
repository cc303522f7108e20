"""Images trained on in a second, with AutoAugment: autotrick against the loop that everyone writes.

The other side is a `DataLoader` without processes of its own over images that torchvision crops,
mirrors and augments one by one with PIL. Both train the same network on the same number of batches
with the same optimizer, on one thread. Processor time is counted: the machine may be busy.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from autotrick.data import Dataset, Split
from autotrick.recipe import DataRef, Recipe
from benchmarks.augmentation import tiles
from benchmarks.children import say
from benchmarks.row import Row, compared

BATCH = 128
CLASSES = 10
NETWORKS: tuple[tuple[str, dict[str, Any], float, int], ...] = (
    ("lenet5", {"width": 1.0}, 4.0, 40),
    ("fastnet", {"width": 0.25}, 2.0, 24),
    ("fastnet", {"width": 0.5}, 2.0, 12),
    ("torchvision/mobilenet_v3_small", {}, 2.0, 16),
)
"""Architecture, its settings, the goal, and updates in a run."""


def run(quick: bool) -> list[Row]:
    """Return the images per second of each network."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [
            _row(name, settings, goal, updates // 2 if quick else updates, 1 if quick else 5)
            for name, settings, goal, updates in NETWORKS
        ]
    finally:
        torch.set_num_threads(threads)


def _row(name: str, settings: dict[str, Any], goal: float, updates: int, runs: int) -> Row:
    say(f"training: {name}, {updates} updates, {runs} runs")
    data, warm_up = images(updates * BATCH), images(2 * BATCH)
    whole, plain = ours(name, settings), theirs(name, settings)
    whole(warm_up)
    plain(warm_up)
    pairs = [(_rate(whole, data), _rate(plain, data)) for _ in range(runs)]
    width = f" (width {settings['width']:g})" if settings else ""
    label = f"training: {name}{width}, AutoAugment, 32x32x3, batch {BATCH}, one thread"
    fast, slow = zip(*pairs, strict=True)
    return compared(label, fast, slow, "images/s", goal)


def images(count: int) -> Dataset:
    """Return a data set of so many pieces of photographs, with a validation split of one batch."""
    pieces = tiles()
    rows = np.arange(count) % len(pieces)
    train = Split(np.ascontiguousarray(pieces[rows]), rows % CLASSES)
    colours = train.images.reshape(-1, train.images.shape[-1]) / 255
    return Dataset(
        name="tiles",
        fingerprint="",
        classes=tuple(map(str, range(CLASSES))),
        train=train,
        validation=Split(train.images[:BATCH], train.labels[:BATCH]),
        test=None,
        mean=colours.mean(0).astype(np.float32),
        std=colours.std(0).astype(np.float32),
    )


def ours(name: str, settings: dict[str, Any]) -> Callable[[Dataset], None]:
    """Return one epoch of autotrick, from building the network to the digest of its weights."""
    from autotrick.train import train

    recipe = Recipe(
        data=DataRef(name="tiles"),
        architecture=name,
        architecture_settings=settings,
        epochs=1,
        batch_size=BATCH,
        base_lr=0.02,
        tricks={"pad_crop": {}, "flip": {}, "auto_augment": {}},
    )

    def epoch(data: Dataset) -> None:
        train(recipe, data)

    return epoch


def theirs(name: str, settings: dict[str, Any]) -> Callable[[Dataset], None]:
    """Return one epoch of the plain loop."""
    import torch
    from torch.nn import functional
    from torch.utils.data import DataLoader
    from torchvision import transforms

    from autotrick import models

    def epoch(data: Dataset) -> None:
        height, width, channels = data.shape
        model = models.build(
            name,
            settings,
            classes=CLASSES,
            channels=channels,
            image_size=(height, width),
            seed=0,
        )
        transform = transforms.Compose(
            [
                transforms.RandomCrop((height, width), padding=height // 8),
                transforms.RandomHorizontalFlip(),
                transforms.AutoAugment(transforms.AutoAugmentPolicy.CIFAR10),
                transforms.ToTensor(),
                transforms.Normalize(data.mean.tolist(), data.std.tolist()),
            ]
        )
        examples: Any = OneByOne(data.train, transform)
        loader: Any = DataLoader(examples, batch_size=BATCH, shuffle=True)
        optimizer = torch.optim.SGD(
            model.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4
        )
        model.train()
        for batch, labels in loader:
            optimizer.zero_grad()
            loss: Any = functional.cross_entropy(model(batch), labels)
            loss.backward()
            optimizer.step()

    return epoch


class OneByOne:
    """A split as `DataLoader` reads it: an image and its label at a time."""

    def __init__(self, split: Split, transform: Callable[[Image.Image], Any]) -> None:
        self._split = split
        self._transform = transform

    def __len__(self) -> int:
        return len(self._split)

    def __getitem__(self, i: int) -> tuple[Any, int]:
        image = Image.fromarray(self._split.images[i])
        return self._transform(image), int(self._split.labels[i])


def _rate(epoch: Callable[[Dataset], None], data: Dataset) -> float:
    start = time.process_time()
    epoch(data)
    return len(data.train) / (time.process_time() - start)
