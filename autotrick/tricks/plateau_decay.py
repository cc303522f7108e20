"""Decay on a plateau: lower the learning rate when the validation metric stops improving.

In the paper the rate on ImageNet falls to a tenth "when the error plateaus".

An epoch counts as better if its metric (of classes the accuracy) beats the best by more than the
threshold. After more than `patience` successive epochs that are not better, the rate is multiplied by the factor and counting
restarts, as in torch's ReduceLROnPlateau. Epochs of the warmup are ignored. Reports give the number
of reductions as `rate_drops`; checkpoints give their epochs.

Differs: the paper's authors watch the test error; the trick uses the validation split, never the test
set.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from autotrick.domain import Float, Integer
from autotrick.recipe import EpochReport
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import HE_2016_RESNET
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class PlateauDecay(Trick):
    """Lower the learning rate whenever the validation metric has not improved for some epochs."""

    name = "plateau_decay"
    slot = "decay"
    papers = (HE_2016_RESNET,)

    factor: float = setting(
        0.1,
        "Factor on the rate at each reduction, in (0, 1]: 1 is off.",
        search=Float(0.1, 0.5, log=True),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )
    patience: int = setting(
        2,
        "Successive epochs without improvement to tolerate, at least 0.",
        search=Integer(0, 4),
        rule=Range(0, 1000000),
    )
    threshold: float = setting(
        1e-4,
        "Smallest improvement of the metric, exclusive, that counts as better, in [0, 1].",
        rule=Range(0, 1),
    )
    lowest: float = setting(
        1e-3,
        "Lower limit of the rate as a share of the peak, in (0, 1].",
        rule=Range(0, 1, open_low=True),
    )

    def is_neutral(self) -> bool:
        return False  # if a schedule sets factor to 1 meanwhile, the rate keeps its reduced value

    def on_start(self, run: Run) -> None:
        run.state[self.name] = {"factor": 1.0, "best": -inf, "waited": 0, "drops": []}

    def rate(self, run: Run) -> float:
        run.metrics["rate_drops"] = float(len(run.state[self.name]["drops"]))
        return float(run.state[self.name]["factor"])

    def on_report(self, report: EpochReport, run: Run) -> None:
        if run.update <= run.warmup:
            return
        state = run.state[self.name]
        worth = run.task.metric.worth(report.value)
        better = worth > state["best"] + self.threshold
        state["waited"] = 0 if better else state["waited"] + 1
        if better:
            state["best"] = worth
        if state["waited"] > self.patience:
            state["waited"] = 0
            state["drops"].append(report.epoch)
            state["factor"] = max(state["factor"] * self.factor, min(self.lowest, state["factor"]))
