"""An ablation: a recipe beside those that differ from it by one trick, and what it can do without.

Recipes race over seeds. One that is clear is dropped: its difference to the reference excludes 0, or lies
within the precision. When all are clear or the seeds are used up, tricks are left out together: those that
cost least, as long as the sum of what they cost stays within the precision (a trick that harms counts as
0). Effects need not add up, so that recipe is trained too, with the same seeds. If it may be worse than the
precision, the half of its tricks that cost most come back, and the rest is tried. Two such recipes share the
5 % of error.
"""

from collections.abc import Container, Iterable, Iterator

from pydantic import BaseModel, ConfigDict, Field

from autotrick.design.sequential import ALPHA, FIRST, PairedDifference, Rounds, differences

SMALLER = 2
"""Number of recipes without several tricks that are tried."""

_MOST_FAILED = 1
"""Failures of the reference that an ablation survives."""


class Arm(BaseModel):
    """A recipe that differs from the reference by one trick.

    Attributes:
        label: Its name: `without mixup`, `with cutout`, `cutmix for mixup`.
        trick: The trick that it is about.
        removed: Tricks of the reference that it does not have.
        added: Tricks that it has in addition.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    trick: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


class AblationPlan(BaseModel):
    """What an ablation compares, as its study records it.

    Attributes:
        trial: Number of the parent's trial that is the reference; None if it is a recommended recipe.
        reference: Its label.
        tricks: Its tricks.
        arms: The other recipes.
        seeds: Number of seeds at most.
        precision: Differences within it do not matter, in points.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    trial: int | None = None
    reference: str
    tricks: tuple[str, ...]
    arms: tuple[Arm, ...] = Field(min_length=1)
    seeds: int = Field(ge=FIRST)
    precision: float = Field(ge=0, allow_inf_nan=False)


class Smaller(BaseModel):
    """A recipe without some of the reference's tricks.

    Attributes:
        label: Its name; that of an arm where it is one.
        removed: The tricks that it goes without.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    removed: tuple[str, ...]


def going_on(plan: AblationPlan, rounds: Rounds, running: Iterable[str]) -> set[str]:
    """Return which of the running labels need another seed, the reference among them if any does."""
    alone = differences(rounds, plan.reference, seeds=plan.seeds)
    jointly = differences(rounds, plan.reference, seeds=plan.seeds, alpha=ALPHA / SMALLER)
    names = {arm.label for arm in plan.arms}
    others = set(running) - {plan.reference}
    if len(rounds) < FIRST:
        return {*others, plan.reference}
    left = {label for label in others if not failed(rounds, label)}
    left -= {label for label in left & names if is_clear(alone[label], plan.precision)}
    left -= {label for label in left - names if _is_decided(jointly[label], plan.precision)}
    if not left or failed(rounds, plan.reference) > _MOST_FAILED:
        return set()
    return left | {plan.reference}


def settled(
    plan: AblationPlan, rounds: Rounds, alpha: float = ALPHA
) -> dict[str, PairedDifference]:
    """Return the difference of each arm to the reference when it had its last seed.

    What others did later would change what is known of its spread, and so an interval by which it was
    dropped.

    Args:
        alpha: Share of intervals that may miss.
    """
    names = {plan.reference, *(arm.label for arm in plan.arms)}
    return _settled(plan, rounds, names, alpha)


def is_clear(found: PairedDifference, precision: float) -> bool:
    """Return whether a difference is above or below 0, or does not matter."""
    if found.low is None or found.high is None:
        return False
    matters_not = -precision <= found.low and found.high <= precision
    return matters_not or not found.low <= 0 <= found.high


def is_within(found: PairedDifference, precision: float) -> bool:
    """Return whether a recipe is worse than the reference by no more than the precision."""
    return found.low is not None and found.low >= -precision


def failed(rounds: Rounds, label: str) -> int:
    """Return how many trials of a recipe failed."""
    return sum(label in seen and seen[label] is None for seen in rounds)


def next_smaller(plan: AblationPlan, rounds: Rounds) -> Smaller | None:
    """Return the recipe without several tricks that should be trained next; None if none should."""
    for tried, found in _tried(plan, rounds):
        if found is None:
            return tried
        if is_within(found, plan.precision) and not failed(rounds, tried.label):
            return None
    return None


def smallest(plan: AblationPlan, rounds: Rounds) -> tuple[Smaller, PairedDifference] | None:
    """Return the smallest recipe that was tried and is within the precision, with its difference.

    The interval allows for the number of such recipes. None if the reference needs all its tricks, as far
    as is known.
    """
    for tried, found in _tried(plan, rounds):
        if found and is_within(found, plan.precision) and not failed(rounds, tried.label):
            return tried, found
    return None


def smaller(plan: AblationPlan, rounds: Rounds) -> list[Smaller]:
    """Return the recipes without several tricks that are tried, the smallest first."""
    costs = _costs(plan, rounds)
    chosen: list[Arm] = []
    total = 0.0
    for arm in sorted(costs, key=lambda arm: (costs[arm], arm.label)):
        total += max(0.0, costs[arm])
        if total > plan.precision:
            break
        chosen.append(arm)
    found: list[Smaller] = []
    while chosen and len(found) < SMALLER:
        removed = {trick for arm in chosen for trick in arm.removed}
        found.append(_smaller(plan, removed))
        chosen = chosen[: len(chosen) // 2]
    return found


def _is_decided(found: PairedDifference, precision: float) -> bool:
    """Return whether a smaller recipe is within the precision, or is not."""
    return is_within(found, precision) or (found.high is not None and found.high < -precision)


def _smaller(plan: AblationPlan, removed: set[str]) -> Smaller:
    names = tuple(trick for trick in plan.tricks if trick in removed)
    same = (arm for arm in plan.arms if not arm.added and set(arm.removed) == removed)
    arm = next(same, None)
    return Smaller(label=arm.label if arm else f"without {' and '.join(names)}", removed=names)


def _tried(plan: AblationPlan, rounds: Rounds) -> Iterator[tuple[Smaller, PairedDifference | None]]:
    """Give the recipes without several tricks, with their differences where they have raced."""
    names = {plan.reference, *(arm.label for arm in plan.arms)}
    for one in smaller(plan, rounds):
        names.add(one.label)
        yield one, _settled(plan, rounds, names, ALPHA / SMALLER).get(one.label)


def _costs(plan: AblationPlan, rounds: Rounds) -> dict[Arm, float]:
    """Return by how much the reference is worse without each trick that it may go without."""
    found = settled(plan, rounds)
    without = [arm for arm in plan.arms if not arm.added and not failed(rounds, arm.label)]
    means = {arm: found[arm.label].mean for arm in without if arm.label in found}
    return {arm: -mean for arm, mean in means.items() if mean is not None}


def _settled(
    plan: AblationPlan, rounds: Rounds, names: Container[str], alpha: float
) -> dict[str, PairedDifference]:
    """Return the difference of each label at the end of its last round, told by these labels alone."""
    seen = [{name: value for name, value in each.items() if name in names} for each in rounds]
    found: dict[str, PairedDifference] = {}
    for num, last in enumerate(seen, start=1):
        now = differences(seen[:num], plan.reference, seeds=plan.seeds, alpha=alpha)
        found |= {label: now[label] for label in last if label != plan.reference}
    return found
