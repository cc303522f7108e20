"""DropBlock: drop square blocks of feature maps during training.

Sets squares of `size` units of every feature map to 0 and scales up the rest so that the mean of the
maps does not change. Squares lie entirely inside a map. Their density follows the paper's equation 1,
which ignores overlaps, so slightly less than `probability` is dropped. The probability rises linearly
from 0, which is the paper's schedule.

Applies to the outputs of the last layers with maps. In networks with shortcuts that is after the
addition, whereas the paper treats convolutions and shortcuts separately. If the size is even or
exceeds a map, the next smaller odd size is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from autotrick.domain import Choice, Float
from autotrick.lazy import functional, torch
from autotrick.tricks.base import Claim, Run, Trick, setting
from autotrick.tricks.graph import waists
from autotrick.tricks.papers import GHIASI_2018_DROPBLOCK
from autotrick.tricks.rules import Range
from autotrick.tricks.surgery import during_training

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class DropBlock(Trick):
    """Drop random squares of the feature maps of late layers during training."""

    name = "drop_block"
    papers = (GHIASI_2018_DROPBLOCK,)
    claims = (
        Claim("imagenet", "resnet50", 76.51, 78.13),
        Claim("cifar100", "pyramidnet-200", 83.55, 84.27, "table of the CutMix paper"),
    )
    position = 75
    expert = False
    cost = 1.3

    probability: float = setting(
        0.1,
        "Approximate share of units dropped at the end, in [0, 1): 0 is off.",
        search=Float(0.02, 0.25),
        neutral=0.0,
        rule=Range(0, 1, open_high=True),
    )
    size: int = setting(
        7,
        "Side of a square in units of the feature map, at least 1.",
        search=Choice((1, 3, 5, 7)),
        rule=Range(1, 1000),
    )
    ramp: float = setting(
        1.0,
        "Share of all updates over which the probability rises from 0, in [0, 1]; 0 starts at full.",
        rule=Range(0, 1),
    )
    layers: float = setting(
        0.5,
        "Share of the layers with maps to apply it to, counted from the last, in (0, 1].",
        search=Float(0.25, 1.0),
        rule=Range(0, 1, open_low=True),
    )

    def on_model(self, model: Module, run: Run) -> Module:
        maps = [waist for waist in waists(model, run) if len(waist.shape) == 3]
        last = {waist.layers: waist.path for waist in maps if max(waist.shape[1:]) > 1}
        places = [path for count, path in last.items() if count > 0]
        chosen = places[len(places) - max(1, round(self.layers * len(places))) :]
        run.scratch[self.name] = {"places": chosen if places else []}
        run.notes[f"{self.name}.layers"] = len(chosen) if places else 0
        return model

    def on_start(self, run: Run) -> None:
        for path in run.scratch.get(self.name, {}).get("places", ()):
            during_training(run, path, partial(self.hide, run, path))

    def hide(self, run: Run, path: str, maps: Tensor) -> Tensor:
        """Return the (N, C, H, W) maps of a layer with the current update's squares dropped."""
        done = run.update / run.updates
        probability = self.probability * (min(1.0, done / self.ramp) if self.ramp else 1.0)
        if probability == 0:
            return maps
        seed = run.stream(f"{self.name}.{path}").torch_seed(run.address)
        generator = torch.Generator(maps.device).manual_seed(seed)
        return without_blocks(maps, probability, self.size, generator)


def without_blocks(
    maps: Tensor, probability: float, size: int, generator: torch.Generator
) -> Tensor:
    """Return (N, C, H, W) maps with squares set to 0 and the rest scaled up.

    Args:
        probability: Approximate share of units to drop.
        size: Side of a square, in units.
        generator: A generator on the device of the maps.
    """
    count, channels, height, width = maps.shape
    side = min(size, height, width)
    side -= 1 - side % 2
    rows, columns = height - side + 1, width - side + 1
    density = min(1.0, probability * height * width / (side**2 * rows * columns))
    seeds = maps.new_empty((count, channels, rows, columns))
    seeds.bernoulli_(density, generator=generator)
    around = side // 2
    framed = functional.pad(seeds, [around] * 4)
    kept = 1 - functional.max_pool2d(framed, side, stride=1, padding=around)
    return maps * kept * (kept.numel() / kept.sum().clamp_min(1))
