"""No normalisation: remove batch normalisation to see what it contributes.

The paper compares networks with and without it.

Each layer keeps its trained gain and shift; only the normalisation goes. Without normalisation the
initial weights decide whether anything is learnt: use `initialisation` (kaiming) and a smaller
learning rate. On digits, the fast net stayed at chance with torch's initial weights and reached 93.7
% with kaiming ones in six epochs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from autotrick.lazy import nn, torch
from autotrick.tricks.base import Run, Trick
from autotrick.tricks.papers import IOFFE_2015_BATCH_NORM
from autotrick.tricks.surgery import replace_norms

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class NoNorm(Trick):
    """Remove batch normalisation but keep its gain and shift."""

    name = "no_norm"
    slot = "norm"
    papers = (IOFFE_2015_BATCH_NORM,)
    position = 10
    expert = False
    cost = 0.95

    def on_model(self, model: Module, run: Run) -> Module:
        count = replace_norms(model, lambda norm: affine()(norm.num_features))
        run.notes[f"{self.name}.layers"] = count
        return model


@cache
def affine() -> type[Module]:
    """Return the layer that scales and shifts each channel."""

    class Affine(nn.Module):
        """Scale and shift each channel."""

        def __init__(self, channels: int) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(channels))
            self.bias = nn.Parameter(torch.zeros(channels))

        def forward(self, maps: Tensor) -> Tensor:
            return maps * self.weight[:, None, None] + self.bias[:, None, None]

    return Affine
