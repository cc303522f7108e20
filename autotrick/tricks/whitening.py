"""Whitening: start with fixed filters that decorrelate patches of the training images.

Follows Page, "How to Train Your ResNet", 2018.

The filters of the first convolution become the principal directions of its patches, the largest
first, each divided by the root of its variance plus `eps`, followed by their negatives. The filters
are not trained; a bias is.

Differs: the network keeps its first convolution, whose kernel can be larger than the paper's 2x2.
With fewer filters than twice the directions, the smallest directions are left out; surplus filters
keep their initial weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.domain import Choice, Float
from autotrick.lazy import functional, torch
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import JORDAN_2024_AIRBENCH
from autotrick.tricks.rules import Range
from autotrick.tricks.surgery import is_plain_convolution

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_CHUNK = 250


@dataclass(frozen=True, kw_only=True)
class Whitening(Trick):
    """Set the first convolution to fixed filters that whiten patches of the images."""

    name = "whitening"
    excludes = {"weight_standardisation": "it would change the whitening filters"}
    papers = (JORDAN_2024_AIRBENCH.at("section 3.1"),)
    position = 65
    expert = False
    only_weights = True

    eps: float = setting(
        5e-4,
        "Constant added to the variances, above 0; images have a variance of 1.",
        search=Float(1e-4, 1e-1, log=True),
        rule=Range(0, 1000, open_low=True),
    )
    frozen: bool = setting(
        True,
        "Whether the filters stay fixed.",
        search=Choice((True, False)),
    )
    images: int = setting(
        5000,
        "Training images used to compute the directions, at least 1.",
        rule=Range(1, 10_000_000),
    )

    def on_model(self, model: Module, run: Run) -> Module:
        first: Any = next((m for m in model.modules() if is_plain_convolution(m)), None)
        fits = first is not None and first.in_channels == run.channels and first.groups == 1
        if fits:
            filters = whiteners(self.covariance(run, first.kernel_size), self.eps)
            count = min(len(filters), len(first.weight) // 2)
            chosen = filters[:count].reshape(count, *first.weight.shape[1:])
            with torch.no_grad():
                first.weight[: 2 * count] = torch.cat([chosen, -chosen])
            if self.frozen:
                first.weight.requires_grad_(False)
        run.notes[f"{self.name}.layers"] = int(fits)
        return model

    def covariance(self, run: Run, kernel: tuple[int, int]) -> Tensor:
        """Return the (D, D) mean products of the values of a patch, D = C x height x width."""
        rows = run.stream(self.name).generator().permutation(len(run.labels))[: self.images]
        rows.sort()  # read neighbours on disk one after the other
        size = run.channels * kernel[0] * kernel[1]
        total, count = torch.zeros(size, size, dtype=torch.float64), 0
        for start in range(0, len(rows), _CHUNK):
            images = run.normalised(run.images[rows[start : start + _CHUNK]])
            patches = functional.unfold(images, kernel).transpose(0, 1).flatten(1)
            total += (patches @ patches.T).double().cpu()
            count += patches.shape[1]
        return total / max(1, count)


def whiteners(covariance: Tensor, eps: float) -> Tensor:
    """Return (D, D) filters, one per row, by decreasing variance of their input.

    A filter f sees the variance f C f, which is v / (v + eps) for a direction of variance v.
    """
    variances, directions = torch.linalg.eigh(covariance)
    scaled = directions / (variances.clamp_min(0) + eps).sqrt()
    filters: Tensor = scaled.T.flip(0).float()
    return filters
