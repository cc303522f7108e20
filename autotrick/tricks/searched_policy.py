"""Searched policy: sub-policies of operations that this search itself puts together.

Cubuk, Zoph, Mane, Vasudevan, Le, "AutoAugment: Learning Augmentation Policies from Data", CVPR 2019,
section 3: a policy is 5 sub-policies of 2 operations, each with a probability and a magnitude.
https://arxiv.org/abs/1805.09501

Differs: probability and magnitude are real numbers in [0, 1], where the paper has 11 and 10 steps; the
policy is searched together with the rest of the recipe, on whole trainings, not on a proxy task.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from autotrick.augment import plans, policies
from autotrick.augment.policies import Border, Interpolation
from autotrick.domain import PolicyDomain
from autotrick.errors import TrickError
from autotrick.tricks.base import Images, Paper, Run, Trick, setting
from autotrick.tricks.warping import border_setting, interpolation_setting


@dataclass(frozen=True, kw_only=True)
class SearchedPolicy(Trick):
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

    policy: policies.Policy = setting(
        policies.MILD,
        "Sub-policies, each a list of [operation, probability, magnitude], both numbers in [0, 1].",
        search=PolicyDomain(policies.AUTO_OPERATIONS),
        neutral=[],
        rule="known operations, 0 <= probability <= 1, 0 <= magnitude <= 1",
        accepts=lambda policy: policies.fault(policy) is None,
    )
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting("nearest")

    def __post_init__(self) -> None:
        fault = policies.fault(self.policy)
        if fault:
            raise TrickError(f"{self.name}: {fault}")
        super().__post_init__()

    def transformations(self) -> frozenset[str]:
        return policies.transformations(self.policy)

    @cached_property
    def _table(self) -> plans.Table:
        return plans.table(self.policy)

    def on_images(self, images: Images, samples: NDArray[np.int64], run: Run) -> Images:
        if not self.policy:
            return images
        from autotrick.augment import engine

        draws = run.stream(self.name).uniform(run.update, samples, self._table.draws)
        scale = policies.AUTO_AUGMENT_RANGE
        plan = plans.follow(self._table, draws, scale, images.shape[1:3])
        return engine.apply(images, *plan, self.border, self.interpolation)
