"""Warmup until the error falls: use a low learning rate until the network starts to learn.

For ResNet-110 on CIFAR-10, the paper uses a rate of 0.01 until the training error is below 80 %
(about 400 updates), then 0.1.

The training error is an exponential mean that weights batches by their number of examples and
remembers `memory` examples; its start is corrected for the short history. Mixed examples count as
their heaviest class. Decays run from the first update, as in the paper. Reports and checkpoints
contain the update of the switch: `warmup_updates` counts those at the low rate.

Differs: the paper does not say over how many examples it averages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.papers import HE_2016_RESNET
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class UntilErrorWarmup(Trick):
    """Use a low learning rate until the training error falls below a threshold."""

    name = "until_error_warmup"
    tasks = frozenset({"classification"})
    slot = "warmup"
    papers = (HE_2016_RESNET.at("section 4.2"),)
    position = 10

    error: float = setting(
        0.8,
        "Training error below which the warmup ends, in (0, 1]; guessing among K classes has error "
        "1 - 1/K.",
        search=Float(0.5, 0.85),
        rule=Range(0, 1, open_low=True),
    )
    factor: float = setting(
        0.1,
        "Low rate as a share of the full one, in (0, 1]: 1 is off.",
        search=Float(0.01, 0.5, log=True),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )
    memory: int = setting(
        1000,
        "Number of examples that the running mean remembers, at least 1.",
        rule=Range(1, 1000000),
    )

    def is_neutral(self) -> bool:
        return False  # a schedule may set another factor meanwhile; the error still counts

    def on_start(self, run: Run) -> None:
        run.state[self.name] = {"wrong": 0.0, "seen": 0.0, "switched": -1}
        run.scratch[self.name] = {"wrong": [], "examples": 0}

    def rate(self, run: Run) -> float:
        run.scratch[self.name] = {"wrong": [], "examples": 0}
        switched = run.state[self.name]["switched"]
        run.metrics["warmup_updates"] = float(switched if switched >= 0 else run.update + 1)
        return 1.0 if switched >= 0 else self.factor

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        if run.state[self.name]["switched"] < 0:
            scratch = run.scratch[self.name]
            wrong = logits.detach().argmax(1) != batch.targets.argmax(1)
            scratch["wrong"].append(wrong.sum())
            scratch["examples"] += len(wrong)
        return loss

    def on_gradient(self, run: Run, again: Callable[[], None]) -> None:
        state, scratch = run.state[self.name], run.scratch[self.name]
        if state["switched"] >= 0 or not scratch["examples"]:
            return
        wrong = sum(
            int(count) for count in scratch["wrong"]
        )  # blocks on the device until the warmup ends
        kept = (1 - 1 / self.memory) ** scratch["examples"]
        state["wrong"] = kept * state["wrong"] + (1 - kept) * wrong / scratch["examples"]
        state["seen"] = kept * state["seen"] + (1 - kept)
        if state["wrong"] / state["seen"] < self.error:
            state["switched"] = run.update + 1
