"""Discriminative learning rates: the closer a layer is to the input, the slower it learns.

The paper divides the rate of each layer by 2.6 to get that of the layer below.

Meant for networks that start from pretrained weights. Schedules do not change the ratios.

Differs: layers are grouped into a few stages with equal numbers of layers and one rate each, so that
the ratio of the first to the last rate does not depend on the network's depth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from autotrick.domain import Float, Integer
from autotrick.tricks.base import Group, Run, Trick, setting
from autotrick.tricks.layers import layers, parameters
from autotrick.tricks.papers import HOWARD_2018_ULMFIT
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class DiscriminativeLr(Trick):
    """Lower the learning rate stage by stage from the last layers to the first."""

    name = "discriminative_lr"
    papers = (HOWARD_2018_ULMFIT.at("section 3.2"),)

    decay: float = setting(
        0.385,
        "Rate of a stage relative to the next one's, in (0, 1]: 1 is off; 1 / 2.6 in the paper.",
        search=Float(0.3, 1.0),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )
    stages: int = setting(
        3,
        "Number of stages that the layers are grouped into, at least 1.",
        search=Integer(2, 5),
        rule=Range(1, 10000),
    )

    def on_groups(self, groups: list[Group], run: Run) -> list[Group]:
        found = layers(run.model)
        stages = min(self.stages, len(found))
        stage_of = {
            name: i * stages // len(found)
            for i, layer in enumerate(found)
            for name in parameters(layer)
        }
        scales = [self.decay ** (stages - 1 - stage) for stage in range(stages)]
        run.notes |= {f"lr_scale_{i + 1}": scale for i, scale in enumerate(scales)}
        return [
            _part(group, [name for name in group.names if stage_of[name] == stage], scales[stage])
            for group in groups
            for stage in sorted({stage_of[name] for name in group.names}, reverse=True)
        ]


def _part(group: Group, names: list[str], scale: float) -> Group:
    by_name = dict(zip(group.names, group.parameters, strict=True))
    chosen = [by_name[name] for name in names]
    return replace(group, names=names, parameters=chosen, lr_scale=group.lr_scale * scale)
