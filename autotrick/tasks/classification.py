"""Classification: which one of K classes an image shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autotrick.lazy import functional, torch
from autotrick.lazy import numpy as np
from autotrick.tasks.base import Targets, Task
from autotrick.tasks.metric import Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

ACCURACY = Metric(
    "accuracy",
    "accuracy",
    unit="%",
    factor=100.0,
    digits=2,
    difference="points",
    least=0.0,
    most=1.0,
)
_SEEN = 0.005
"""Shares of a mixed target below this are not written."""


class Classification(Task):
    """Tell which class an image is of; targets are (N,) class numbers."""

    name = "classification"
    summary = "which one of several classes an image shows"
    metrics = (ACCURACY,)
    agreement = "mixed_accuracy"
    ensembles = True

    def fault(self, targets: Targets, size: tuple[int, int], classes: int) -> str | None:
        wrong = np.flatnonzero((targets < 0) | (targets >= classes))
        if not len(wrong):
            return None
        return f"must be in 0..{classes - 1}, but row {wrong[0]} has {targets[wrong[0]]}"

    def untrainable(self, targets: Targets, name: str) -> str | None:
        seen = len(np.unique(targets))
        return (
            None if seen > 1 else f"a classifier needs 2 classes to train on, but {name} has {seen}"
        )

    def strata(self, targets: Targets) -> NDArray[np.int64]:
        return targets.astype(np.int64, copy=False)

    def dense(self, targets: Tensor, outputs: int) -> Tensor:
        return functional.one_hot(targets, outputs).float()

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        return functional.cross_entropy(logits, targets)

    def agreements(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the share of each image that is of the class which the network found in it."""
        return targets.gather(1, logits.argmax(1, keepdim=True)).squeeze(1)

    def accumulator(self, device: torch.device) -> _Correct:
        return _Correct(device)

    def probabilities(self, logits: Tensor) -> Tensor:
        return logits.softmax(1)

    def chance(self, classes: int) -> float | None:
        return 1 / classes

    def told(self, target: NDArray[np.float32], classes: Sequence[str]) -> str:
        order = np.argsort(-target, kind="stable")
        if target[order[0]] == 1:
            return ""
        seen = [(float(target[i]), classes[i]) for i in order if target[i] > _SEEN]
        return " + ".join(f"{100 * share:.0f}% {name}" for share, name in seen)


class _Correct:
    """The number of images whose class was found, and the sum of their cross-entropies."""

    def __init__(self, device: torch.device) -> None:
        self._images = 0
        self._correct = torch.zeros((), dtype=torch.int64, device=device)
        self._loss = torch.zeros((), dtype=torch.float64, device=device)

    def update(self, logits: Tensor, targets: Tensor) -> None:
        self._images += len(targets)
        self._correct += (logits.argmax(1) == targets).sum()
        self._loss += functional.cross_entropy(logits, targets, reduction="sum").double()

    def metrics(self) -> dict[str, float]:
        return {ACCURACY.name: int(self._correct) / self._images}

    def loss(self) -> float:
        return float(self._loss) / self._images


CLASSIFICATION = Classification()
