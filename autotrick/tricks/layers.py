"""List the layers of a network from input to output.

A layer is a module with a weight of two or more dimensions (a convolution or fully connected layer),
together with the following modules that only have smaller parameters (normalisation). The order is
that of the network's module names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

Layer = list[tuple[str, "nn.Module"]]


def layers(model: nn.Module) -> list[Layer]:
    """Return the modules with parameters of every layer, each with its name."""
    found: list[Layer] = []
    for name, module in model.named_modules():
        own = list(module.parameters(recurse=False))
        if own and (not found or any(p.ndim > 1 for p in own)):
            found.append([])
        if own:
            found[-1].append((name, module))
    return found


def parameters(layer: Layer) -> dict[str, nn.Parameter]:
    """Return a layer's parameters by their name in the network."""
    return {
        f"{name}.{key}" if name else key: p
        for name, module in layer
        for key, p in module.named_parameters(recurse=False)
    }


def head(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters of the last layer, which computes the logits."""
    return parameters(layers(model)[-1])
