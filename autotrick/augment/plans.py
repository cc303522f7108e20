"""From a policy and uniform draws to what happens to each image.

A plan is two arrays with a row for each image: operations (N, L), indices in `policies.OPERATIONS`, and
their signed magnitudes (N, L), as `Pictures.apply` takes them. A draw is a uniform number in [0, 1). Each
function says how many draws it needs for an image, and which column decides what.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.policies import (
    AUTO_OPERATIONS,
    ENHANCE,
    OPERATIONS,
    SIGNED,
    Policy,
    Range,
)

Draws = NDArray[np.float64]
Plan = tuple[NDArray[np.int64], NDArray[np.float64]]

IDENTITY = OPERATIONS.index("Identity")
POSTERIZE = OPERATIONS.index("Posterize")

RAND_OPERATIONS = np.array([OPERATIONS.index(name) for name in AUTO_OPERATIONS if name != "Invert"])
"""The 14 operations of RandAugment and of TrivialAugment."""

_SIGNED = np.array([name in SIGNED for name in OPERATIONS])
_SIGNED_PLAIN = np.array([name in SIGNED - ENHANCE for name in OPERATIONS])


@dataclass(frozen=True, slots=True)
class Table:
    """A policy as arrays (S, L); sub-policies shorter than L end with Identity."""

    operations: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    strengths: NDArray[np.float64]

    @property
    def draws(self) -> int:
        """Number of draws for an image: the sub-policy, then use and sign of each operation."""
        return 1 + 2 * int(self.operations.shape[1])


def table(policy: Policy) -> Table:
    """Return a valid policy of at least one sub-policy as arrays."""
    shape = (len(policy), max(1, *map(len, policy)))
    found = Table(np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape))
    for i, steps in enumerate(policy):
        for j, (name, probability, strength) in enumerate(steps):
            found.operations[i, j] = OPERATIONS.index(name)
            found.probabilities[i, j] = probability
            found.strengths[i, j] = strength
    return found


def follow(policy: Table, draws: Draws, scale: Range, size: tuple[int, int]) -> Plan:
    """Plan one sub-policy for each image.

    Args:
        draws: (N, policy.draws): column 0 chooses the sub-policy; then for each operation in turn
            whether it is used, and its sign.
        scale: What a strength means.
        size: Height and width of the images.
    """
    chosen = _choice(draws[:, 0], len(policy.operations))
    used = draws[:, 1::2] < policy.probabilities[chosen]
    operations = np.where(used, policy.operations[chosen], IDENTITY)
    return signed(operations, policy.strengths[chosen], draws[:, 2::2], scale, size)


TAKEN = (0.2, 0.5)
"""A draw below the first number takes no operation of a schedule, below the second one, else two."""


def some(policy: Table, stage: int, draws: Draws, scale: Range, size: tuple[int, int]) -> Plan:
    """Plan up to two operations of one sub-policy for each image, in an order of its own.

    Args:
        stage: Number of the sub-policy.
        draws: (N, 1 + 3 L): how many; then for each of the L operations in turn its place in the
            order, whether it is taken, and its sign.
        scale: What a strength means.
        size: Height and width of the images.
    """
    most = np.searchsorted(TAKEN, draws[:, :1], side="right")
    order = np.argsort(draws[:, 1::3], axis=1)
    ready = draws[:, 2::3] < policy.probabilities[stage]
    ready &= policy.operations[stage] != IDENTITY
    ready = np.take_along_axis(ready, order, 1)
    ready &= np.cumsum(ready, axis=1) <= most
    first = np.argsort(~ready, axis=1, kind="stable")[:, :2]
    places = np.take_along_axis(order, first, 1)
    taken = np.take_along_axis(ready, first, 1)
    operations = np.where(taken, policy.operations[stage][places], IDENTITY)
    signs = np.take_along_axis(draws[:, 3::3], places, 1)
    return signed(operations, policy.strengths[stage][places], signs, scale, size)


def rand_augment(draws: Draws, strength: float, scale: Range, size: tuple[int, int]) -> Plan:
    """Plan L operations for each image, all of one strength.

    Args:
        draws: (N, 2 L): for each operation in turn, which and its sign.
        strength: In [0, 1].
        scale: What a strength means.
        size: Height and width of the images.
    """
    operations = RAND_OPERATIONS[_choice(draws[:, 0::2], len(RAND_OPERATIONS))]
    return signed(operations, np.full(operations.shape, strength), draws[:, 1::2], scale, size)


def trivial_augment(draws: Draws, bins: int, scale: Range, size: tuple[int, int]) -> Plan:
    """Plan one operation for each image, of a strength of its own.

    Args:
        draws: (N, 3): which operation, which strength, the sign.
        bins: How many strengths there are, evenly from 0 to 1.
        scale: What a strength means.
        size: Height and width of the images.
    """
    operations = RAND_OPERATIONS[_choice(draws[:, :1], len(RAND_OPERATIONS))]
    strengths = _choice(draws[:, 1:2], bins) / (bins - 1)
    return signed(operations, strengths, draws[:, 2:3], scale, size)


def keep(plan: Plan, draws: Draws, probability: float) -> Plan:
    """Keep the plan of an image with the given chance; the others get no operation.

    Args:
        draws: (N,).
    """
    operations, magnitudes = plan
    return np.where(draws[:, None] < probability, operations, IDENTITY), magnitudes


def magnitudes(
    operations: NDArray[np.int64], strengths: Draws, scale: Range, size: tuple[int, int]
) -> NDArray[np.float64]:
    """Return the strengths in each operation's own unit, without sign."""
    start, slope = _units(scale, size)
    found = start[operations] + slope[operations] * strengths
    return np.where(operations == POSTERIZE, np.rint(found), found)


def signed(
    operations: NDArray[np.int64],
    strengths: Draws,
    signs: Draws,
    scale: Range,
    size: tuple[int, int],
) -> Plan:
    """Plan these operations at these strengths (N, L); signs (N, L) decide which way they go."""
    found = magnitudes(operations, strengths, scale, size)
    either = _SIGNED_PLAIN if scale.plain else _SIGNED
    return operations, np.where(either[operations] & (signs < 0.5), -found, found)


def _choice(draws: Draws, options: int) -> NDArray[np.int64]:
    return (draws * options).astype(np.int64)


@lru_cache(maxsize=32)
def _units(scale: Range, size: tuple[int, int]) -> tuple[Draws, Draws]:
    """Return for each operation the magnitude at strength 0, and what strength 1 adds to it."""
    height, width = size
    limit = float("inf") if scale.translate_limit is None else scale.translate_limit
    ends = {
        "ShearX": (0.0, scale.shear),
        "ShearY": (0.0, scale.shear),
        "TranslateX": (0.0, min(limit, scale.translate * width)),
        "TranslateY": (0.0, min(limit, scale.translate * height)),
        "Rotate": (0.0, scale.rotate),
        "Posterize": (float(scale.bits), -float(scale.posterize)),
        "Solarize": (1.0, -1.0),
        "SolarizeAdd": (0.0, 110.0),
        "Hue": (0.0, 0.5),
    }
    enhance = (-scale.enhance, 2 * scale.enhance) if scale.plain else (0.0, scale.enhance)
    ends |= dict.fromkeys(ENHANCE, enhance)
    if scale.plain:
        ends |= {"Posterize": (0.0, float(scale.posterize)), "Solarize": (0.0, 1.0)}
    pairs = np.array([ends.get(name, (0.0, 0.0)) for name in OPERATIONS])
    return pairs[:, 0], pairs[:, 1]
