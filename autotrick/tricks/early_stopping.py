"""Early stopping: end a trial that no longer improves and keep its best epoch's weights.

The trial ends when the best value of the task's first metric (of classes the accuracy) on the
validation split is `patience` epochs old. The last epoch, early or not, saves the weights of the best
epoch in its checkpoint and its report. There, the `raw_` metrics are those of the last epoch itself and
`best_epoch` tells where the weights come from. The recorded reason of a trial that it ended is
`early_stopping`. With a learning rate that falls until the last update,
the best epochs are the last: stopping early then saves time at the expense of the metric.
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
    """End the trial when its metric has not improved for some epochs, and keep the best weights."""

    name = "early_stopping"
    papers = (PRECHELT_1998_EARLY_STOPPING,)
    # Must run after weight averaging, whose weights are the ones to keep.
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
        "Smallest gain over the best metric so far that counts as better, in [0, 1].",
        rule=Range(0, 1),
    )
    restore: bool = setting(
        True,
        "Whether to keep the weights of the best epoch instead of the last.",
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
    """Return the number of epochs since the value last beat the best so far by more than this."""
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
