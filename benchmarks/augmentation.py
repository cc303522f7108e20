"""Images augmented per second: autotrick on batches, torchvision v2 image by image.

Both sides turn uint8 images into batches of floats on one core: moved, mirrored, changed by a policy,
normalised and erased, with separate draws for every image. The other side is a `DataLoader` without
worker processes over PIL images, as torchvision's documentation shows. A second comparison is with
torchvision's transforms of a whole batch, which draw once for all its images and are therefore a
different augmentation.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autotrick.data import Dataset
from autotrick.recipe import DataRef, Recipe
from benchmarks.children import say
from benchmarks.images import POLICIES, TITLES, available, images, loader, transform, tricks
from benchmarks.row import Row, compared
from benchmarks.sides import Measured, Side, Work, Works, in_turns

BATCH = 512
BATCHES = 16
"Batches per turn for autotrick and whole batches; image by image, one batch takes as long."

RUNS = 9
QUICK_RUNS = 3
GOAL = 40.0


def run(quick: bool, data_dir: Path) -> list[Row]:
    """Return the rows of each data set and policy, and the memory that all of it took.

    Raises:
        DataError: There are no images.
    """
    names, runs = available(data_dir), QUICK_RUNS if quick else RUNS
    with (
        Side(ours, names, data_dir) as whole,
        Side(one_by_one, names, data_dir) as single,
        Side(one_draw, names, data_dir) as together,
    ):
        found = {}
        for key in _keys(names):
            say(f"augmentation: {key}, {runs} runs")
            found[key] = in_turns([whole, single, together], key, runs)
    here, there = ([max(turn.memory_mb for turn in side)] for side in found[key][:2])
    return [
        *(row for key, turns in found.items() for row in _rows(key, turns)),
        compared("augmentation: peak memory beyond libraries and images", here, there, "MB", None),
    ]


def _keys(names: Sequence[str]) -> list[str]:
    return [f"{name} {policy}" for name in names for policy in POLICIES]


def _rows(key: str, turns: list[list[Measured]]) -> list[Row]:
    name, policy = key.split()
    label = f"augmentation: {TITLES[name]}, {POLICIES[policy]}"
    here, there, batch = ([turn.rate for turn in side] for side in turns)
    return [
        compared(f"{label}, image by image", here, there, "images/s", GOAL),
        compared(f"{label}, one draw a batch (not the same)", here, batch, "images/s", None),
    ]


def ours(names: Sequence[str], data_dir: Path, batch: int = BATCH) -> Works:
    """Return a function that makes batches as the trainer does."""
    found = {}
    for name in names:
        data = images(name, data_dir, batch * BATCHES)
        for policy in POLICIES:
            found[f"{name} {policy}"] = batches(data, policy, batch)
    return found


def batches(data: Dataset, policy: str, batch: int) -> Work:
    """Return a function that makes all batches of an epoch."""
    import torch

    from autotrick.train.loop import batch_of
    from autotrick.train.prepare import Stages, prepare
    from autotrick.tricks import assemble

    recipe = Recipe(
        data=DataRef(name=data.name),
        architecture="lenet5",
        epochs=1,
        batch_size=batch,
        base_lr=0.1,
        tricks=tricks(policy),
    )
    stages = Stages(assemble(recipe))
    run = prepare(recipe, data, stages, torch.device("cpu"))
    order = np.random.default_rng(0).permutation(len(data.train))

    def work() -> int:
        for start in range(0, len(order), batch):
            batch_of(run, stages, order[start : start + batch])
            run.update += 1
        return len(order)

    return work


def one_by_one(names: Sequence[str], data_dir: Path, batch: int = BATCH) -> Works:
    """Return a function that gets a batch from the loader."""
    found = {}
    for name in names:
        data = images(name, data_dir, batch)
        for policy in POLICIES:
            found[f"{name} {policy}"] = _drawing(loader(data, policy, batch))
    return found


def _drawing(examples: Any) -> Work:
    return lambda: sum(len(labels) for _, labels in examples)


def one_draw(names: Sequence[str], data_dir: Path, batch: int = BATCH) -> Works:
    """Return a function that applies torchvision's transforms to whole batches of pixels."""
    found = {}
    for name in names:
        data = images(name, data_dir, batch * BATCHES)
        for policy in POLICIES:
            found[f"{name} {policy}"] = _transforming(data, transform(policy, data), batch)
    return found


def _transforming(data: Dataset, augment: Any, batch: int) -> Work:
    import torch

    order = np.random.default_rng(0).permutation(len(data.train))

    def work() -> int:
        for start in range(0, len(order), batch):
            rows = data.train.images[order[start : start + batch]]
            augment(torch.from_numpy(rows).permute(0, 3, 1, 2))
        return len(order)

    return work
