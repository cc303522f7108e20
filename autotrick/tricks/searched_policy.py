"""Searched policy: a policy of image operations composed by the search itself.

A policy consists of 5 sub-policies of 2 operations, each with a probability and a magnitude.

Differs: probability and magnitude are real numbers in [0, 1], where the paper has 11 and 10 steps.
The policy is searched together with the rest of the recipe on whole trainings instead of a proxy
task.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment import plans, policies
from autotrick.domain import PolicyDomain
from autotrick.tricks.base import Pictures, Run
from autotrick.tricks.composing import Composed, policy_setting
from autotrick.tricks.papers import CUBUK_2019_AUTOAUGMENT


@dataclass(frozen=True, kw_only=True)
class SearchedPolicy(Composed):
    """Apply to each image a random sub-policy of a policy that the search composes."""

    name = "searched_policy"
    slot = "policy"
    papers = (CUBUK_2019_AUTOAUGMENT.at("section 3"),)
    cost = 1.02
    position = 30

    policy: policies.Policy = policy_setting(
        policies.MILD, "Sub-policies", search=PolicyDomain(policies.AUTO_OPERATIONS)
    )

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        draws = run.stream(self.name).uniform(run.update, samples, self._table.draws)
        scale = policies.AUTO_AUGMENT_RANGE
        plan = plans.follow(self._table, draws, scale, pictures.size)
        return pictures.apply(*plan, self.border, self.interpolation)
