"""Group normalisation: normalise groups of channels of each image instead of the batch.

Replaces every batch normalisation, so results no longer depend on the batch. One group is layer
normalisation of maps; one channel per group is instance normalisation. If the number of channels is
not divisible by the number of groups, the next smaller divisor is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.domain import Choice
from autotrick.lazy import nn
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import WU_2018_GROUP_NORM
from autotrick.tricks.rules import Range
from autotrick.tricks.surgery import replace_norms

if TYPE_CHECKING:
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class GroupNorm(Trick):
    """Replace batch normalisation by normalisation of channel groups of each image."""

    name = "group_norm"
    slot = "norm"
    papers = (WU_2018_GROUP_NORM,)
    position = 10
    expert = False
    cost = 1.2

    groups: int = setting(
        32,
        "Number of channel groups, at least 1.",
        search=Choice((1, 4, 8, 16, 32)),
        rule=Range(1, 4096),
    )

    def on_model(self, model: Module, run: Run) -> Module:
        def grouped(norm: Any) -> Module:
            return nn.GroupNorm(divisor(norm.num_features, self.groups), norm.num_features)

        run.notes[f"{self.name}.layers"] = replace_norms(model, grouped)
        return model


def divisor(channels: int, groups: int) -> int:
    """Return the largest number up to `groups` that divides the channels."""
    return next(n for n in range(min(groups, channels), 0, -1) if channels % n == 0)
