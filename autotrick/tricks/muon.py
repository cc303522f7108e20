"""Muon: momentum with steps orthogonalised layer by layer.

A convolution counts as a matrix with one row per output channel. As in the original, another
optimizer trains the last layer, biases and normalisation: here SGD with Nesterov momentum at the
recipe's learning rate, momentum and weight decay (L2), as in airbench. Steps of matrices are
multiplied by sqrt(max(1, rows / columns)); their weight decay is the recipe's, decoupled.
torch.optim.Muon only supports two-dimensional weights.

Differs: the iteration runs in 32 bits instead of bfloat16, so that machines agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from autotrick.domain import Float
from autotrick.lazy import torch
from autotrick.tricks.base import Run, Trick
from autotrick.tricks.layers import head
from autotrick.tricks.optimizers import lr_setting, share_setting, split, with_lr
from autotrick.tricks.papers import JORDAN_2024_MUON

if TYPE_CHECKING:
    from torch import Tensor

    from autotrick.tricks.optimizers import Groups


@dataclass(frozen=True, kw_only=True)
class Muon(Trick):
    """Orthogonalise the momentum of every weight matrix before each step."""

    name = "muon"
    slot = "optimizer"
    papers = (JORDAN_2024_MUON,)
    cost = 1.1

    lr: float = lr_setting(0.02, 2e-3, 0.2)
    momentum: float = share_setting(
        0.95,
        "Share of a matrix's previous momentum that an update keeps, in [0, 1).",
        search=Float(0.6, 0.98),
    )

    def make_optimizer(self, groups: Groups, run: Run) -> torch.optim.Optimizer:
        last = {id(p) for p in head(run.model).values()}
        matrices = {id(p) for p in run.model.parameters() if p.ndim > 1} - last
        inner, outer = split(groups, matrices)
        inner = [
            group | {"momentum": self.momentum} for group in with_lr(inner, self.lr, run.recipe)
        ]
        outer = [group | {"momentum": run.recipe.momentum, "matrices": False} for group in outer]
        return optimizer()([*inner, *outer], {"matrices": True})


@cache
def optimizer() -> type[torch.optim.Optimizer]:
    """Return the optimizer class; groups tell whether they hold `matrices`."""

    class MuonOptimizer(torch.optim.Optimizer):
        @torch.no_grad()
        def step(self, closure: Any = None) -> Any:
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        _step(p, group, self.state[p])

    return MuonOptimizer


def _step(p: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
    """Update one parameter from its gradient."""
    grad, decay, lr, momentum = p.grad, group["weight_decay"], group["lr"], group["momentum"]
    assert grad is not None
    if not group["matrices"]:
        grad = grad.add(p, alpha=decay)
    mean = state.setdefault("momentum_buffer", torch.zeros_like(p))
    mean.mul_(momentum).add_(grad)
    step = grad.add(mean, alpha=momentum)
    if group["matrices"]:
        p.mul_(1 - lr * decay)
        rows = step.flatten(1)
        long = max(1.0, rows.shape[0] / rows.shape[1]) ** 0.5
        step = orthogonal(rows).reshape(p.shape) * long
    p.add_(step, alpha=-lr)


def orthogonal(matrix: Tensor, *, iterations: int = 5) -> Tensor:
    """Return approximately the nearest (rows, columns) matrix with singular values 1.

    Uses a Newton-Schulz iteration with coefficients chosen for speed, which ends with singular values
    of about 0.7 to 1.2.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(iterations):
        square = x @ x.T
        x = torch.addmm(x, b * square + c * square @ square, x, beta=a)
    return x.T if tall else x
