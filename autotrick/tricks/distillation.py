"""Distillation: learn from a teacher's predictions as well as the labels.

The loss is (1 - w) L + w T^2 KL(teacher || student). Both softmaxes use temperature T, and the
divergence is summed over classes and averaged over examples; T^2 preserves the size of its gradients.
The teacher sees the same augmented and mixed images as the student, in evaluation mode and without
gradients. L is the loss of the labels: cross-entropy, unless a trick of slot `loss` replaces it.

The teacher is a checkpoint file of a trial on the same data. Its checksum is a setting, so that the
recipe determines the result. If the teacher's recipe averages weights, the average is used. Without a
file, the network after the previous epoch is the teacher (Kim et al., 2021). Differs: there, the
weight is the same in all epochs after the first.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrick.domain import Float
from autotrick.lazy import functional, torch
from autotrick.recipe import EpochReport
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.declare import checksum_setting
from autotrick.tricks.papers import HINTON_2015_DISTILLATION, KIM_2021_SELF_DISTILLATION
from autotrick.tricks.rules import Range, Text
from autotrick.tricks.surgery import expect

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class Distillation(Trick):
    """Pull the predictions towards those of a teacher network."""

    name = "distillation"
    tasks = frozenset({"classification"})
    papers = (HINTON_2015_DISTILLATION, KIM_2021_SELF_DISTILLATION)
    cost = 1.35
    expert = False

    teacher: str = setting(
        "",
        "Checkpoint file of the teacher; empty uses the network itself after the previous epoch.",
        rule=Text("the path of a checkpoint"),
    )
    checksum: str = checksum_setting()
    temperature: float = setting(
        4.0,
        "Divisor of the logits before the softmax, at least 1; higher shows more of the teacher.",
        search=Float(1.0, 20.0, log=True),
        rule=Range(1, 100),
    )
    weight: float = setting(
        0.5,
        "Weight of the teacher in the loss, in [0, 1]: 0 is off.",
        search=Float(0.1, 0.9),
        neutral=0.0,
        rule=Range(0, 1),
    )

    def on_start(self, run: Run) -> None:
        if self.teacher:
            teacher = run.network(self.teacher, self.checksum)
            smallest = run.seen_size()
            if smallest != run.image_size:
                expect(run, self.name, smallest, "set pruning.fidelity to 'data'", teacher)
            run.scratch[self.name] = {"teacher": teacher}

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        teacher = self._teacher(run)
        if teacher is None:
            return loss
        with torch.no_grad(), run.autocast():
            taught: Tensor = teacher(batch.images)
        apart = divergence(logits, taught.float(), self.temperature)
        return (1 - self.weight) * loss + self.weight * apart

    def on_report(self, report: EpochReport, run: Run) -> None:
        if not self.teacher:
            weights = run.model.state_dict()
            run.state[self.name] = {name: tensor.clone() for name, tensor in weights.items()}

    def _teacher(self, run: Run) -> nn.Module | None:
        """Return the teacher; None in the first epoch if the network teaches itself."""
        scratch = run.scratch.setdefault(self.name, {})
        if not self.teacher:
            if self.name not in run.state:
                return None
            if scratch.get("epoch") != run.epoch:
                network = scratch.get("teacher") or copy.deepcopy(run.model)
                network.load_state_dict(run.state[self.name])
                scratch |= {"teacher": network.eval().requires_grad_(False), "epoch": run.epoch}
        found: nn.Module = scratch["teacher"]
        return found


def divergence(logits: Tensor, taught: Tensor, temperature: float) -> Tensor:
    """Return T^2 KL(teacher || student), the mean over examples, in nats.

    Args:
        logits: (N, K) logits of the student.
        taught: (N, K) logits of the teacher.
        temperature: T, the divisor of both.
    """
    student, teacher = ((x / temperature).log_softmax(1) for x in (logits, taught))
    apart = functional.kl_div(student, teacher, reduction="batchmean", log_target=True)
    return temperature**2 * apart
