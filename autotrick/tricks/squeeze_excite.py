"""Squeeze-and-excitation: scale each channel by a gate computed from the whole map.

Channel means pass through two linear layers and a sigmoid, which scale the channels. The block sits
at the end of each residual branch; in a network without shortcuts, after each activation of maps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from autotrick.domain import Choice
from autotrick.lazy import nn
from autotrick.tricks.base import Claim, Run, Trick, setting
from autotrick.tricks.graph import branches, outputs
from autotrick.tricks.papers import HU_2018_SQUEEZE_EXCITE
from autotrick.tricks.rules import Range
from autotrick.tricks.surgery import is_activation, put, seeded

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class SqueezeExcite(Trick):
    """Scale channels by gates computed from the means of all channels."""

    name = "squeeze_excite"
    papers = (HU_2018_SQUEEZE_EXCITE,)
    claims = (
        Claim("cifar100", "resnet18", 75.61, 76.44, "weiaicunzai"),
        Claim("cifar100", "resnet34", 76.76, 77.93, "weiaicunzai"),
    )
    cost = 1.2
    position = 20
    expert = False

    reduction: int = setting(
        16,
        "Ratio of channels to units between the two layers, at least 1.",
        search=Choice((4, 8, 16)),
        rule=Range(1, 4096),
    )

    def on_model(self, model: Module, run: Run) -> Module:
        maps: dict[str, int] = {}

        def note(path: str, given: Tensor) -> None:
            if given.ndim == 4:
                maps[path] = given.shape[1]

        outputs(model, run, note)
        ends = [branch.end for branch in branches(model, run)]
        if not ends:
            ends = [path for path, module in model.named_modules() if is_activation(module)]
        places = [path for path in dict.fromkeys(ends) if path in maps]
        with seeded(run, self.name):
            for path in places:
                channels = maps[path]
                block = gate()(channels, max(1, channels // self.reduction))
                put(model, path, nn.Sequential(model.get_submodule(path), block))
        run.notes[f"{self.name}.layers"] = len(places)
        return model


@cache
def gate() -> type[Module]:
    """Return the squeeze-and-excitation layer."""

    class Gate(nn.Module):
        """Scale (N, C, H, W) maps by one gate in (0, 1) per channel."""

        def __init__(self, channels: int, between: int) -> None:
            super().__init__()
            self.squeeze = nn.Linear(channels, between)
            self.excite = nn.Linear(between, channels)

        def forward(self, maps: Tensor) -> Tensor:
            means = maps.mean((2, 3))
            gates: Tensor = self.excite(self.squeeze(means).relu()).sigmoid()
            return maps * gates[:, :, None, None]

    return Gate
