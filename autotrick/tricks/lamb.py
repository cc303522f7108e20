"""LAMB: Adam with each layer's step scaled to the norm of its weights.

Uses timm's Lamb with the paper's choices: all parameters are adapted, and gradients are not clipped
(add `clip_norm` for NVIDIA's variant, which is timm's default). The trick has its own decoupled
weight decay, which is part of the step that is rescaled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from autotrick.tricks.adamw import AdamW
from autotrick.tricks.optimizers import decay_setting, eps_setting, lr_setting
from autotrick.tricks.papers import YOU_2020_LAMB

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Lamb(AdamW):
    """Scale Adam's step in each layer to the norm of the layer's weights."""

    name = "lamb"
    papers = (YOU_2020_LAMB,)
    cost = 1.05

    lr: float = lr_setting(2e-3, 5e-4, 2e-2)
    weight_decay: float = decay_setting(0.02, 1e-3, 0.1)
    eps: float = eps_setting(1e-6)

    def kind(self) -> Callable[..., torch.optim.Optimizer]:
        import timm.optim

        return partial(timm.optim.Lamb, max_grad_norm=None, always_adapt=True)
