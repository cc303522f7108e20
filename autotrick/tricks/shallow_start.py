"""Shallow start: start a deep network from the trained layers of a shallower one.

The shallower network comes from a trial on the same data, given by its checkpoint and checksum, so
that the recipe determines the result. Its layers are matched in order with layers of the same kind
and shape in the new network: as many as possible, early ones first. Weights and running statistics
are copied. Other layers keep their initial weights.

Differs: the paper copies the first four convolutions and the last three fully connected layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.errors import RecipeError
from autotrick.lazy import torch
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.declare import checksum_setting
from autotrick.tricks.layers import Layer, layers
from autotrick.tricks.papers import SIMONYAN_2015_VGG
from autotrick.tricks.rules import Text

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class ShallowStart(Trick):
    """Copy the weights of a trained shallower network into the matching layers."""

    name = "shallow_start"
    papers = (SIMONYAN_2015_VGG.at("section 3.1"),)
    # Must run after `initialisation`, which draws the layers that receive no copy.
    position = 62
    expert = False
    only_weights = True

    checkpoint: str = setting(
        "",
        "Checkpoint file of the shallower network; empty is off.",
        neutral="",
        rule=Text("the path of a checkpoint"),
    )
    checksum: str = checksum_setting()

    def on_model(self, model: Module, run: Run) -> Module:
        small, deep = layers(run.network(self.checkpoint, self.checksum)), layers(model)
        pairs = alignment([kind(layer) for layer in small], [kind(layer) for layer in deep])
        if not pairs:
            raise RecipeError(
                f"shallow_start: no layer of {self.checkpoint} has the same shape as a layer of "
                f"{run.recipe.architecture}. Give a checkpoint of the same family."
            )
        for i, j in pairs:
            copy_layer(small[i], deep[j])
        run.notes[f"{self.name}.layers"] = len(pairs)
        return model


def kind(layer: Layer) -> tuple[object, ...]:
    """Return the properties that two layers must share to copy weights between them."""
    return tuple(
        (type(module).__name__, *(tuple(p.shape) for p in module.parameters(recurse=False)))
        for _, module in layer
    )


def copy_layer(source: Layer, target: Layer) -> None:
    """Copy parameters and running statistics."""
    with torch.no_grad():
        for (_, given), (_, taking) in zip(source, target, strict=True):
            for name, tensor in own(given).items():
                own(taking)[name].copy_(tensor)


def own(module: Module) -> dict[str, Tensor]:
    """Return the parameters and buffers of a module itself, without its submodules."""
    buffers = module.named_buffers(recurse=False)
    return {**dict(module.named_parameters(recurse=False)), **dict(buffers)}


def alignment(a: Sequence[object], b: Sequence[object]) -> list[tuple[int, int]]:
    """Return the longest list of index pairs of equal items that rise in both sequences.

    Among equally long lists, takes the one with the earliest indices in b.
    """
    most = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            skipped = max(most[i + 1][j], most[i][j + 1])
            most[i][j] = max(skipped, most[i + 1][j + 1] + 1) if a[i] == b[j] else skipped
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j] and most[i][j] == most[i + 1][j + 1] + 1:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif most[i + 1][j] >= most[i][j]:
            i += 1
        else:
            j += 1
    return pairs
