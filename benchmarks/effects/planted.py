"""Planted truth: what every recipe of a space would reach, epoch by epoch, and what each trick is worth.

Twelve roles are dealt to the twelve tricks anew in each study: nothing, half a point or a whole one for
better or worse, a point that comes late and is a loss at first, a gain at first that is gone at the end,
two tricks that are worth less together, one whose setting decides, one that makes training diverge at
high rates. The rate, the batch and the network move the value by more than any trick.

The noise of a seed has the standard deviation that is asked for at every epoch. Two thirds of its variance
last for the whole training, and a fifth of that is common to all recipes of one seed.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import exp, log, sqrt
from pathlib import Path

import numpy as np

from autotrick.domain import Float
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe
from autotrick.space import SearchSpace, load
from autotrick.tricks import TRICKS
from benchmarks.curves import Curve

SPACE = Path(__file__).with_name("space.toml")
START = 80.0
"""Percent, of a recipe whose every part is worth nothing."""

PARTNERS = ("partner 1", "partner 2")
TOGETHER = -0.9
"""What two partners lose beside each other, in points."""

_RISE, _SPAN = 12.0, 2.5
_LASTING, _OF_SEED = 0.64, 0.2
_UNSTABLE_FROM, _DIVERGES = 0.55, 0.4
_CHANCE = 0.1


@dataclass(frozen=True, slots=True)
class Role:
    """What a trick is worth, in points.

    Attributes:
        final: At the last epoch, on average over its settings.
        first: At the first epoch; it changes evenly from there to the last.
        slope: How much more the upper end of its setting's range is worth than the middle.
        bow: How much less both ends are worth than the middle.
        diverges: Whether training can diverge with it at high rates.
    """

    final: float
    first: float
    slope: float = 0.0
    bow: float = 0.0
    diverges: bool = False


ROLES: dict[str, Role] = {
    "null": Role(0.0, 0.0),
    "null 2": Role(0.0, 0.0),
    "+0.5": Role(0.5, 0.5, slope=0.2),
    "-0.5": Role(-0.5, -0.5, slope=0.2),
    "+1": Role(1.0, 1.0, slope=0.2),
    "-1": Role(-1.0, -1.0, slope=0.2),
    "slow +1": Role(1.0, -1.5),
    "fast 0": Role(0.0, 1.5),
    "partner 1": Role(0.8, 0.8),
    "partner 2": Role(0.8, 0.8),
    "setting +0.5": Role(0.5, 0.5, bow=1.5),
    "unstable +0.5": Role(0.5, 0.5, diverges=True),
}


def kind(role: str) -> str:
    """Return a role without its number: the kind of trick that it is."""
    return role.rstrip("12").rstrip() if role.startswith(("null", "partner")) else role


class Planted:
    """What every recipe of the space would reach in one simulated world.

    Args:
        seed: Of the world: which trick has which role, the best rate, the noise.
        noise: Standard deviation among seeds of one recipe, in points.

    Attributes:
        roles: By trick.
    """

    def __init__(self, seed: int, noise: float) -> None:
        self.space: SearchSpace = load(SPACE)
        self.noise = noise
        self._seed = seed
        rng = np.random.default_rng(key_of(seed, "world"))
        self.roles = _dealt(self.space, rng)
        # The best rate lies in the middle half of its range, in which the ends are -1 and 1.
        self._best_rate = float(rng.uniform(-0.5, 0.5))
        self._curved = float(rng.uniform(1.5, 3.0))
        self._batch = {
            64: 0.0,
            128: float(rng.uniform(-0.8, 0.8)),
            256: float(rng.uniform(-1.5, 0.5)),
        }
        self._network = {
            ("lenet5", 1.0): 0.0,
            ("lenet5", 2.0): float(rng.uniform(0.5, 1.5)),
            ("fastnet", 0.25): float(rng.uniform(2.0, 4.0)),
            ("fastnet", 0.5): float(rng.uniform(3.0, 5.5)),
        }

    @property
    def epochs(self) -> int:
        """Return the epochs of a complete trial."""
        return self.space.most("epochs")

    def kind(self, trick: str) -> str:
        """Return what kind of trick it is."""
        return kind(self.roles[trick])

    def value(self, recipe: Recipe, epoch: int | None = None) -> float:
        """Return the mean value over seeds in percent, of trainings that do not diverge.

        Args:
            epoch: Counted from 1; None for the recipe's last.
        """
        epoch = epoch or recipe.epochs
        time = 1 - (epoch - 1) / max(1, recipe.epochs - 1)
        return self._around(recipe) - _late(epoch, recipe.epochs) + self._tricks(recipe, time)

    def diverges(self, recipe: Recipe) -> bool:
        """Return whether the training of a recipe with this seed diverges."""
        unstable = any(ROLES[self.roles[name]].diverges for name in recipe.tricks)
        if not unstable or self._place(recipe) < _UNSTABLE_FROM:
            return False
        return self._draw(recipe, "diverges").random() < _DIVERGES

    def find(self, recipe: Recipe) -> Curve:
        """Return what one training of a recipe reports."""
        lasting = (
            sqrt(_LASTING * _OF_SEED)
            * np.random.default_rng(key_of(self._seed, f"seed {recipe.seed}")).normal()
        )
        own = self._draw(recipe, "noise")
        lasting += sqrt(_LASTING * (1 - _OF_SEED)) * own.normal()
        passing = sqrt(1 - _LASTING) * own.normal(size=recipe.epochs)
        noise = self.noise * (lasting + passing)
        values = [self.value(recipe, e) + noise[e - 1] for e in range(1, recipe.epochs + 1)]
        accuracy = tuple(float(min(0.999, max(0.0, value / 100))) for value in values)
        seconds = float(np.prod([TRICKS[name].cost for name in recipe.tricks]))
        failure = ""
        if self.diverges(recipe):
            # Half of them end with an error, the others train on and guess.
            if own.random() < 0.5:
                accuracy, failure = accuracy[:2], "nan_loss"
            else:
                accuracy = accuracy[:2] + (_CHANCE,) * (recipe.epochs - 2)
        return Curve({}, accuracy, seconds, failure)

    def gain(self, tricks: frozenset[str]) -> float:
        """Return what a set of tricks is worth at the last epoch, averaged over settings, in points."""
        held = [self.roles[name] for name in tricks]
        return sum(ROLES[role].final for role in held) + TOGETHER * (set(PARTNERS) <= set(held))

    def regret(self, tricks: frozenset[str], around: Recipe) -> float:
        """Return by how many points a set of tricks falls short of the best one.

        Args:
            around: The recipe whose rate, batch and network both have; here it makes no difference.
        """
        return self.best_gain - self.gain(tricks)

    @cached_property
    def best_gain(self) -> float:
        """Return what the best set of tricks is worth, in points."""
        options = [unit.options for unit in self.space.units.units]
        return max(self.gain(frozenset(chosen) - {"off"}) for chosen in product(*options))

    @cached_property
    def best(self) -> float:
        """Return the highest mean value of a recipe, in percent, settings averaged."""
        around = max(self._network.values()) + max(self._batch.values())
        return START + around + self.best_gain

    def worth(self, recipe: Recipe) -> float:
        """Return the mean value of a recipe in percent with its tricks' settings averaged."""
        return self._around(recipe) + self.gain(frozenset(recipe.tricks))

    @cached_property
    def shares(self) -> dict[str, float]:
        """Return each decision's share of what decisions explain by themselves, over the whole space.

        That is the variance of the mean value given the decision (a main effect of functional ANOVA),
        divided by the sum of these variances; that of a conditional decision counts where it is made.
        All decisions are drawn independently, as `sampler = "random"` draws them.
        """
        found = {"base_lr": self._rate_variance(), "batch_size": _variance(self._batch.values())}
        widths = {
            name: [value for (owner, _), value in self._network.items() if owner == name]
            for name in ("lenet5", "fastnet")
        }
        found["architecture"] = _variance(np.mean(w) for w in widths.values())
        found |= {f"{name}.width": _variance(w) / 2 for name, w in widths.items()}
        chances = {
            self.roles[name]: 1 / len(unit.options)
            for unit in self.space.units.units
            for name in unit.tricks
        }
        others = dict(zip(PARTNERS, reversed(PARTNERS), strict=True))
        for unit in self.space.units.units:
            finals = [0.0]
            for name in unit.tricks:
                held = self.roles[name]
                role = ROLES[held]
                beside = TOGETHER * chances[others[held]] if held in others else 0.0
                finals.append(role.final + beside)
                for setting in self._ranges(name):
                    within = role.slope**2 / 3 + role.bow**2 * 4 / 45
                    found[f"{name}.{setting}"] = within * chances[held]
            found[unit.name] = _variance(finals)
        total = sum(found.values())
        return {name: value / total for name, value in found.items()}

    def _rate_variance(self) -> float:
        places = np.linspace(-1, 1, 2001)
        return float(np.var(self._curved * np.square(places - self._best_rate)))

    def _around(self, recipe: Recipe) -> float:
        """Return the mean value without tricks, in percent."""
        rate = 2 * self._place(recipe) - 1
        network = self._network[
            recipe.architecture, float(str(recipe.architecture_settings["width"]))
        ]
        lost = self._curved * (rate - self._best_rate) ** 2
        return START + network + self._batch[recipe.batch_size] - lost

    def _place(self, recipe: Recipe) -> float:
        """Return where the base rate lies in its range, in [0, 1]."""
        return _place(self.space.search["base_lr"], recipe.base_lr)

    def _tricks(self, recipe: Recipe, time: float) -> float:
        """Return what the tricks are worth when this share of the epochs is still to come."""
        total, partners = 0.0, 0
        for name, settings in recipe.tricks.items():
            role = ROLES[self.roles[name]]
            total += role.final + (role.first - role.final) * time
            partners += self.roles[name] in PARTNERS
            for setting, domain in self._ranges(name).items():
                place = 2 * _place(domain, settings[setting]) - 1
                total += role.slope * place + role.bow * (1 / 3 - place**2)
        return total + TOGETHER * (partners == len(PARTNERS))

    def _ranges(self, trick: str) -> dict[str, Float]:
        """Return the settings of a trick that vary."""
        return ranges(self.space, trick)

    def _draw(self, recipe: Recipe, purpose: str) -> np.random.Generator:
        return np.random.default_rng(key_of(self._seed, f"{purpose} {recipe.digest()}"))


