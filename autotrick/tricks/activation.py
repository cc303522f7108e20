"""Activation: choose the nonlinearity between layers.

The paper's Swish is what torch calls SiLU (`silu`).

Replaces every activation module (ReLU, GELU, SiLU and so on) with the chosen one. Sigmoid gates of
squeeze-and-excitation stay sigmoids. Initial weights do not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Choice
from autotrick.lazy import nn
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import MISRA_2020_MISH, RAMACHANDRAN_2017_SWISH
from autotrick.tricks.rules import Options
from autotrick.tricks.surgery import is_activation, replace

if TYPE_CHECKING:
    from torch.nn import Module

FUNCTIONS = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "mish": "Mish",
    "hardswish": "Hardswish",
}
"Map the setting's values to torch's class names."


@dataclass(frozen=True, kw_only=True)
class Activation(Trick):
    """Replace the network's activation functions with another one."""

    name = "activation"
    papers = (RAMACHANDRAN_2017_SWISH, MISRA_2020_MISH)
    position = 12
    expert = False
    cost = 1.2

    function: str = setting(
        "silu",
        f"The activation function: {', '.join(FUNCTIONS)}.",
        search=Choice(tuple(FUNCTIONS)),
        rule=Options(*FUNCTIONS),
    )

    def on_model(self, model: Module, run: Run) -> Module:
        made = getattr(nn, FUNCTIONS[self.function])
        run.notes[f"{self.name}.layers"] = replace(model, is_activation, lambda _: made())
        return model
