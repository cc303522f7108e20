"""SWA: evaluate the average of the weights at the ends of the last epochs.

From `start` on, the weights at the end of every epoch count equally. Before each evaluation, the
running statistics of batch normalisation are recomputed for the average on clean training images (not
augmented, not mixed). Differs: the schedule keeps control of the learning rate, which the paper holds
constant or cycles; if the rate falls to zero, little is left to average. The statistics use
`norm_images` images instead of the whole split.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.domain import Float
from autotrick.lazy import nn, torch
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.freezing import is_frozen
from autotrick.tricks.papers import IZMAILOV_2018_SWA
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor

_BATCH = 256


@dataclass(frozen=True, kw_only=True)
class Swa(Trick):
    """Average the weights at the ends of the last epochs and evaluate the average."""

    name = "swa"
    slot = "average"
    papers = (IZMAILOV_2018_SWA,)
    cost = 1.03
    expert = False

    start: float = setting(
        0.75,
        "Share of all updates after which epochs count, in [0, 1]: 1 is off.",
        search=Float(0.5, 0.9),
        neutral=1.0,
        rule=Range(0, 1),
    )
    norm_images: int = setting(
        2048,
        "Training images used for the statistics of batch normalisation, at least 2.",
        rule=Range(2, 10_000_000),
    )

    def after_step(self, run: Run) -> None:
        done = run.update + 1
        if done not in run.starts or done < self.start * run.updates:
            return
        current = run.model.state_dict()
        kept = run.state.setdefault(self.name, {"count": 0})
        kept["count"] += 1
        if kept["count"] == 1:
            kept["average"] = {name: tensor.clone() for name, tensor in current.items()}
        else:
            blend(kept["average"], current, 1 / kept["count"])

    def model_for_evaluation(self, model: nn.Module, run: Run) -> nn.Module:
        kept = run.state.get(self.name)
        if kept is None:
            return model
        scratch = run.scratch.setdefault(self.name, {})
        if "model" not in scratch:
            scratch["model"] = copy.deepcopy(model)
        averaged: nn.Module = scratch["model"]
        # A checkpoint and measures ask again after the evaluation of the same epoch.
        when = (kept["count"], run.update, run.seen_size())
        if scratch.get("when") != when:
            averaged.load_state_dict(kept["average"])
            self._renew_norms(averaged, run)
            scratch["when"] = when
        return averaged

    def _renew_norms(self, model: nn.Module, run: Run) -> None:
        """Recompute the running statistics as the mean over batches of clean images."""
        norms: list[Any] = [
            module
            for module in model.modules()
            if isinstance(module, nn.modules.batchnorm._BatchNorm) and not is_frozen(module)
        ]
        momenta = [norm.momentum for norm in norms]
        model.eval()
        for norm in norms:
            norm.reset_running_stats()
            norm.train()
            norm.momentum = None
        rows = run.stream(self.name).generator().permutation(len(run.labels))[: self.norm_images]
        run.reseed(self.name, run.update)
        with torch.no_grad():
            for start in range(0, len(rows) if norms else 0, _BATCH):
                model(run.as_evaluated(run.normalised(run.images[rows[start : start + _BATCH]])))
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        model.eval()


def blend(average: dict[str, Tensor], current: dict[str, Tensor], share: float) -> None:
    """Move averaged floats towards the current ones by a share, in place; copy other types."""
    for name, tensor in average.items():
        if tensor.is_floating_point():
            tensor.lerp_(current[name], share)
        else:
            tensor.copy_(current[name])
