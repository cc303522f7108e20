"""Searched policy: sub-policies of operations that this search itself puts together.

Cubuk, Zoph, Mane, Vasudevan, Le, "AutoAugment: Learning Augmentation Policies from Data", CVPR 2019,
section 3: a policy is 5 sub-policies of 2 operations, each with a probability and a magnitude.
https://arxiv.org/abs/1805.09501

Differs: probability and magnitude are real numbers in [0, 1], where the paper has 11 and 10 steps; the
policy is searched together with the rest of the recipe, on whole trainings, not on a proxy task.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment import plans, policies
from autotrick.domain import PolicyDomain
from autotrick.tricks.base import Paper, Pictures, Run
from autotrick.tricks.composing import Composed, policy_setting


@dataclass(frozen=True, kw_only=True)
class SearchedPolicy(Composed):
    """Give each image one sub-policy, drawn evenly, of a policy that the search composes."""

    name = "searched_policy"
    slot = "policy"
    papers = (
        Paper(
            "AutoAugment: Learning Augmentation Policies from Data",
            "Cubuk, Zoph, Mane, Vasudevan, Le",
            2019,
            "https://arxiv.org/abs/1805.09501",
        ),
    )
    cost = 1.02
    position = 30
    part = "sub-policy"

    policy: policies.Policy = policy_setting(
        policies.MILD, "Sub-policies", search=PolicyDomain(policies.AUTO_OPERATIONS)
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        if not self.policy:
            return pictures
        draws = run.stream(self.name).uniform(run.update, samples, self._table.draws)
        scale = policies.AUTO_AUGMENT_RANGE
        plan = plans.follow(self._table, draws, scale, pictures.size)
        return pictures.apply(*plan, self.border, self.interpolation)
