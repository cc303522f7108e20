"""FMix: mix pairs of images along irregular blobs.

The mask is noise whose spectrum falls with a power of the frequency, thresholded at the level that
leaves the drawn share of pixels. The whole batch shares one mask and one shuffle, as in the authors'
code. The target's share is the exact share of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.lazy import torch
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import HARRIS_2020_FMIX
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class Fmix(Trick):
    """Replace blobs of each image with the same blobs of another, and mix the targets by area."""

    name = "fmix"
    tasks = frozenset({"classification"})
    slot = "mix"
    papers = (HARRIS_2020_FMIX,)
    cost = 1.03
    expert = False

    alpha: float = setting(
        1.0,
        "Share of the image that remains follows Beta(alpha, alpha): 0 is off.",
        search=Float(0.2, 2.0, log=True),
        neutral=0.0,
        rule=Range(0, 1000),
    )
    decay: float = setting(
        3.0,
        "Exponent of the spectrum's decay, at least 0; higher values make larger blobs.",
        search=Float(1.5, 5.0),
        rule=Range(0, 20),
    )

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        rng = run.generator(self.name)
        partner = torch.from_numpy(rng.permutation(len(batch.samples))).to(run.device)
        share = float(rng.beta(self.alpha, self.alpha))
        size = (batch.images.shape[2], batch.images.shape[3])
        stays = blobs(size, share, self.decay, rng)
        mask = torch.from_numpy(stays).to(run.device)
        batch.images = torch.where(mask, batch.images, batch.images[partner])
        exact = float(stays.mean())
        batch.targets = torch.lerp(batch.targets[partner], batch.targets, exact)
        return batch


def blobs(
    size: tuple[int, int], share: float, decay: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return an (H, W) mask with this share of its pixels set, rounded to whole pixels.

    Args:
        size: (H, W).
        share: In [0, 1].
        decay: Exponent of the decay of the noise's spectrum.
        rng: Generator of the noise.
    """
    height, width = size
    noise = np.fft.rfft2(rng.standard_normal(size))
    across = np.fft.rfftfreq(width)
    frequency = np.sqrt(np.fft.fftfreq(height)[:, None] ** 2 + across**2)
    smooth = np.fft.irfft2(noise / np.maximum(frequency, 1 / max(size)) ** decay, size)
    mask = np.zeros(height * width, bool)
    mask[np.argsort(-smooth.reshape(-1), kind="stable")[: round(share * mask.size)]] = True
    return mask.reshape(size)
