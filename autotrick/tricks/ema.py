"""EMA: evaluate an exponential moving average of the weights instead of the weights themselves.

The idea comes from Polyak and Juditsky (1992). The implementation follows the exponential form with a
warmup of the decay by Szegedy et al. (2016) and TensorFlow.

The average starts as a copy after the first update and forgets faster at first: the decay of update t
is min(2^(-1/h), (1 + t) / (10 + t)), with h the half-life in updates. Floating-point buffers, such as
the running statistics of batch normalisation, are averaged like weights, because they must match the
averaged weights; integer buffers are copied.

Differs: the half-life is a share of all updates, so that it suits any budget. With a fixed decay such
as 0.9999, the average would still be mostly initial weights at the end of a short training.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.lazy import torch
from autotrick.tricks.base import Claim, Run, Trick, setting
from autotrick.tricks.papers import POLYAK_1992_AVERAGING, SZEGEDY_2016_INCEPTION
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class Ema(Trick):
    """Keep a moving average of the weights and evaluate that."""

    name = "ema"
    slot = "average"
    papers = (SZEGEDY_2016_INCEPTION, POLYAK_1992_AVERAGING)
    claims = (Claim("imagenet", "resnet50", 80.196, 80.450, "torchvision's recipe, cumulative"),)
    cost = 1.02

    half_life: float = setting(
        0.03,
        "Half-life of the average as a share of all updates, in [0, 1]: 0 is off.",
        search=Float(0.005, 0.1, log=True),
        neutral=0.0,
        rule=Range(0, 1),
    )

    def after_step(self, run: Run) -> None:
        current = run.model.state_dict()
        average = run.state.get(self.name)
        if average is None:
            run.state[self.name] = {name: tensor.clone() for name, tensor in current.items()}
        else:
            blend(average, current, decay(self.half_life * run.updates, run.update))

    def model_for_evaluation(self, model: nn.Module, run: Run) -> nn.Module:
        scratch = run.scratch.setdefault(self.name, {})
        if "model" not in scratch:
            scratch["model"] = copy.deepcopy(model)
        averaged: nn.Module = scratch["model"]
        averaged.load_state_dict(run.state[self.name])
        return averaged


def decay(half_life: float, updates: int) -> float:
    """Return the share of the average to keep, in [0, 1).

    Args:
        half_life: In updates, above 0.
        updates: Number of updates in the average, at least 1.
    """
    return min(2 ** (-1 / half_life), (1 + updates) / (10 + updates))


def blend(average: dict[str, Tensor], current: dict[str, Tensor], decay: float) -> None:
    """Move averaged floats towards the current ones in place; copy other types."""
    floats = [name for name, tensor in average.items() if tensor.is_floating_point()]
    update = torch.optim.swa_utils.get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
    update([average[name] for name in floats], [current[name] for name in floats], 0)
    for name in average.keys() - set(floats):
        average[name].copy_(current[name])
