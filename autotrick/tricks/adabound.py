"""AdaBound: Adam with bounds on the step that converge to SGD's.

The bounds follow the authors' code.

In update t, each weight moves by the mean gradient m times its rate, which is lr sqrt(1 - beta2^t) /
(1 - beta1^t) / (sqrt(v) + eps) clipped to [f (1 - 1 / (gamma t + 1)), f (1 + 1 / (gamma t))]. f is
final_lr times the factors that schedules, batch size and parameter groups apply to lr, so a decay
also lowers the bounds. Weight decay is the recipe's and is added to the gradient (L2); `adaboundw`
decouples it.

Differs: by default, gamma covers the whole training and is divided by the number of updates. The
paper's 0.001 per update closes the bounds in 78 thousand updates (gamma 78). In a training of 400
updates it would leave them at 0.29 and 3.5 times final_lr, which is Adam to the end. `per_update`
uses gamma as in the paper.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from autotrick.domain import Choice, Float
from autotrick.lazy import torch
from autotrick.tricks.base import Paper, Run, Trick, setting
from autotrick.tricks.optimizers import (
    beta1_setting,
    beta2_setting,
    eps_setting,
    lr_setting,
    with_lr,
)
from autotrick.tricks.papers import LUO_2019_ADABOUND
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor

    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class AdaBound(Trick):
    """Start as Adam and end as SGD, by narrowing bounds on each weight's learning rate."""

    name = "adabound"
    slot = "optimizer"
    papers: ClassVar[tuple[Paper, ...]] = (LUO_2019_ADABOUND,)
    cost = 1.05

    lr: float = lr_setting(1e-3, 1e-4, 1e-2)
    final_lr: float = setting(
        0.1,
        "Learning rate of the final SGD, at 256 examples per update, above 0.",
        search=Float(0.01, 1.0, log=True),
        rule=Range(0, open_low=True),
    )
    gamma: float = setting(
        78.0,
        "Speed at which the bounds close, above 0: over the whole training, or per update.",
        search=Float(10.0, 1000.0, log=True),
        rule=Range(0, open_low=True),
    )
    per_update: bool = setting(
        False,
        "Whether gamma is the speed per update, as in the paper (0.001).",
    )
    amsbound: bool = setting(
        False,
        "Whether to divide by the largest mean square so far (AMSBound in the paper).",
        search=Choice((False, True)),
    )
    beta1: float = beta1_setting(0.9)
    beta2: float = beta2_setting(0.999)
    eps: float = eps_setting(1e-8)

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        return optimizer()(with_lr(groups, self.lr, run.recipe), self._defaults(run))

    def _defaults(self, run: Run) -> dict[str, Any]:
        return {
            "final_per_lr": self.final_lr / self.lr,
            "gamma": self.gamma if self.per_update else self.gamma / run.updates,
            "amsbound": self.amsbound,
            "betas": (self.beta1, self.beta2),
            "eps": self.eps,
            "decoupled": False,
        }


def bounds(update: int, gamma: float) -> tuple[float, float]:
    """Return the lower and upper bound on a weight's rate, as shares of the final rate.

    Args:
        update: Counted from 1.
        gamma: Speed at which the bounds close, per update.
    """
    return 1 - 1 / (gamma * update + 1), 1 + 1 / (gamma * update)


@cache
def optimizer() -> type[torch.optim.Optimizer]:
    """Return the optimizer class; the trainer adds its own values to the parameter groups."""

    class Bounded(torch.optim.Optimizer):
        @torch.no_grad()
        def step(self, closure: Any = None) -> Any:
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        _step(p, group, self.state[p])

    return Bounded


def _step(p: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
    """Update one parameter from its gradient."""
    assert p.grad is not None
    grad, decay, (beta1, beta2) = p.grad, group["weight_decay"], group["betas"]
    if group["decoupled"]:
        p.mul_(1 - decay * group["scale"] * group["lr"] / group["peak"])
    else:
        grad = grad.add(p, alpha=decay)
    if not state:
        state |= {"step": 0, "mean": torch.zeros_like(p), "square": torch.zeros_like(p)}
    state["step"] += 1
    state["mean"].lerp_(grad, 1 - beta1)
    state["square"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    square = state["square"]
    if group["amsbound"]:
        square = torch.maximum(state.setdefault("largest", torch.zeros_like(p)), square)
        state["largest"] = square
    corrected = math.sqrt(1 - beta2 ** state["step"]) / (1 - beta1 ** state["step"])
    low, high = bounds(state["step"], group["gamma"])
    final = group["final_per_lr"] * group["lr"]
    rates = (group["lr"] * corrected / (square.sqrt() + group["eps"])).clamp_(
        final * low, final * high
    )
    p.addcmul_(rates, state["mean"], value=-1)
