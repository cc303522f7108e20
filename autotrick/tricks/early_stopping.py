"""Early stopping: end a trial that has stopped getting better.

Prechelt, "Early Stopping - But When?", in Neural Networks: Tricks of the Trade, 1998.
https://doi.org/10.1007/3-540-49430-8_3

The trial ends when the best accuracy on the validation split is `patience` epochs old. It ends with
its last weights and not with its best ones. With a rate that falls until the last update the best
part is the last: stopping early saves time and costs accuracy there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autotrick.domain import Integer
from autotrick.recipe import EpochReport
from autotrick.tricks.base import Paper, Run, Trick, setting


@dataclass(frozen=True, kw_only=True)
class EarlyStopping(Trick):
    """End the trial when its accuracy has not risen for some epochs."""

    name = "early_stopping"
    papers = (
        Paper(
            "Early Stopping - But When?",
            "Prechelt",
            1998,
            "https://doi.org/10.1007/3-540-49430-8_3",
        ),
    )
    expert = False

    patience: int = setting(
        5,
        "Epochs without a better accuracy after which the trial ends, at least 0: 0 is off.",
        search=Integer(2, 20),
        neutral=0,
        rule="0 <= patience <= 10000",
        accepts=lambda patience: 0 <= patience <= 10_000,
    )
    min_delta: float = setting(
        0.0,
        "By how much an accuracy must exceed the best so far to count as better, in [0, 1].",
        rule="0 <= min_delta <= 1",
        accepts=lambda min_delta: 0 <= min_delta <= 1,
    )

    def should_stop(self, reports: Sequence[EpochReport], run: Run) -> bool:
        if self.patience == 0:
            return False
        return waited([report.accuracy for report in reports], self.min_delta) >= self.patience


def waited(accuracies: Sequence[float], min_delta: float) -> int:
    """Return how many epochs ago the accuracy last rose above the best so far by more than this."""
    best, since = float("-inf"), 0
    for accuracy in accuracies:
        if accuracy > best + min_delta:
            best, since = accuracy, 0
        else:
            since += 1
    return since
