"""Recipes that continue from a good one with other settings, for population-based training.

Jaderberg, Dalibard, Osindero, et al., "Population Based Training of Neural Networks", 2017.
https://arxiv.org/abs/1711.09846
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autotrick.domain import Float, Integer, Scalar
from autotrick.random_streams import key_of
from autotrick.recipe import Leg, Recipe
from autotrick.space import SearchSpace
from autotrick.tricks import TRICKS, Trick

RESAMPLED = 0.25
"""Probability that a setting is drawn again instead of perturbed, as in the paper."""

FACTORS = (0.8, 1.2)
"""A setting is multiplied by one of these otherwise."""

_FIELDS = ("base_lr", "momentum", "weight_decay")
_BUILD = ("on_model", "on_order", "accumulate", "warmup_updates")
_BEGINNING = ("on_groups", "on_start")
"""Stages in which a trick at its neutral value prepares nothing for later."""


def perturb(
    space: SearchSpace,
    parent: Recipe,
    epoch: int,
    *,
    seed: int,
    suggested: Mapping[str, float] = {},
) -> Recipe:
    """Return the parent's recipe with settings that change after `epoch` epochs.

    Numbers change that act in every update: rate, momentum, decay, and settings of the tricks that
    are on, including those of a searched policy. What shaped the network, the order of the examples
    or the number of updates stays. A setting of a trick that prepares the training neither leaves nor
    reaches its neutral value.

    Args:
        parent: A recipe of this space; its own legs before `epoch` stay.
        seed: Decides the changes.
        suggested: Settings that are set to a value instead of drawn at random.
    """
    before = parent.at(epoch)
    draws = np.random.default_rng(key_of(seed, "heir"))
    chooser = _Exploring(space.answers(before), draws, suggested)
    after = space.decide(chooser)
    fields = {name: getattr(after, name) for name in _FIELDS}
    leg = Leg(
        after=epoch,
        fields={name: value for name, value in fields.items() if value != getattr(before, name)},
        tricks={
            name: settings
            for name, settings in after.tricks.items()
            if settings != before.tricks[name]
        },
    )
    return parent.model_copy(update={"course": (*parent.until(epoch).course, leg)})


def explorable(space: SearchSpace, recipe: Recipe) -> dict[str, Float]:
    """Return the numbers of a recipe that a copy may change, by name."""
    answers = space.answers(recipe)
    chooser = _Exploring(answers, np.random.default_rng(0))
    space.decide(chooser)
    return chooser.met


@dataclass(frozen=True, slots=True)
class _Exploring:
    """Repeats recorded answers, but perturbs the numbers that may change."""

    table: Mapping[str, Scalar]
    draws: np.random.Generator
    suggested: Mapping[str, float] = field(default_factory=dict)
    met: dict[str, Float] = field(default_factory=dict)

    def number(self, name: str, domain: Float) -> float:
        value = float(self.table[name])
        if not _may_change(name) or _is_off(name, value):
            return value
        self.met[name] = domain
        found = self._changed(name, domain, value)
        return value if _is_off(name, found) else found

    def _changed(self, name: str, domain: Float, value: float) -> float:
        if name in self.suggested:
            return min(max(self.suggested[name], domain.low), domain.high)
        if self.draws.random() < RESAMPLED:
            ends = np.array([domain.low, domain.high])
            low, high = np.log(ends) if domain.log else ends
            found = self.draws.uniform(low, high)
            value = float(np.exp(found) if domain.log else found)
        else:
            value *= float(self.draws.choice(FACTORS))
        return min(max(value, domain.low), domain.high)

    def integer(self, name: str, domain: Integer) -> int:
        return int(self.table[name])

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        return self.table[name]


def _may_change(name: str) -> bool:
    owner = name.partition(".")[0]
    return not _acts(owner, _BUILD) if owner in TRICKS else name in _FIELDS


def _is_off(name: str, value: float) -> bool:
    """Return whether a trick that prepares the training is neutral at this value."""
    owner, _, key = name.partition(".")
    if owner not in TRICKS or not _acts(owner, _BEGINNING):
        return False
    return any(spec.name == key and spec.neutral == value for spec in TRICKS[owner].settings())


def _acts(owner: str, stages: Iterable[str]) -> bool:
    trick: Any = TRICKS[owner]
    return any(getattr(trick, stage) is not getattr(Trick, stage) for stage in stages)
