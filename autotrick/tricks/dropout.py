"""Dropout: drop some of the features that the last layer receives.

Applies to the input of the layer that computes the logits, during training only. Remaining features
are scaled up by 1 / (1 - p), so evaluation needs no scaling (the paper scales at evaluation instead).
It adds to any dropout in the architecture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.domain import Float
from autotrick.lazy import functional
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import SRIVASTAVA_2014_DROPOUT
from autotrick.tricks.rules import Range
from autotrick.tricks.surgery import head

if TYPE_CHECKING:
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class Dropout(Trick):
    """Drop random features before the last layer during training."""

    name = "dropout"
    papers = (SRIVASTAVA_2014_DROPOUT,)
    position = 30
    expert = False

    probability: float = setting(
        0.5,
        "Share of features to drop, in [0, 1): 0 is off.",
        search=Float(0.05, 0.7),
        neutral=0.0,
        rule=Range(0, 1, open_high=True),
    )

    def on_model(self, model: Module, run: Run) -> Module:

        def hide(layer: Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
            return (functional.dropout(given[0], self.probability, layer.training), *given[1:])

        last = head(model, run.classes)
        if last is not None:
            last.register_forward_pre_hook(hide)
        run.notes[f"{self.name}.layers"] = int(last is not None)
        return model
