"""The decisions of a space as columns of a regression, and what they vary over the whole space.

An option is coded by contrasts, a number by polynomials over its range (its logarithm's where the range is
logarithmic; the places of more than four numbers to choose from count as a range). A decision that only some recipes make has columns that are 0 in the others, so that its
columns say what it changes where it is made. All entries of a policy share the columns of one group, which
count how often each operation comes and how strong it is, in whatever sub-policy.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from typing import Literal

import numpy as np

from autotrick.design.regression import Array
from autotrick.domain import Float, Integer, PolicyDomain, Scalar
from autotrick.recipe import Recipe
from autotrick.space import SearchSpace
from autotrick.space.model import unit_of

Family = Literal["field", "switch", "setting"]
Numbers = Float | Integer
Options = tuple[Scalar, ...]

_DRAWS = 500
_MOST_OPTIONS = 4
_DEGREES: Mapping[Family, int] = {"field": 3, "switch": 1, "setting": 2}


@dataclass(frozen=True, slots=True)
class Group:
    """A decision, or all entries of a policy.

    Attributes:
        name: As the space names it.
        owner: The trick or architecture whose setting it is; the name itself if it is none.
        family: `field`: of every recipe, or of its architecture; `switch`: which trick is on;
            `setting`: of a trick.
    """

    name: str
    owner: str
    family: Family


@dataclass(frozen=True, slots=True)
class _Feature:
    """What the columns of one group are made of: a value, or one part of all entries of a policy."""

    group: str
    part: str = ""


class Decisions:
    """The decisions of a space.

    Args:
        space: Whose decisions; its ranges and options are what they vary over.

    Attributes:
        groups: In the order in which recipes decide them.
        of: (P,) the index of the group of each column.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._policies = [
            f"{trick}.{name}"
            for trick, listed in space.tricks.items()
            for name, domain in listed.settings.items()
            if isinstance(domain, PolicyDomain)
        ]
        self._units = {unit.name: unit for unit in space.units.units}
        self._names: dict[str, _Feature] = {}
        chance = _Chance()
        drawn = []
        for _ in range(_DRAWS):
            chance.answers = {}
            space.decide(chance)
            drawn.append(chance.answers)
        self._features: dict[_Feature, Numbers | Options] = {}
        for name, domain in chance.domains.items():
            self._features.setdefault(self._feature(name), self._whole(name, domain))
        self.groups = list(dict.fromkeys(self._group(f.group) for f in self._features))
        names = [group.name for group in self.groups]
        self.of = np.array(
            [
                names.index(f.group)
                for f, domain in self._features.items()
                for _ in range(self._width(f, domain))
            ],
            int,
        )
        self._variances = np.cov(self._coded(drawn), rowvar=False, ddof=0).reshape(
            2 * self.of.shape
        )

    def columns(self, recipes: Sequence[Recipe]) -> Array:
        """Return (N, P) what recipes decide.

        Raises:
            SpaceError: A recipe is not of this space.
        """
        return self._coded([self._space.answers(recipe) for recipe in recipes])

    def _coded(self, answers: Sequence[Mapping[str, Scalar]]) -> Array:
        rows: dict[_Feature, list[int]] = {feature: [] for feature in self._features}
        values: dict[_Feature, list[Scalar]] = {feature: [] for feature in self._features}
        for i, here in enumerate(answers):
            for name, value in here.items():
                feature = self._feature(name)
                if feature in rows:
                    rows[feature].append(i)
                    values[feature].append(value)
        parts = [np.empty((len(answers), 0))]
        for feature, domain in self._features.items():
            part = np.zeros((len(answers), self._width(feature, domain)))
            if held := rows[feature]:
                np.add.at(part, held, self._code(feature, domain, values[feature]))
                part /= sqrt(max(Counter(held).values()))
            parts.append(part)
        return np.column_stack(parts)

    def variances(self, coefficients: Array) -> Array:
        """Return (..., G) the variance over the whole space of what each group adds.

        All that a recipe decides is drawn evenly, as `sampler = "random"` does.

        Args:
            coefficients: (..., P) of the columns.
        """
        found = np.zeros((*coefficients.shape[:-1], len(self.groups)))
        for i in range(len(self.groups)):
            mine = np.flatnonzero(self.of == i)
            held = coefficients[..., mine]
            within = self._variances[np.ix_(mine, mine)]
            found[..., i] = np.einsum("...i,ij,...j->...", held, within, held)
        return found

    def _feature(self, name: str) -> _Feature:
        if name not in self._names:
            self._names[name] = self._feature_of(name)
        return self._names[name]

    def _feature_of(self, name: str) -> _Feature:
        for policy in self._policies:
            if name.startswith(f"{policy}."):
                return _Feature(policy, name.rsplit(".", 1)[1])
        return _Feature(unit_of(name))

    def _group(self, name: str) -> Group:
        owner = name.split(".")[0]
        if name in self._units:
            return Group(name, name, "switch")
        if owner in self._space.tricks:
            return Group(name, owner, "setting")
        return Group(name, owner if owner in self._space.architectures else name, "field")

    def _whole(self, name: str, domain: Numbers | Options) -> Numbers | Options:
        """Return all options of a switch that earlier decisions may have narrowed."""
        unit = self._units.get(unit_of(name))
        return unit.options if unit and len(unit.tricks) > 1 else domain

    def _width(self, feature: _Feature, domain: Numbers | Options) -> int:
        if isinstance(domain, tuple) and not _ordered(domain):
            return len(domain) - 1
        return self._degree(feature, domain)

    def _degree(self, feature: _Feature, domain: Numbers | Options) -> int:
        most = 1 if feature.part else _DEGREES[self._group(feature.group).family]
        if isinstance(domain, Float | tuple):
            return most
        return min(most, (domain.high - domain.low) // domain.step)

    def _code(
        self, feature: _Feature, domain: Numbers | Options, values: Sequence[Scalar]
    ) -> Array:
        """Return a row for each value."""
        if isinstance(domain, tuple) and not _ordered(domain):
            return _contrasts(len(domain))[[domain.index(value) for value in values]]
        return _polynomials(_places(domain, values), self._degree(feature, domain))


class _Chance:
    """Decide by chance, and note what was to decide."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)
        self.domains: dict[str, Numbers | Options] = {}
        self.answers: dict[str, Scalar] = {}

    def number(self, name: str, domain: Float) -> float:
        share = self._rng.random()
        value = domain.low + (domain.high - domain.low) * share
        if domain.log:
            value = domain.low * (domain.high / domain.low) ** share
        self._note(name, domain, min(domain.high, value))
        return float(self.answers[name])

    def integer(self, name: str, domain: Integer) -> int:
        steps = (domain.high - domain.low) // domain.step
        value = domain.low + domain.step * int(self._rng.integers(steps + 1))
        if domain.log:
            value = round(domain.low * (domain.high / domain.low) ** self._rng.random())
        self._note(name, domain, value)
        return value

    def choice(self, name: str, options: Options) -> Scalar:
        self._note(name, options, options[self._rng.integers(len(options))])
        return self.answers[name]

    def _note(self, name: str, domain: Numbers | Options, value: Scalar) -> None:
        self.domains[name], self.answers[name] = domain, value


def _ordered(options: Options) -> bool:
    """Return whether options are numbers, and so many that they count as a range."""
    numbers = all(isinstance(o, int | float) and not isinstance(o, bool) for o in options)
    return numbers and len(options) > _MOST_OPTIONS


def _places(domain: Numbers | Options, values: Sequence[Scalar]) -> Array:
    """Return where values lie in their range, from -1 to 1; of options, in their order."""
    if isinstance(domain, tuple):
        ranked = sorted(domain)
        return np.array([2 * ranked.index(value) / (len(domain) - 1) - 1 for value in values])
    found, low, high = np.array(values, float), float(domain.low), float(domain.high)
    if low == high:
        return np.zeros(len(found))
    if domain.log:
        found, low, high = np.log(found), log(low), log(high)
    return 2 * (found - low) / (high - low) - 1


def _polynomials(places: Array, degree: int) -> Array:
    """Return (N, D) Legendre polynomials in [-1, 1], of variance 1 if all places are as likely."""
    values = (places, (3 * places**2 - 1) / 2, (5 * places**3 - 3 * places) / 2)
    scaled = [sqrt(2 * i + 3) * value for i, value in enumerate(values[:degree])]
    return np.column_stack([np.empty((len(places), 0)), *scaled])


@cache
def _contrasts(count: int) -> Array:
    """Return (K, K - 1) a code of options, of variance 1 and independent if all are as likely."""
    left, _, _ = np.linalg.svd(np.eye(count) - 1 / count)
    code: Array = left[:, : count - 1] * sqrt(count)
    return code
