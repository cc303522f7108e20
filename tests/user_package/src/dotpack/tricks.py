"""A trick that adds noise."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from autotrick.domain import Float
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class DotNoise(Trick):
    """Add Gaussian noise to normalised images."""

    name = "dot_noise"
    strength: float = setting(
        0.1,
        "Standard deviation of the noise; 0 is off.",
        rule=Range(0, 2),
        search=Float(0.05, 0.5),
        neutral=0.0,
    )

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        noise = run.generator(self.name).standard_normal(tuple(batch.images.shape), "float32")
        noisy = batch.images + self.strength * torch.from_numpy(noise).to(run.device)
        batch.images = run.to_memory_format(noisy)
        return batch
