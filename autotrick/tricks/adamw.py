"""AdamW: Adam with decoupled weight decay.

Weight decay acts on the weights directly. The trick has its own, because the same number means
something else for SGD.

Differs: as in torch, an update subtracts lr x weight_decay of each weight, with lr the full learning
rate. The paper multiplies the decay by the schedule's factor only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.lazy import torch
from autotrick.tricks.adam import Adam
from autotrick.tricks.optimizers import decay_setting
from autotrick.tricks.papers import LOSHCHILOV_2019_ADAMW


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """Run Adam with weight decay decoupled from the gradient."""

    name = "adamw"
    papers = (LOSHCHILOV_2019_ADAMW,)

    weight_decay: float = decay_setting(0.05, 1e-3, 0.3)

    def base_decay(self) -> float:
        return self.weight_decay

    def kind(self) -> Callable[..., torch.optim.Optimizer]:
        return torch.optim.AdamW
