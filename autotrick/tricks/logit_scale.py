"""Logit scale: multiply the logits by a constant.

A scale below 1 starts training from more uniform predictions and slows down the last layer. It
multiplies any scale in the architecture (fastnet has the paper's 1/9) and also applies to evaluation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.domain import Float
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import JORDAN_2024_AIRBENCH
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class LogitScale(Trick):
    """Multiply the logits by a constant, in training and evaluation."""

    name = "logit_scale"
    tasks = frozenset({"classification"})
    papers = (JORDAN_2024_AIRBENCH,)
    position = 90
    expert = False

    scale: float = setting(
        1 / 9,
        "Factor on the logits, above 0: 1 is off.",
        search=Float(0.05, 4.0, log=True),
        neutral=1.0,
        rule=Range(0, 100, open_low=True),
    )

    def on_model(self, model: Module, run: Run) -> Module:
        def multiply(_: Module, __: Any, logits: Tensor) -> Tensor:
            return logits * self.scale

        model.register_forward_hook(multiply)
        return model
