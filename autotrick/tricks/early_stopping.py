"""Early stopping: end a trial that has stopped getting better, with the weights of its best epoch.

Prechelt, "Early Stopping - But When?", in Neural Networks: Tricks of the Trade, 1998.
https://doi.org/10.1007/3-540-49430-8_3

The trial ends when the best value of the task's first metric (for classes: accuracy) on the
validation split is `patience` epochs old. Its last epoch, whether it ended early or not, hands over
the weights of the best epoch: they are in its checkpoint and in its report, whose `raw_` metrics are
those of the epoch itself and whose `best_epoch` says where the weights come from. With a rate that
falls until the last update the best part is the last: stopping early saves time and makes the network
worse there.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Integer
from autotrick.recipe import EpochReport
from autotrick.tricks.base import Paper, Run, Trick, setting

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class EarlyStopping(Trick):
    """End the trial when its metric has not improved for some epochs, and keep its best weights."""

    name = "early_stopping"
    papers = (
        Paper(
            "Early Stopping - But When?",
            "Prechelt",
            1998,
            "https://doi.org/10.1007/3-540-49430-8_3",
        ),
    )
    # After the averages, whose weights are what is kept.
    position = 95
    expert = False

    patience: int = setting(
        5,
        "Epochs without a better metric after which the trial ends, at least 0: 0 is off.",
        search=Integer(2, 20),
        neutral=0,
        rule="0 <= patience <= 10000",
        accepts=lambda patience: 0 <= patience <= 10_000,
    )
    min_delta: float = setting(
        0.0,
        "By how much the metric must improve on the best so far to count as better, in [0, 1].",
        rule="0 <= min_delta <= 1",
        accepts=lambda min_delta: 0 <= min_delta <= 1,
    )
    restore: bool = setting(
        True,
        "Whether the trial ends with the weights of its best epoch, and not with its last ones.",
        rule="restore is true or false",
    )

    def evaluated(self, model: nn.Module, run: Run) -> nn.Module:
        if self.patience == 0 or not self.restore:
            return model
        kept = run.state.get(self.name, {})
        if not kept.get("restored"):
            run.scratch[self.name] = {"model": model}
            return model
        best = copy.deepcopy(model)
        best.load_state_dict(kept["weights"])
        return best

    def reported(self, report: EpochReport, before: Sequence[EpochReport], run: Run) -> EpochReport:
        if self.patience == 0 or not self.restore:
            return report
        kept, worth = run.state.get(self.name), run.task.metric.worth
        best = kept and EpochReport.model_validate(kept["report"])
        if kept is None or worth(report.value) > worth(best.value):
            model = run.scratch[self.name]["model"]
            weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
            kept = {"report": report.model_dump(), "weights": weights, "restored": False}
            run.state[self.name] = kept
        last = report.epoch == run.recipe.epochs or self.should_stop([*before, report], run)
        if not last:
            return report
        kept["restored"] = True
        best = EpochReport.model_validate(kept["report"])
        raw = {f"raw_{name}": value for name, value in report.metrics.items()}
        extra = {**raw, **report.extra, "best_epoch": best.epoch}
        found = {"metrics": best.metrics, "loss": best.loss, "weights": best.weights}
        return report.model_copy(update=found | {"extra": extra})

    def should_stop(self, reports: Sequence[EpochReport], run: Run) -> bool:
        if self.patience == 0:
            return False
        worths = [run.task.metric.worth(report.value) for report in reports]
        return waited(worths, self.min_delta) >= self.patience


def waited(worths: Sequence[float], min_delta: float) -> int:
    """Return how many epochs ago the value last rose above the best so far by more than this."""
    best, since = float("-inf"), 0
    for worth in worths:
        if worth > best + min_delta:
            best, since = worth, 0
        else:
            since += 1
    return since
