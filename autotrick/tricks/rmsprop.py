"""RMSprop: divide each gradient by the root of its running mean square.

The kinds differ in ways that matter for short trainings. TensorFlow's adds epsilon inside the root,
starts the mean square at 1 and multiplies by the learning rate before the momentum. The settings of
EfficientNet rely on this (Tan and Le, 2019: 0.016 at 256 examples, decay and momentum 0.9, epsilon
0.001). torch's adds epsilon outside the root and starts at 0. Weight decay is the recipe's and is
added to the gradient (L2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Choice, Float
from autotrick.lazy import torch
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.optimizers import eps_setting, lr_setting, share_setting, with_lr
from autotrick.tricks.papers import TAN_2019_EFFICIENTNET, TIELEMAN_2012_RMSPROP
from autotrick.tricks.rules import Options

if TYPE_CHECKING:
    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class RmsProp(Trick):
    """Divide each gradient by the root of its running mean square, then add momentum."""

    name = "rmsprop"
    slot = "optimizer"
    papers = (TIELEMAN_2012_RMSPROP, TAN_2019_EFFICIENTNET)

    lr: float = lr_setting(0.016, 1e-3, 0.05)
    kind: str = setting(
        "tensorflow",
        "Definition to follow: tensorflow or torch.",
        search=Choice(("tensorflow", "torch")),
        rule=Options("tensorflow", "torch"),
    )
    decay: float = share_setting(
        0.9, "Share of the running mean of squared gradients that an update keeps, in [0, 1)."
    )
    momentum: float = share_setting(
        0.9,
        "Momentum: share of the previous step that is repeated, in [0, 1).",
        search=Float(0.0, 0.95),
    )
    eps: float = eps_setting(1e-3)

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        from timm.optim import RMSpropTF

        kind = RMSpropTF if self.kind == "tensorflow" else torch.optim.RMSprop
        made: torch.optim.Optimizer = kind(
            with_lr(groups, self.lr, run.recipe),
            alpha=self.decay,
            momentum=self.momentum,
            eps=self.eps,
        )
        made.register_load_state_dict_post_hook(_begin_momentum)
        return made


def _begin_momentum(optimizer: torch.optim.Optimizer) -> None:
    """Give weights without momentum a zero step to repeat, in case a schedule switches it on."""
    for weight, state in optimizer.state.items():
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(weight)
