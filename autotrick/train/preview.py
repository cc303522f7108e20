"""What a recipe does to real images, as pixels that one can look at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from autotrick.augment import plans
from autotrick.augment.pictures import Pictures
from autotrick.augment.policies import AUTO_AUGMENT_RANGE, OPERATIONS, SIGNED
from autotrick.data import Dataset
from autotrick.data.samples import mixed_rows
from autotrick.recipe import Recipe
from autotrick.train.loop import batch_of
from autotrick.train.numerics import numerics
from autotrick.train.prepare import Stages, prepare
from autotrick.tricks import TRICKS, Batch, Run, Trick, assemble, find

PLAIN = "as they are"
TRIES = 8
STAGES = ("order_image_tricks", "on_images", "on_tensor", "on_batch")

Rows = dict[str, NDArray[np.uint8]]
"""(N, H, W, C) uint8 by label, the images as they are first."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the network sees of some images.

    Attributes:
        images: (N, H, W, C) uint8.
        targets: What it is told of the first image, as shares of classes; empty if that is its class.
    """

    images: NDArray[np.uint8]
    targets: str = ""


def changes(trick: type[Trick]) -> bool:
    """Return whether a trick acts on images, or on the order in which others do."""
    return any(getattr(trick, stage) is not getattr(Trick, stage) for stage in STAGES)


def in_order(names: Sequence[str]) -> list[str]:
    """Return those tricks that change images, in the order in which they act."""
    kinds = [kind for kind in map(find, names) if changes(kind)]
    return [k.name for k in sorted(kinds, key=lambda k: (_stage(k), k.position, k.name))]


def _stage(trick: type[Trick]) -> int:
    return next(
        i for i, stage in enumerate(STAGES) if getattr(trick, stage) is not getattr(Trick, stage)
    )


def preview(recipe: Recipe, data: Dataset, *, count: int = 12, draws: int = 3) -> Rows:
    """Return training images of as many classes as possible as they are, and as the recipe trains on them.

    Where several of its tricks change images, each has a row of its own, half way through the trial,
    before the rows of all together. The same recipe gives the same pixels.

    Args:
        count: Number of images N.
        draws: How many updates are shown.
    """
    names = [
        n
        for n in in_order([*recipe.tricks])
        if TRICKS[n].order_image_tricks is Trick.order_image_tricks
    ]
    alone = {name: _only(recipe, name) for name in names} if len(names) > 1 else {}
    rows = {label: shown.images for label, shown in compare(alone, data, count=count).items()}
    with numerics(recipe, "cpu"):
        stages = Stages(assemble(recipe))
        run = prepare(recipe, data, stages, torch.device("cpu"), left={})
        samples = mixed_rows(data, count)
        for draw in range(draws):
            # Spread over the trial: some tricks change with the progress.
            update = draw * (run.updates - 1) // max(1, draws - 1)
            label = f"all, in update {update + 1}" if alone else f"in update {update + 1}"
            rows[label] = _shown(run, stages, samples, update)[0]
    return rows


def _only(recipe: Recipe, name: str) -> Recipe:
    """Return the recipe with one of its tricks and what that needs."""
    kept = {*TRICKS[name].needs, name}
    return recipe.model_copy(
        update={"tricks": {n: values for n, values in recipe.tricks.items() if n in kept}}
    )


def compare(recipes: Mapping[str, Recipe], data: Dataset, *, count: int = 12) -> dict[str, Shown]:
    """Return training images as each recipe trains on them half way through the trial.

    Many tricks act by chance, some on whole batches: of eight updates in the middle the one is shown
    that mixes the first image's targets most, or else the first that changes a pixel.

    Args:
        recipes: By what their row is called.
        count: Number of images N.

    Returns:
        By label, as they are first. The same recipes give the same pixels.
    """
    samples = mixed_rows(data, count)
    rows = {PLAIN: Shown(np.array(data.train.images[samples]))}
    for label, recipe in recipes.items():
        with numerics(recipe, "cpu"):
            stages = Stages(assemble(recipe))
            run = prepare(recipe, data, stages, torch.device("cpu"), left={})
            rows[label] = _telling(run, stages, samples, data)
    return rows


def _telling(run: Run, stages: Stages, samples: NDArray[np.int64], data: Dataset) -> Shown:
    """Return what is seen in the one of some updates that tells most."""
    plain, middle = np.asarray(data.train.images[samples]), run.updates // 2
    best, most = Shown(plain), -1.0
    for update in range(middle, min(middle + TRIES, run.updates)):
        images, batch = _shown(run, stages, samples, update)
        mixed = 1 - float(batch.targets[0].max())
        told = mixed + 1e-6 * bool((images != plain).any())
        if told > most:
            target = batch.targets[0].numpy()
            best, most = Shown(images, run.task.told(target, data.classes)), told
    return best


def strengths(operation: str, data: Dataset, *, count: int = 12) -> Shown:
    """Return training images after one operation, from strength 0 to strength 1.

    Args:
        operation: One of `policies.OPERATIONS`; if it goes either way, it does so by turns.
        count: Number of images N.
    """
    images = np.array(data.train.images[mixed_rows(data, count)])
    codes = np.full((len(images), 1), OPERATIONS.index(operation))
    steps = np.linspace(0, 1, len(images))[:, None]
    signs = (np.arange(len(images)) % 2)[:, None] / 2
    plan = plans.signed(codes, steps, signs, AUTO_AUGMENT_RANGE, images.shape[1:3])
    return Shown(Pictures(images).apply(*plan).to_numpy())


def magnitude(operation: str, size: tuple[int, int]) -> str:
    """Return what an operation does at its strongest, in words.

    Args:
        operation: One of `policies.OPERATIONS`.
        size: Height and width of the images.
    """
    codes = np.array([OPERATIONS.index(operation)])
    most = float(plans.magnitudes(codes, np.ones(1), AUTO_AUGMENT_RANGE, size)[0])
    unit = UNITS.get(operation)
    if unit is None:
        return "has no strength"
    either = ", either way by turns" if operation in SIGNED else ""
    return f"strength 0 to 1, from left to right{either}; 1 is {unit.format(most)}"


UNITS = {
    **dict.fromkeys(("ShearX", "ShearY"), "a tangent of {:.2g}"),
    **dict.fromkeys(("TranslateX", "TranslateY"), "{:.3g} pixels"),
    "Rotate": "{:.3g} degrees",
    **dict.fromkeys(("Brightness", "Color", "Contrast", "Sharpness"), "a factor of 1 +- {:.2g}"),
    "Posterize": "{:.0f} bits that stay",
    "Solarize": "all from {:.0f} on inverted",
    "SolarizeAdd": "{:.0f} levels added to what is dark",
    "Hue": "{:.2g} of the colour circle",
}


def _shown(
    run: Run, stages: Stages, samples: NDArray[np.int64], update: int
) -> tuple[NDArray[np.uint8], Batch]:
    """Return what the network sees of the samples in an update, as pixels, and the batch."""
    run.update, run.epoch = update, bisect_right(run.starts, update) - 1
    batch = batch_of(run, stages, samples)
    # A trick may leave images out, add versions of them, or make them smaller.
    shown = torch.zeros(len(samples), *batch.images.shape[1:])
    for i, sample in enumerate(samples):
        for place in np.flatnonzero(batch.samples == sample)[-1:]:
            shown[i] = batch.images[place]
    size = (run.images.shape[1], run.images.shape[2])
    if shown.shape[2:] != size:
        shown = functional.interpolate(shown, size)
    return run.pixels(shown), batch
