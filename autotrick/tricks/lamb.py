"""LAMB: Adam whose step in each layer is as long as a share of the layer's weights.

You, Li, Reddi, Hseu, Kumar, Bhojanapalli, Song, Demmel, Keutzer, Hsieh, "Large Batch Optimization for
Deep Learning: Training BERT in 76 minutes", ICLR 2020. https://arxiv.org/abs/1904.00962

timm's Lamb with the paper's choices: every parameter is adapted, and gradients are not clipped (add
`clip_norm` for NVIDIA's variant, which is timm's default). Weight decay is decoupled, its own, and
part of the step whose length is adapted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    import torch

    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class Lamb(Trick):
    """Give Adam's step in each layer a length in proportion to the layer's weights."""

    name = "lamb"
    slot = "optimizer"
    papers = (
        Paper(
            "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes",
            "You, Li, Reddi, Hseu, Kumar, Bhojanapalli, Song, Demmel, Keutzer, Hsieh",
            2020,
            "https://arxiv.org/abs/1904.00962",
        ),
    )
    cost = 1.05

    lr: float = lr_setting(2e-3, 5e-4, 2e-2)
    weight_decay: float = decay_setting(0.02, 1e-3, 0.1)
    beta1: float = beta1_setting(0.9)
    beta2: float = beta2_setting(0.999)
    eps: float = eps_setting(1e-6)

    def base_decay(self) -> float:
        return self.weight_decay

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        import timm.optim

        made: torch.optim.Optimizer = timm.optim.Lamb(
            with_lr(groups, self.lr, run.recipe),
            betas=(self.beta1, self.beta2),
            eps=self.eps,
            max_grad_norm=None,
            always_adapt=True,
        )
        return made
