"""Manifold mixup: blend pairs of examples inside the network.

For each batch, draws a layer: the input or the output of one of the first layers. Its output is
blended with a shuffled copy of itself, as mixup blends images, and the targets are blended by the
same weight.

Differs: candidates are all layers up to `depth` that no shortcut bypasses. In residual networks the
paper uses the input and the ends of the first two groups of blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.lazy import torch
from autotrick.tricks.base import Batch, Claim, Run, Trick, setting
from autotrick.tricks.graph import waists
from autotrick.tricks.mixup import blend
from autotrick.tricks.papers import VERMA_2019_MANIFOLD_MIXUP
from autotrick.tricks.rules import Range
from autotrick.tricks.surgery import during_training

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

_PAIRS = "it compares two views of an image, which would be mixed with other images"


@dataclass(frozen=True, kw_only=True)
class ManifoldMixup(Trick):
    """Blend the examples of a batch in a random layer of the network, and their targets."""

    name = "manifold_mixup"
    tasks = frozenset({"classification"})
    slot = "mix"
    excludes = {
        "distillation": "the teacher would see images that are not mixed",
        "dual_cutout": _PAIRS,
    }
    papers = (VERMA_2019_MANIFOLD_MIXUP,)
    claims = (Claim("cifar100", "pyramidnet-200", 83.55, 83.86, "table of the CutMix paper"),)
    # Must run after every change to the network and before images change their size.
    position = 75
    expert = False

    alpha: float = setting(
        2.0,
        "Blend weight follows Beta(alpha, alpha): 0 is off, 1 is uniform.",
        search=Float(0.2, 4.0, log=True),
        neutral=0.0,
        rule=Range(0, 1000),
    )
    depth: float = setting(
        0.5,
        "Share of the layers, counted from the first, to choose from, in [0, 1]; 0 is the input only.",
        search=Float(0.0, 1.0),
        rule=Range(0, 1),
    )

    def on_model(self, model: Module, run: Run) -> Module:
        last = {waist.layers: waist.path for waist in waists(model, run) if waist.layers}
        places = list(last.values())[:-1]  # every layer except the logits
        places = places[: round(self.depth * len(places))]
        run.scratch[self.name] = {"places": places}
        run.notes[f"{self.name}.layers"] = len(places)
        return model

    def on_start(self, run: Run) -> None:
        for number, path in enumerate(self._places(run), start=1):
            during_training(run, path, partial(self.mixed, run, number))

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        _, weight, partner = self.draw(run, len(batch.samples))
        batch.images = self.mixed(run, 0, batch.images)
        batch.targets = blend(batch.targets, partner, weight)
        return batch

    def mixed(self, run: Run, place: int, values: Tensor) -> Tensor:
        """Return (N, ...) values at a layer (0 is the input), blended if this batch drew it."""
        drawn, weight, partner = self.draw(run, len(values))
        return blend(values, partner, weight) if drawn == place else values

    def draw(self, run: Run, count: int) -> tuple[int, float, Tensor]:
        """Return the current batch's layer, the weight of each example itself, and its partner."""
        rng = run.generator(self.name)
        place = int(rng.integers(len(self._places(run)) + 1))
        weight = float(rng.beta(self.alpha, self.alpha))
        return place, weight, torch.from_numpy(rng.permutation(count)).to(run.device)

    def _places(self, run: Run) -> list[str]:
        found: list[str] = run.scratch.get(self.name, {}).get("places", [])
        return found
