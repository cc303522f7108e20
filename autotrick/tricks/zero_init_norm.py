"""Zero-initialised last norm: start every residual block as its shortcut.

The gain of the last normalisation of each residual branch starts at 0; gains on shortcuts do not
change. The network's graph, not names, identifies the branches. timm does this by default;
torchvision does not. In a network without residual branches it changes nothing: reports record that
as 0 `layers`, and a search says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.lazy import torch
from autotrick.tricks.base import Run, Trick
from autotrick.tricks.graph import branches
from autotrick.tricks.papers import GOYAL_2017_LARGE_MINIBATCH

if TYPE_CHECKING:
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class ZeroInitNorm(Trick):
    """Start the last gain of every residual branch at zero."""

    name = "zero_init_norm"
    papers = (GOYAL_2017_LARGE_MINIBATCH.at("section 5.1"),)
    position = 70
    only_weights = True

    def on_model(self, model: Module, run: Run) -> Module:
        paths = {branch.norm for branch in branches(model, run) if branch.norm is not None}
        for path in sorted(paths):
            norm: Any = model.get_submodule(path)
            with torch.no_grad():
                norm.weight.zero_()
        run.notes[f"{self.name}.layers"] = len(paths)
        return model
