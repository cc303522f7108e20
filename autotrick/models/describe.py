"""Compute the cost of a network: weights and multiply-adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autotrick.lazy import nn, torch

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


class Cost(NamedTuple):
    """Hold the trainable weights, and the multiply-adds of convolutions and linear layers per image."""

    parameters: int
    multiply_adds: int


def describe(model: Module, shape: tuple[int, int, int]) -> Cost:
    """Count weights and multiply-adds by running the network on one empty image.

    Args:
        model: The network; its mode does not change.
        shape: (C, H, W) of an image.
    """
    total = 0

    def count(module: Any, _: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        # Each output is a sum over one row of the weights.
        total += output.numel() * module.weight[0].numel()

    kinds = (nn.Conv2d, nn.Linear)
    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, kinds)]
    training = model.training
    device = next(model.parameters()).device
    try:
        with torch.no_grad():
            model.eval()
            # Bypasses torch.compile, which would compile again for this one image.
            model.forward(torch.zeros(1, *shape, device=device))
    finally:
        model.train(training)
        for hook in hooks:
            hook.remove()
    weights = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    return Cost(weights, total)