def ranges(space: SearchSpace, trick: str) -> dict[str, Float]:
    """Return the settings of a trick that vary in a range."""
    settings = space.tricks[trick].settings.items()
    return {name: domain for name, domain in settings if isinstance(domain, Float)}


def _dealt(space: SearchSpace, rng: np.random.Generator) -> dict[str, str]:
    """Deal roles to tricks: partners in different slots, a deciding setting to a trick with one."""
    names = list(space.tricks)
    while True:
        roles = dict(zip(names, rng.permutation(list(ROLES)), strict=True))
        holder = {role: name for name, role in roles.items()}
        first, second = (TRICKS[holder[role]].slot for role in PARTNERS)
        if (not first or first != second) and ranges(space, holder["setting +0.5"]):
            return {name: str(role) for name, role in roles.items()}


def _late(epoch: int, epochs: int) -> float:
    """Return how many points a training still lacks after an epoch."""
    return _RISE * (exp(-epoch / _SPAN) - exp(-epochs / _SPAN))


def _place(domain: object, value: object) -> float:
    """Return where a value lies in a range, in [0, 1]."""
    assert isinstance(domain, Float) and isinstance(value, float)
    if domain.log:
        return log(value / domain.low) / log(domain.high / domain.low)
    return (value - domain.low) / (domain.high - domain.low)


def _variance(values: object) -> float:
    return float(np.var(np.fromiter(values, float)))  # type: ignore[call-overload]
