"""Decay on a plateau: lower the learning rate when the validation metric stops improving.

In the paper the rate falls, on ImageNet, to a tenth "when the error plateaus".

An epoch counts as better if its metric (for classes: accuracy) beats the best by more than the
threshold. After more
than `patience` epochs in a row that are not, the rate is multiplied by the factor, and counting
starts anew: what torch's ReduceLROnPlateau does. Epochs of the warmup are not looked at. The number
of falls is in the trial's reports as `rate_drops`; their epochs are in its checkpoints.

Differs: the paper watches the test error by eye; here it is the validation split, never the test set.
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
    """Lower the learning rate whenever the validation metric has not improved for a while."""

    name = "plateau_decay"
    slot = "decay"
    papers = (HE_2016_RESNET,)

    factor: float = setting(
        0.1,
        "Factor on the rate each time, in (0, 1]: 1 is off.",
        search=Float(0.1, 0.5, log=True),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )
    patience: int = setting(
        2,
        "Epochs in a row without a better one that are put up with, at least 0.",
        search=Integer(0, 4),
        rule=Range(0, 1000000),
    )
    threshold: float = setting(
        1e-4,
        "Improvement of the metric, in [0, 1], that an epoch has to exceed to be better.",
        rule=Range(0, 1),
    )
    lowest: float = setting(
        1e-3,
        "Share of the peak below which the rate does not fall, in (0, 1].",
        rule=Range(0, 1, open_low=True),
    )

    def is_neutral(self) -> bool:
        return False  # where a course sets factor to 1 on the way, the rate stays as low as it fell

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
