"""Ghost batch normalisation: normalise small parts of a batch separately.

Each part updates the running statistics in turn; evaluation uses them as usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from autotrick.domain import Choice
from autotrick.lazy import nn, torch
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import HOFFER_2017_GHOST_NORM
from autotrick.tricks.rules import Range, ZeroOr

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class GhostBatchNorm(Trick):
    """Compute batch normalisation on parts of the batch."""

    name = "ghost_batch_norm"
    slot = "norm"
    papers = (HOFFER_2017_GHOST_NORM,)
    position = 10
    expert = False
    cost = 1.1

    size: int = setting(
        32,
        "Examples per part, at least 2; 0 is off. A batch smaller than two parts is one part.",
        search=Choice((4, 16, 32, 64)),
        neutral=0,
        rule=ZeroOr(Range(2, 1_000_000)),
    )

    def on_model(self, model: Module, run: Run) -> Module:
        norms: list[Any] = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
        for norm in norms:
            kind: Any = type(norm)
            norm.__class__ = ghost(kind)
            norm.ghost_size = self.size
        run.notes[f"{self.name}.layers"] = len(norms)
        return model


@cache
def ghost(kind: Any) -> Any:
    """Return a class of batch normalisation that works on parts of `ghost_size` examples."""

    class Ghost(kind):  # type: ignore[misc]
        """Normalise parts of the batch separately."""

        ghost_size: int

        def forward(self, maps: Tensor) -> Tensor:
            parts = len(maps) // self.ghost_size if self.training else 1
            if parts < 2:
                whole: Tensor = super().forward(maps)
                return whole
            return torch.cat([super(Ghost, self).forward(x) for x in maps.tensor_split(parts)])

    return Ghost
