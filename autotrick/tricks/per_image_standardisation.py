"""Per-image standardisation: scale every image to mean 0 and standard deviation 1.

x becomes (x - mean) / max(std, 1 / sqrt(n)) over all n values of the image, in levels from 0 to 255.
TensorFlow calls this "approximate whitening", although it does not whiten. The network's input then
does not depend on an image's brightness and contrast, in training and in evaluation; a constant image
becomes 0.

Runs as the network's first step, after erasing and mixing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.lazy import torch
from autotrick.tricks.base import Run, Trick
from autotrick.tricks.papers import COATES_2011_SINGLE_LAYER

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class PerImageStandardisation(Trick):
    """Subtract each image's mean and divide by its standard deviation before the first layer."""

    name = "per_image_standardisation"
    papers = (COATES_2011_SINGLE_LAYER.at("section 3.1.1"),)
    cost = 1.02

    def on_model(self, model: nn.Module, run: Run) -> nn.Module:
        mean, std = (torch.from_numpy(255 * part)[:, None, None] for part in (run.mean, run.std))

        def first(_: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
            images, *rest = inputs
            levels = images * std.to(images.device) + mean.to(images.device)
            return (standardised(levels), *rest)

        model.register_forward_pre_hook(first)
        return model


def standardised(levels: Tensor) -> Tensor:
    """Return (N, C, H, W) images with mean 0 and standard deviation 1, or less if nearly constant."""
    n = levels[0].numel()
    centred = levels - levels.mean(dim=(1, 2, 3), keepdim=True)
    std = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return centred / std.clamp(min=n**-0.5)
