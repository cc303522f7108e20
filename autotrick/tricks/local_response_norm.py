"""Local response normalisation: let neighbouring channels inhibit each other.

b = a / (k + alpha sum a^2)^beta, with the sum over n neighbouring channels; n = 5, k = 2, alpha =
1e-4, beta = 0.75. alpha is the paper's and TensorFlow's; torch divides it by n, which is undone here.
It replaces every batch normalisation, whose gain and shift stay; the gain starts at k^beta, so that
small maps pass unchanged and deep networks keep their scale. A network without batch normalisation
gets it after its first two activations, as in the paper. It does not correct badly scaled weights as
batch normalisation does: use `initialisation` (kaiming) and a smaller learning rate with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.domain import Choice, Float
from autotrick.lazy import nn
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.no_norm import affine
from autotrick.tricks.papers import KRIZHEVSKY_2012_ALEXNET
from autotrick.tricks.rules import Range
from autotrick.tricks.surgery import is_activation, put, replace_norms

if TYPE_CHECKING:
    from torch.nn import Module

_LAYERS = 2


@dataclass(frozen=True, kw_only=True)
class LocalResponseNorm(Trick):
    """Replace batch norm: divide values by a power of the energy of neighbouring channels."""

    name = "local_response_norm"
    slot = "norm"
    papers = (KRIZHEVSKY_2012_ALEXNET.at("section 3.3"),)
    position = 10
    expert = False
    cost = 2.8

    size: int = setting(
        5,
        "Number of neighbouring channels including the channel itself, at least 1.",
        search=Choice((3, 5, 9)),
        rule=Range(1, 99),
    )
    alpha: float = setting(
        1e-4,
        "Factor on the sum of squares, not divided by size, above 0.",
        search=Float(1e-5, 1e-2, log=True),
        rule=Range(0, 10, open_low=True),
    )
    beta: float = setting(
        0.75,
        "Exponent of the divisor, above 0.",
        rule=Range(0, 4, open_low=True),
    )
    k: float = setting(
        2.0,
        "Constant added to the sum, above 0.",
        rule=Range(0, 100, open_low=True),
    )

    def on_model(self, model: Module, run: Run) -> Module:
        count = replace_norms(model, self._scaled)
        if not count:
            paths = [path for path, m in model.named_modules() if path and is_activation(m)]
            for path in paths[:_LAYERS]:
                put(model, path, nn.Sequential(model.get_submodule(path), self.layer()))
            count = len(paths[:_LAYERS])
        run.notes[f"{self.name}.layers"] = count
        return model

    def layer(self) -> Module:
        """Return torch's layer with the same formula."""
        return nn.LocalResponseNorm(self.size, self.alpha * self.size, self.beta, self.k)

    def _scaled(self, norm: Any) -> Module:
        scaled: Any = affine()(norm.num_features)
        nn.init.constant_(scaled.weight, self.k**self.beta)
        return nn.Sequential(self.layer(), scaled)
