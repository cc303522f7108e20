"""Muon: matrices take orthogonal steps (Jordan, 2024)."""

import torch
from torch import Tensor


class Muon(torch.optim.Optimizer):
    """Orthogonal steps for the groups of matrices, SGD with Nesterov's momentum for the others."""

    @torch.no_grad()
    def step(self) -> None:
        """Take a step."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self.move(weight, group, self.state[weight])

    def move(self, weight: Tensor, group: dict, state: dict) -> None:
        """Take a step for one tensor."""
        gradient, decay, momentum = weight.grad, group["weight_decay"], group["momentum"]
        if not group["matrices"]:
            gradient = gradient.add(weight, alpha=decay)
        mean = state.setdefault("momentum_buffer", torch.zeros_like(weight))
        mean.mul_(momentum).add_(gradient)
        step = gradient.add(mean, alpha=momentum)
        if group["matrices"]:
            weight.mul_(1 - group["lr"] * decay)
            rows = step.flatten(1)
            long = max(1.0, rows.shape[0] / rows.shape[1]) ** 0.5
            step = orthogonal(rows).reshape(weight.shape) * long
        weight.add_(step, alpha=-group["lr"])


def orthogonal(matrix: Tensor) -> Tensor:
    """Return an orthogonal matrix near to a matrix, by five Newton-Schulz iterations."""
    a, b, c = (3.4445, -4.775, 2.0315)
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / x.norm().clamp(min=1e-07)
    for _ in range(5):
        square = x @ x.T
        x = torch.addmm(x, b * square + c * square @ square, x, beta=a)
    return x.T if tall else x
