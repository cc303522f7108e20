"""No decay on biases and normalisation: apply weight decay to weight matrices only.

The paper calls it "no bias decay".

All biases and all parameters of at most one dimension (scales and shifts of normalisation layers,
PReLU, layer scale) are exempt. The weights of convolutions and fully connected layers, including the
last one, are not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autotrick.tricks.base import Group, Run, Trick
from autotrick.tricks.papers import HE_2019_BAG_OF_TRICKS

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class NoNormDecay(Trick):
    """Exempt biases and the parameters of normalisation layers from weight decay."""

    name = "no_norm_decay"
    papers = (HE_2019_BAG_OF_TRICKS.at("section 3.1"),)

    def on_groups(self, groups: list[Group], run: Run) -> list[Group]:
        return [part for group in groups for part in split(group)]


def split(group: Group) -> list[Group]:
    """Return the group's weights, and its exempt parameters without weight decay; omit empty groups."""
    pairs = list(zip(group.names, group.parameters, strict=True))
    parts = []
    for without, decay in ((False, group.weight_decay), (True, 0.0)):
        mine = [(name, p) for name, p in pairs if exempt(name, p) == without]
        if mine:
            names, parameters = [name for name, _ in mine], [p for _, p in mine]
            parts.append(replace(group, names=names, parameters=parameters, weight_decay=decay))
    return parts


def exempt(name: str, parameter: Tensor) -> bool:
    """Return whether the named parameter is a bias or belongs to a normalisation layer."""
    return parameter.ndim <= 1 or name.rpartition(".")[2] == "bias"
