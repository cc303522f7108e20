"""Bias learning rate: train the biases of normalisation layers much faster than the weights.

The paper uses a factor of 64. Weight decay is divided by the same factor, so its strength does not
change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from autotrick.domain import Float
from autotrick.lazy import nn
from autotrick.tricks.base import Group, Run, Trick, setting
from autotrick.tricks.papers import JORDAN_2024_AIRBENCH
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class BiasLr(Trick):
    """Multiply the learning rate of normalisation layers' biases by a factor."""

    name = "bias_lr"
    papers = (JORDAN_2024_AIRBENCH,)

    factor: float = setting(
        64.0,
        "Factor on the learning rate of these biases, above 0: 1 is off.",
        search=Float(2.0, 100.0, log=True),
        neutral=1.0,
        rule=Range(0, open_low=True),
    )

    def on_groups(self, groups: list[Group], run: Run) -> list[Group]:
        kinds = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm)
        norms = [module for module in run.model.modules() if isinstance(module, kinds)]
        biases = {id(norm.bias) for norm in norms if norm.bias is not None}
        run.notes["faster_biases"] = float(len(biases))
        return [part for group in groups for part in self._split(group, biases)]

    def _split(self, group: Group, biases: set[int]) -> list[Group]:
        pairs = list(zip(group.names, group.parameters, strict=True))
        others = [pair for pair in pairs if id(pair[1]) not in biases]
        mine = [pair for pair in pairs if id(pair[1]) in biases]
        faster = replace(
            group,
            lr_scale=group.lr_scale * self.factor,
            weight_decay=group.weight_decay / self.factor,
        )
        return [
            replace(part, names=[name for name, _ in chosen], parameters=[p for _, p in chosen])
            for part, chosen in ((group, others), (faster, mine))
            if chosen
        ]
