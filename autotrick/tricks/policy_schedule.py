"""Policy schedule: image operations whose probability and magnitude change over training.

The training is split into stages, each with a list of operations. An image gets none, one or two of
them, with probabilities of 0.2, 0.3 and 0.5: the list is tried in an order drawn for the image, each
operation with its own probability, until there are enough. Differs: stages are shares of training
instead of epochs. Probability and magnitude are real numbers in [0, 1], where the paper has 11 and 10
steps. A search composes the whole schedule for one training instead of copying the better half of a
population's weights. The paper's recipe for CIFAR-10 adds cutout of 16 pixels; switch on that trick
as well to follow it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment import plans, policies
from autotrick.domain import PolicyDomain
from autotrick.tricks.base import Claim, Pictures, Run, setting
from autotrick.tricks.composing import Composed, policy_setting
from autotrick.tricks.papers import HO_2019_POPULATION_BASED_AUGMENTATION
from autotrick.tricks.rules import OneForEach, Rising


@dataclass(frozen=True, kw_only=True)
class PolicySchedule(Composed):
    """Apply up to two operations to each image from a list that changes over training."""

    name = "policy_schedule"
    slot = "policy"
    papers = (HO_2019_POPULATION_BASED_AUGMENTATION,)
    claims = (Claim("cifar10", "wrn-28-10", 96.13, 97.42, "with cutout"),)
    cost = 1.02
    position = 30
    rules = (OneForEach("starts", "policy", part="stage"),)

    policy: policies.Policy = policy_setting(
        policies.GROWING,
        "Stages",
        part="stage",
        search=PolicyDomain(policies.AUTO_OPERATIONS, sub_policies=4, length=3),
    )
    starts: list[float] = setting(
        [],
        "Share of training at which each stage begins, the first 0; empty makes all stages equally "
        "long.",
        rule=Rising(),
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        width = self._table.operations.shape[1]
        draws = run.stream(self.name).uniform(run.update, samples, 1 + 3 * width)
        stage = self.stage(run.update / run.updates)
        scale = policies.AUTO_AUGMENT_RANGE
        plan = plans.some(self._table, stage, draws, scale, pictures.size)
        return pictures.apply(*plan, self.border, self.interpolation)

    def stage(self, fraction: float) -> int:
        """Return the number of the stage at this share of training."""
        count = len(self.policy)
        starts = self.starts or [i / count for i in range(count)]
        return sum(start <= fraction for start in starts) - 1
