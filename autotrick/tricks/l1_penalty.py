"""L1 penalty: pull all weights towards zero with the same force.

Adds the weighted sum of absolute weights to the loss. Reports contain its value at the end of an
epoch separately from the loss of the examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.lazy import torch
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.no_norm_decay import exempt
from autotrick.tricks.papers import TIBSHIRANI_1996_LASSO
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class L1Penalty(Trick):
    """Add the sum of absolute weights to the loss."""

    name = "l1_penalty"
    papers = (TIBSHIRANI_1996_LASSO,)
    position = 80
    expert = False
    cost = 1.05

    weight: float = setting(
        1e-5,
        "Factor on the sum of absolute weights, at least 0: 0 is off.",
        search=Float(1e-7, 1e-3, log=True),
        neutral=0.0,
        rule=Range(0, 1),
    )
    exempt: bool = setting(
        True,
        "Whether to exempt biases and normalisation.",
    )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        return loss + self._term(run.model)

    def model_for_evaluation(self, model: nn.Module, run: Run) -> nn.Module:
        with torch.no_grad():
            run.metrics[self.name] = float(self._term(run.model))
        return model

    def _term(self, model: nn.Module) -> Tensor:
        sizes = [self.size(p) for p in penalised(model, without_exempt=self.exempt)]
        return self.weight * torch.stack(sizes).sum()

    def size(self, weights: Tensor) -> Tensor:
        """Return the penalty on these weights before weighting."""
        return weights.abs().sum()


def penalised(model: nn.Module, *, without_exempt: bool) -> list[nn.Parameter]:
    """Return the trained parameters, without biases and normalisation if asked."""
    return [
        p
        for name, p in model.named_parameters()
        if p.requires_grad and not (without_exempt and exempt(name, p))
    ]
