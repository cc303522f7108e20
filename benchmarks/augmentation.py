"""Images augmented in a second: autotrick on a whole batch, torchvision image by image.

Both sides move and mirror images and follow the same policies, from uint8 pixels to uint8 pixels, with
draws of its own for every image, on one core. The images are tiles of the two photographs that come
with scikit-learn.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autotrick.draws import Stream
from autotrick.tricks import Run, Trick, build
from benchmarks.children import say
from benchmarks.row import Row, compared

SIDE = 32
IMAGES = 512
RUNS = 7
QUICK_RUNS = 3
GOAL = 40.0
BATCHES_A_RUN = 20
"""On our side, so that a run takes long enough for the clock; theirs takes half a second with one."""


@dataclass
class Moment:
    """All of a run that augmentation looks at."""

    update: int = 0

    def stream(self, name: str) -> Stream:
        return Stream(0, name)


def run(quick: bool) -> list[Row]:
    """Return a row for each augmentation: both sides' images per second, and their ratio."""
    import torch
    from torchvision import transforms

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    policies: dict[str, tuple[list[str], list[Any]]] = {
        "pad-crop and flip": ([], []),
        "AutoAugment": (
            ["auto_augment"],
            [transforms.AutoAugment(transforms.AutoAugmentPolicy.CIFAR10)],
        ),
        "RandAugment": (["rand_augment"], [transforms.RandAugment()]),
        "TrivialAugment": (["trivial_augment"], [transforms.TrivialAugmentWide()]),
    }
    basics = [transforms.RandomCrop(SIDE, padding=SIDE // 8), transforms.RandomHorizontalFlip()]
    try:
        return [
            _row(
                name,
                ["pad_crop", "flip", *ours],
                transforms.Compose([*basics, *theirs]),
                QUICK_RUNS if quick else RUNS,
            )
            for name, (ours, theirs) in policies.items()
        ]
    finally:
        torch.set_num_threads(threads)


def _row(
    name: str, tricks: list[str], transform: Callable[[Image.Image], Image.Image], runs: int
) -> Row:
    say(f"augmentation: {name}, {runs} runs")
    images, samples = tiles(), np.arange(IMAGES)
    ours = [build(trick, {}) for trick in tricks]

    def whole_batches() -> None:
        for update in range(BATCHES_A_RUN):
            augment(images.copy(), samples, ours, update)

    def one_by_one() -> None:
        for image in images:
            transform(Image.fromarray(image))

    whole_batches()
    one_by_one()
    ours_s, theirs_s = zip(
        *((_seconds(whole_batches), _seconds(one_by_one)) for _ in range(runs)), strict=True
    )
    return compared(
        f"augmentation: {name}, {SIDE}x{SIDE}x3, one core",
        [IMAGES * BATCHES_A_RUN / seconds for seconds in ours_s],
        [IMAGES / seconds for seconds in theirs_s],
        "images/s",
        GOAL,
    )


def augment(
    images: NDArray[np.uint8], samples: NDArray[np.int64], tricks: list[Trick], update: int
) -> NDArray[np.uint8]:
    """Return the batch after the tricks, in the order given."""
    moment = cast(Run, Moment(update))
    for trick in tricks:
        images = trick.on_images(images, samples, moment)
    return images


def tiles() -> NDArray[np.uint8]:
    """Return (IMAGES, SIDE, SIDE, 3) pieces of photographs."""
    from sklearn.datasets import load_sample_images

    pieces = [
        photograph[y : y + SIDE, x : x + SIDE]
        for photograph in load_sample_images().images
        for y in range(0, photograph.shape[0] - SIDE + 1, SIDE)
        for x in range(0, photograph.shape[1] - SIDE + 1, SIDE)
    ]
    return np.stack(pieces[:IMAGES])


def _seconds(work: Callable[[], None]) -> float:
    # Processor time: the machine may be busy with something else.
    start = time.process_time()
    work()
    return time.process_time() - start
