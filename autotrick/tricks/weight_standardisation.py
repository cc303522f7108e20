"""Weight standardisation: scale the weights of every filter to mean 0 and variance 1.

Applies in every forward pass; gradients flow through it. The paper uses it with group normalisation
and small batches. Filters of a single weight do not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from autotrick.lazy import nn
from autotrick.tricks.base import Run, Trick
from autotrick.tricks.papers import QIAO_2019_WEIGHT_STANDARDISATION
from autotrick.tricks.surgery import is_plain_convolution

if TYPE_CHECKING:
    from torch import Tensor

_EPSILON = 1e-5


@dataclass(frozen=True, kw_only=True)
class WeightStandardisation(Trick):
    """Standardise the weights of every filter before each convolution."""

    name = "weight_standardisation"
    papers = (QIAO_2019_WEIGHT_STANDARDISATION,)
    position = 25
    expert = False
    cost = 1.1

    def on_model(self, model: nn.Module, run: Run) -> nn.Module:
        layers: list[Any] = [
            module
            for module in model.modules()
            if isinstance(module, nn.Conv2d)
            and is_plain_convolution(module)
            and module.weight[0].numel() > 1
        ]
        for layer in layers:
            kind: Any = type(layer)
            layer.__class__ = standardising(kind)
        run.notes[f"{self.name}.layers"] = len(layers)
        return model


def standardise(weight: Tensor) -> Tensor:
    """Return (outputs, inputs, height, width) weights with mean 0 and variance 1 per filter."""
    centred = weight - weight.mean((1, 2, 3), keepdim=True)
    return centred * (centred.square().mean((1, 2, 3), keepdim=True) + _EPSILON).rsqrt()


@cache
def standardising(kind: Any) -> Any:
    """Return a class of convolution that standardises its weights first."""

    class Standardising(kind):  # type: ignore[misc]
        """Convolve with standardised weights."""

        def _conv_forward(self, given: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
            convolved: Tensor = super()._conv_forward(given, standardise(weight), bias)
            return convolved

    return Standardising
