"""Bi-tempered logistic loss: a bounded, heavy-tailed loss that tolerates wrong labels.

A temperature t1 below 1 bounds the loss of one example; t2 above 1 gives the softmax a heavy tail. At
t1 = t2 = 1 the loss is the cross-entropy, up to the entropy of the targets. Newton's method finds the
normaliser of the tempered softmax; gradients come from its equation, not from the iterations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.lazy import torch
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import AMID_2019_BI_TEMPERED
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from torch import Tensor

_STEPS = 30


@dataclass(frozen=True, kw_only=True)
class BiTemperedLoss(Trick):
    """Bound each example's loss and give the softmax a heavy tail, against wrong labels."""

    name = "bi_tempered_loss"
    tasks = frozenset({"classification"})
    slot = "loss"
    papers = (AMID_2019_BI_TEMPERED,)
    position = 10
    expert = False

    t1: float = setting(
        0.8,
        "Temperature of the logarithm, in [0, 1]; lower values bound the loss more tightly.",
        search=Float(0.2, 1.0),
        rule=Range(0, 1),
    )
    t2: float = setting(
        1.2,
        "Temperature of the exponential, in [1, 4]; higher values give a heavier tail.",
        search=Float(1.0, 2.0),
        rule=Range(1, 4),
    )

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        return bi_tempered_loss(logits, batch.targets, self.t1, self.t2)


def bi_tempered_loss(logits: Tensor, targets: Tensor, t1: float, t2: float) -> Tensor:
    """Return the mean over examples of the Bregman divergence between targets and predictions.

    Args:
        logits: (N, K) floats.
        targets: (N, K) floats; each row is a distribution.
        t1: In [0, 1].
        t2: In [1, 4].
    """
    if t1 == t2 == 1:
        return -(targets * (logits.log_softmax(1) - targets.clamp_min(1e-30).log())).sum(1).mean()
    p = tempered_softmax(logits, t2).clamp_min(1e-10)
    own = targets * (_log(targets.clamp_min(1e-10), t1) - _log(p, t1))
    rest = (targets.pow(2 - t1) - p.pow(2 - t1)) / (2 - t1)
    return (own - rest).sum(1).mean()


def tempered_softmax(logits: Tensor, t: float) -> Tensor:
    """Return (N, K) probabilities exp_t(a - l), with l such that each row sums to 1."""
    if t == 1:
        return logits.softmax(1)
    with torch.no_grad():
        top = logits.amax(1, keepdim=True)
        # At the largest logit the sum is at least 1. It is convex and decreasing, so Newton steps
        # cannot overshoot.
        level = top
        for _ in range(_STEPS):
            level = level - _excess(logits, level, t) / _slope(logits, level, t)
        slope = _slope(logits, level, t)
    # One more step at the solution does not change its value and gives it the right gradient.
    level = level - _excess(logits, level, t) / slope
    return _exp(logits - level, t)


def _excess(logits: Tensor, level: Tensor, t: float) -> Tensor:
    return _exp(logits - level, t).sum(1, keepdim=True) - 1


def _slope(logits: Tensor, level: Tensor, t: float) -> Tensor:
    return -_exp(logits - level, t).pow(t).sum(1, keepdim=True)


def _exp(x: Tensor, t: float) -> Tensor:
    return (1 + (1 - t) * x).pow(1 / (1 - t))


def _log(x: Tensor, t: float) -> Tensor:
    return x.log() if t == 1 else (x.pow(1 - t) - 1) / (1 - t)
