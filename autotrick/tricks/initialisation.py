"""Initialisation: choose how weights are drawn before the first update.

`xavier` (Glorot and Bengio, 2010): variance 2 / (fan in + fan out). `kaiming` (He et al., 2015): 2 /
fan in, for ReLU. `orthogonal` (Saxe et al., 2014): orthogonal rows or columns. `truncated_normal`: a
fixed standard deviation, truncated at two of them, as in TensorFlow's tutorials. `dirac` (Jordan,
2024): convolutions start by passing on their input; channels beyond it keep their weights. Applies to
all convolutions and linear layers; biases become 0. There is no scheme with all weights zero, because
identical units would get identical gradients and never differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Choice, Float
from autotrick.lazy import nn, torch
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import (
    GLOROT_2010_XAVIER,
    HE_2015_KAIMING,
    JORDAN_2024_AIRBENCH,
    SAXE_2014_ORTHOGONAL,
)
from autotrick.tricks.rules import Options, Range

if TYPE_CHECKING:
    from torch import Tensor

SCHEMES = ("xavier", "kaiming", "orthogonal", "truncated_normal", "dirac")


@dataclass(frozen=True, kw_only=True)
class Initialisation(Trick):
    """Draw the initial weights of convolutions and linear layers by a named scheme."""

    name = "initialisation"
    papers = (GLOROT_2010_XAVIER, HE_2015_KAIMING, SAXE_2014_ORTHOGONAL, JORDAN_2024_AIRBENCH)
    position = 60
    expert = False
    only_weights = True

    scheme: str = setting(
        "xavier",
        "Scheme: xavier, kaiming, orthogonal, truncated_normal or dirac.",
        search=Choice(SCHEMES),
        rule=Options(*SCHEMES, note="zeros would keep all units alike"),
    )
    distribution: str = setting(
        "uniform",
        "Distribution for xavier and kaiming: uniform or normal, with the same variance.",
        rule=Options("uniform", "normal"),
    )
    gain: float = setting(
        1.0,
        "Factor on the drawn weights, above 0.",
        search=Float(0.5, 2.0, log=True),
        rule=Range(0, 100, open_low=True),
    )
    std: float = setting(
        0.05,
        "Standard deviation of truncated_normal before truncation, above 0.",
        rule=Range(0, 10, open_low=True),
    )

    def on_model(self, model: nn.Module, run: Run) -> nn.Module:
        layers = [
            (path, module)
            for path, module in model.named_modules()
            if isinstance(module, nn.Conv2d | nn.Linear)
        ]
        for path, layer in layers:
            # Each layer has its own stream, so that an added layer does not change the others'
            # weights.
            generator = torch.Generator().manual_seed(
                run.stream(f"{self.name}.{path}").torch_seed()
            )
            with torch.no_grad():
                self.draw(layer.weight, generator)
                if layer.bias is not None:
                    layer.bias.zero_()
        run.notes[f"{self.name}.layers"] = len(layers)
        return model

    def draw(self, weight: Tensor, generator: torch.Generator) -> None:
        """Fill (outputs, inputs, ...) weights in place; `dirac` does not change linear ones."""
        init = nn.init
        if self.scheme == "xavier":
            fill = init.xavier_uniform_ if self.distribution == "uniform" else init.xavier_normal_
            fill(weight, generator=generator)
        elif self.scheme == "kaiming":
            even = self.distribution == "uniform"
            kaiming = init.kaiming_uniform_ if even else init.kaiming_normal_
            kaiming(weight, nonlinearity="relu", generator=generator)
        elif self.scheme == "orthogonal":
            init.orthogonal_(weight, generator=generator)
        elif self.scheme == "truncated_normal":
            cut = 2 * self.std
            init.trunc_normal_(weight, std=self.std, a=-cut, b=cut, generator=generator)
        elif weight.ndim == 4:
            init.dirac_(weight[: weight.shape[1]])
        weight.mul_(self.gain)
