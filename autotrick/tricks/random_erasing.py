"""Random erasing: hide a random rectangle in some of the images.

Applies to normalised images. The fill `mean` is the training images' mean colour (0), `zero` is
black, and `random` gives every pixel a colour that is uniform before normalisation.

Differs: as in torchvision and timm, the aspect ratio is log-uniform, so that wide and tall rectangles
are equally likely, and the position is uniform over those where the rectangle fits. The paper draws
the ratio uniformly and redraws while the rectangle sticks out, which favours small ones. After ten
shapes that do not fit, the image stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.backend import CPU
from autotrick.domain import Choice, Float
from autotrick.lazy import torch
from autotrick.tricks.base import Batch, Claim, Run, Trick, setting
from autotrick.tricks.boxes import covered, hide, pixels
from autotrick.tricks.papers import ZHONG_2020_RANDOM_ERASING
from autotrick.tricks.rules import Options, Ordered, Range

if TYPE_CHECKING:
    from torch import Tensor

_ATTEMPTS = 10


@dataclass(frozen=True, kw_only=True)
class RandomErasing(Trick):
    """Fill a random rectangle of some images with the mean colour, black, or noise."""

    name = "random_erasing"
    slot = "erase"
    papers = (ZHONG_2020_RANDOM_ERASING,)
    rules = (Ordered("area_low", "area_high"),)
    claims = (
        Claim("cifar10", "resnet20", 92.79, 93.27),
        Claim("cifar100", "resnet20", 69.16, 70.03),
        Claim("fashion_mnist", "resnet20", 95.61, 95.98),
    )
    cost = 1.05

    probability: float = setting(
        0.5,
        "Share of images to erase, in [0, 1]: 0 is off.",
        search=Float(0.1, 0.75),
        neutral=0.0,
        rule=Range(0, 1),
    )
    area_low: float = setting(
        0.02,
        "Smallest area as a share of the image, in (0, 1).",
        rule=Range(0, 1, open_low=True, open_high=True),
    )
    area_high: float = setting(
        0.4,
        "Largest area as a share of the image, in (0, 1).",
        search=Float(0.1, 0.5),
        rule=Range(0, 1, open_low=True, open_high=True),
    )
    aspect: float = setting(
        0.3,
        "Smallest ratio of height to width, in (0, 1]; the largest is its inverse.",
        rule=Range(0, 1, open_low=True),
    )
    fill: str = setting(
        "random",
        "Fill of the rectangle: mean (colour), random (colours) or zero (black).",
        search=Choice(("mean", "random", "zero")),
        rule=Options("mean", "random", "zero"),
    )

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        height, width = batch.images.shape[2:]
        draws = run.stream(self.name).uniform(run.update, batch.samples, 3 + 2 * _ATTEMPTS)
        low, high = rectangles(
            draws[:, 1:], (height, width), (self.area_low, self.area_high), self.aspect
        )
        high *= (draws[:, 0] < self.probability)[:, None]
        erased = covered(low, high, (height, width))
        batch.images = self._filled(batch, erased, run)
        return batch

    def _filled(self, batch: Batch, erased: NDArray[np.bool_], run: Run) -> Tensor:
        """Return the images with the (N, H, W) erased pixels filled."""
        images = batch.images
        if self.fill == "mean":
            return hide(images, erased)
        if self.fill == "zero":
            return hide(images, erased, _shade(np.zeros(run.channels), run))
        if images.device.type != "cpu":
            return self._on_device(batch, erased, run)
        key = (run.stream(self._noise).at(run.update), batch.samples)
        CPU.fill_with_noise(pixels(images), erased, key, (run.mean, run.std))
        return images

    def _on_device(self, batch: Batch, erased: NDArray[np.bool_], run: Run) -> Tensor:
        """Return, bit for bit, the same as compiled code on the CPU."""
        n, y, x = np.nonzero(erased)
        height, width = erased.shape[1:]
        address = (batch.samples[n] * height + y) * width + x
        colours = run.stream(self._noise).uniform(run.update, address, run.channels)
        images = batch.images.clone()
        index = tuple(torch.from_numpy(i).to(images.device) for i in (n, y, x))
        images.permute(0, 2, 3, 1)[index] = torch.from_numpy(_shade(colours, run)).to(images)
        return images

    @property
    def _noise(self) -> str:
        return f"{self.name}.fill"


def _shade(colours: NDArray[np.float64], run: Run) -> NDArray[np.float32]:
    """Return colours in [0, 1] converted to normalised units."""
    shade: NDArray[np.float32] = ((colours - run.mean) / run.std).astype(np.float32)
    return shade


def rectangles(
    draws: NDArray[np.float64], size: tuple[int, int], area: tuple[float, float], aspect: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (N, 2) first and (N, 2) past-the-end rows and columns; both 0 if nothing fits.

    Args:
        draws: (N, 2 + 2 * attempts) numbers in [0, 1): the position, then area and ratio of each
            attempt.
        size: (H, W) of the images.
        area: Smallest and largest area as shares of the image.
        aspect: Smallest ratio of height to width; the largest is its inverse.
    """
    attempts = draws[:, 2:].reshape(len(draws), -1, 2)
    pixels = size[0] * size[1] * (area[0] + (area[1] - area[0]) * attempts[:, :, 0])
    ratio = np.exp(np.log(aspect) * (1 - 2 * attempts[:, :, 1]))
    sides = np.rint(np.sqrt(np.stack((pixels * ratio, pixels / ratio), axis=2))).astype(np.int64)
    fits = ((sides > 0) & (sides < size)).all(axis=2)
    first = fits.argmax(axis=1)
    side = sides[np.arange(len(draws)), first] * fits.any(axis=1)[:, None]
    low = (draws[:, :2] * (np.array(size) - side + 1)).astype(np.int64)
    low *= fits.any(axis=1)[:, None]
    return low, low + side
