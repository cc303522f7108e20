"""What the tricks share that hold a whole policy of operations among their settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from autotrick.augment import plans, policies
from autotrick.augment.policies import Border, Interpolation
from autotrick.domain import PolicyDomain
from autotrick.errors import TrickError
from autotrick.tricks.base import Trick, setting
from autotrick.tricks.warping import border_setting, interpolation_setting


def policy_setting(default: policies.Policy, about: str, *, search: PolicyDomain | None) -> Any:
    """Declare a policy that does nothing when it is empty."""
    return setting(
        default,
        f"{about}, each a list of [operation, probability, magnitude], both numbers in [0, 1].",
        search=search,
        neutral=[],
        rule="known operations, 0 <= probability <= 1, 0 <= magnitude <= 1",
        accepts=lambda policy: policies.fault(policy) is None,
    )


@dataclass(frozen=True, kw_only=True)
class Composed(Trick):
    """A trick with a policy of its own; it declares the setting `policy` anew, with its search.

    Class variables:
        part: What the policy is a list of, as messages call it.
    """

    part: ClassVar[str]

    policy: policies.Policy = policy_setting([], "Sub-policies", search=None)
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting("nearest")

    def __post_init__(self) -> None:
        fault = policies.fault(self.policy)
        if fault:
            raise TrickError(f"{self.name}: {fault.replace('sub-policy', self.part)}")
        super().__post_init__()

    def transformations(self) -> frozenset[str]:
        return policies.transformations(self.policy)

    @cached_property
    def _table(self) -> plans.Table:
        return plans.table(self.policy)
