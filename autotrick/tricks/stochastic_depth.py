"""Stochastic depth: skip random residual branches during training.

Block l of L is skipped with probability l / L times that of the last block, drawn once per batch as
in the paper, or per image. Differs: remaining branches are scaled up by 1 / (1 - p) in training,
whereas the paper scales down in evaluation; the mean is the same. The network's graph, not names,
identifies the branches. Unsuitable for shallow networks. In a network without residual branches it
changes nothing: reports record that as 0 `branches`, and a search says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.domain import Choice, Float
from autotrick.tricks.base import Claim, Run, Trick, setting
from autotrick.tricks.graph import branches
from autotrick.tricks.papers import HUANG_2016_STOCHASTIC_DEPTH
from autotrick.tricks.rules import Options, Range

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class StochasticDepth(Trick):
    """Skip residual branches at random during training, later ones more often."""

    name = "stochastic_depth"
    papers = (HUANG_2016_STOCHASTIC_DEPTH,)
    claims = (Claim("cifar100", "resnet18", 75.61, 68.60, "a shallow network; weiaicunzai"),)
    position = 40
    expert = False

    probability: float = setting(
        0.5,
        "Probability that the last branch is skipped, in [0, 1): 0 is off.",
        search=Float(0.05, 0.5),
        neutral=0.0,
        rule=Range(0, 1, open_high=True),
    )
    unit: str = setting(
        "batch",
        "Unit of a draw: the batch, as in the paper, or each image.",
        search=Choice(("batch", "image")),
        rule=Options("batch", "image"),
    )

    def on_model(self, model: Module, run: Run) -> Module:
        ends = list(dict.fromkeys(branch.end for branch in branches(model, run)))
        for number, path in enumerate(ends, start=1):
            probability = self.probability * number / len(ends)
            each = self.unit == "image"
            model.get_submodule(path).register_forward_hook(skipping(probability, each_image=each))
        run.notes[f"{self.name}.branches"] = len(ends)
        return model


def skipping(probability: float, *, each_image: bool) -> Callable[[Module, Any, Tensor], Tensor]:
    """Return a forward hook that multiplies the (N, ...) output by 0 or 1 / (1 - probability)."""

    def hook(module: Module, _: Any, output: Tensor) -> Tensor:
        if not module.training:
            return output
        shape = [len(output) if each_image else 1, *[1] * (output.ndim - 1)]
        keep = output.new_empty(shape).bernoulli_(1 - probability)
        return output * (keep / (1 - probability))

    return hook
