"""Policy settings for tricks that apply a list of operations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autotrick.augment import plans, policies
from autotrick.augment.policies import Border, Interpolation
from autotrick.domain import PolicyDomain
from autotrick.limits import most
from autotrick.tricks.base import Trick, setting
from autotrick.tricks.rules import Range, Rule
from autotrick.tricks.warping import border_setting, interpolation_setting


@dataclass(frozen=True, slots=True)
class PolicyRule(Rule):
    """Check a policy: lists of [operation, probability, magnitude].

    Attributes:
        part: What messages call one of these lists.
    """

    part: str = "sub-policy"

    def accepts(self, value: Any) -> bool:
        return policies.fault(value) is None

    def sentence(self, name: str) -> str:
        return "known operations, 0 <= probability <= 1, 0 <= magnitude <= 1"

    def schema(self) -> dict[str, Any]:
        share = {"type": "number"} | Range(0, 1).schema()
        step = {
            "type": "array",
            "prefixItems": [{"enum": [*policies.OPERATIONS]}, share, share],
            "minItems": 3,
            "maxItems": 3,
        }
        part = {"type": "array", "items": step, "maxItems": most("operations")}
        return {"items": part, "maxItems": most("sub_policies")}

    def fault(self, name: str, value: Any) -> str | None:
        fault = policies.fault(value)
        return fault and fault.replace("sub-policy", self.part)


def policy_setting(
    default: policies.Policy, about: str, *, part: str = "sub-policy", search: PolicyDomain | None
) -> Any:
    """Declare a policy setting; an empty policy does nothing.

    Args:
        part: What messages call one of its lists.
    """
    return setting(
        default,
        f"{about}, each a list of [operation, probability, magnitude], both numbers in [0, 1].",
        search=search,
        neutral=[],
        rule=PolicyRule(part),
    )


@dataclass(frozen=True, kw_only=True)
class Composed(Trick):
    """Apply a policy setting; subclasses redeclare `policy` with their own search domain."""

    policy: policies.Policy = policy_setting([], "Sub-policies", search=None)
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting("nearest")

    def transformations(self) -> frozenset[str]:
        return policies.transformations(self.policy)

    @cached_property
    def _table(self) -> plans.Table:
        return plans.table(self.policy)
