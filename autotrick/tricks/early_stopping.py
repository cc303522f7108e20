"""Early stopping: end a trial that has stopped getting better, with the weights of its best epoch.

The trial ends when the best value of the task's first metric (for classes: accuracy) on the
validation split is `patience` epochs old. Its last epoch, whether it ended early or not, hands over
the weights of the best epoch: they are in its checkpoint and in its report, whose `raw_` metrics are
those of the epoch itself and whose `best_epoch` says where the weights come from. With a rate that
falls until the last update the best part is the last: stopping early saves time and makes the network
worse there.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.domain import Integer
from autotrick.recipe import EpochReport
from autotrick.tricks.base import Run, Trick, setting
from autotrick.tricks.papers import PRECHELT_1998_EARLY_STOPPING
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class EarlyStopping(Trick):
    """End the trial when its metric has not improved for some epochs, and keep its best weights."""

    name = "early_stopping"
    papers = (PRECHELT_1998_EARLY_STOPPING,)
    # After the averages, whose weights are what is kept.
    position = 95
    expert = False

    patience: int = setting(
        5,
        "Epochs without a better metric after which the trial ends, at least 0: 0 is off.",
        search=Integer(2, 20),
        neutral=0,
        rule=Range(0, 10_000),
    )
    min_delta: float = setting(
        0.0,
        "By how much the metric must improve on the best so far to count as better, in [0, 1].",
        rule=Range(0, 1),
    )
    restore: bool = setting(
        True,
        "Whether the trial ends with the weights of its best epoch, and not with its last ones.",
    )

    def model_for_evaluation(self, model: nn.Module, run: Run) -> nn.Module:
        if not self.restore:
            return model
        kept = run.state.get(self.name, {})
        if not kept.get("restored"):
            run.scratch[self.name] = {"model": model}
            return model
        best = copy.deepcopy(model)
        best.load_state_dict(kept["weights"])
        return best

    def rewrite_report(
        self, report: EpochReport, before: Sequence[EpochReport], run: Run
    ) -> EpochReport:
        if not self.restore:
            return report
        kept, worth = run.state.get(self.name), run.task.metric.worth
        if kept is None or worth(report.value) > worth(_report(kept).value):
            model = run.scratch[self.name]["model"]
            weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
            kept = {"report": report.model_dump(), "weights": weights, "restored": False}
            run.state[self.name] = kept
        last = report.epoch == run.recipe.epochs or self.should_stop([*before, report], run)
        if not last:
            return report
        kept["restored"] = True
        best = _report(kept)
        raw = {f"raw_{name}": value for name, value in report.metrics.items()}
        extra = {**raw, **report.extra, "best_epoch": best.epoch}
        found = {"metrics": best.metrics, "loss": best.loss, "weights": best.weights}
        return report.model_copy(update=found | {"extra": extra})

    def should_stop(self, reports: Sequence[EpochReport], run: Run) -> bool:
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


def _report(kept: Mapping[str, Any]) -> EpochReport:
    """Return the report of the best epoch."""
    return EpochReport.model_validate(kept["report"])
