"""AdamW: Adam with weight decay that acts on the weights and not through the gradient.

Loshchilov, Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.
https://arxiv.org/abs/1711.05101

Weight decay is decoupled and its own, as that of SGD means something else.

Differs: as in torch, an update takes lr x weight_decay off, with lr the whole learning rate; in the
paper the decay is multiplied by the schedule's factor alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.lazy import torch
from autotrick.tricks.base import Paper, Run, Trick
from autotrick.tricks.optimizers import (
    beta1_setting,
    beta2_setting,
    decay_setting,
    eps_setting,
    lr_setting,
    with_lr,
)

if TYPE_CHECKING:
    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class AdamW(Trick):
    """Adam, with weight decay kept apart from the gradient."""

    name = "adamw"
    slot = "optimizer"
    papers = (
        Paper(
            "Decoupled Weight Decay Regularization",
            "Loshchilov, Hutter",
            2019,
            "https://arxiv.org/abs/1711.05101",
        ),
    )

    lr: float = lr_setting(1e-3, 1e-4, 1e-2)
    weight_decay: float = decay_setting(0.05, 1e-3, 0.3)
    beta1: float = beta1_setting(0.9)
    beta2: float = beta2_setting(0.999)
    eps: float = eps_setting(1e-8)

    def base_decay(self) -> float:
        return self.weight_decay

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        return torch.optim.AdamW(
            with_lr(groups, self.lr, run.recipe), betas=(self.beta1, self.beta2), eps=self.eps
        )
