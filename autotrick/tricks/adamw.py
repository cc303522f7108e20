"""AdamW: Adam with weight decay that acts on the weights and not through the gradient.

Weight decay is decoupled and its own, as that of SGD means something else.

Differs: as in torch, an update takes lr x weight_decay off, with lr the whole learning rate; in the
paper the decay is multiplied by the schedule's factor alone.
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
    """Adam, with weight decay kept apart from the gradient."""

    name = "adamw"
    papers = (LOSHCHILOV_2019_ADAMW,)

    weight_decay: float = decay_setting(0.05, 1e-3, 0.3)

    def base_decay(self) -> float:
        return self.weight_decay

    def kind(self) -> Callable[..., torch.optim.Optimizer]:
        return torch.optim.AdamW
