"""LARS: SGD with each layer's step scaled to the norm of its weights.

Uses timm's Lars. Its learning rate applies to weights of two and more dimensions: a step is lr x
trust of a weight's norm, so 1 x 0.001 is a thousandth. Weight decay is the recipe's and is added to
the gradient (L2).

Differs: biases and normalisation parameters, whose norm is not meaningful, are neither adapted nor
decayed and use the recipe's learning rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.tricks.base import Claim, Run, Trick, setting
from autotrick.tricks.optimizers import lr_setting, share_setting, split, with_lr
from autotrick.tricks.papers import YOU_2017_LARS
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    import torch

    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class Lars(Trick):
    """Scale SGD's step in each layer to the norm of the layer's weights."""

    name = "lars"
    slot = "optimizer"
    papers = (YOU_2017_LARS,)
    claims = (
        Claim(
            "cifar10",
            "resnet-preact-20",
            89.68,
            91.79,
            "batch 4096; hysts/pytorch_image_classification",
        ),
    )
    cost = 1.05

    lr: float = lr_setting(1.0, 0.2, 20.0)
    momentum: float = share_setting(
        0.9, "Momentum: share of the previous step that is repeated, in [0, 1)."
    )
    trust: float = setting(
        0.001,
        "Step length at learning rate 1 as a share of the weights' norm, above 0.",
        rule=Range(0, open_low=True),
    )

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        import timm.optim

        weights = {id(p) for p in run.model.parameters() if p.ndim > 1}
        adapted, plain = split(groups, weights)
        made: torch.optim.Optimizer = timm.optim.Lars(
            [
                *(
                    group | {"always_adapt": True}
                    for group in with_lr(adapted, self.lr, run.recipe)
                ),
                # timm adapts every parameter that it decays.
                *(group | {"always_adapt": False, "weight_decay": 0.0} for group in plain),
            ],
            momentum=self.momentum,
            trust_coeff=self.trust,
        )
        return made
