"""A conditional space as a cube: every decision has an axis, asked for or not.

Many samplers know no conditions. They see recipes as points of the cube: a switch has the recipe's
value, whatever decided it; the settings of what is off have their published values, as in SMAC
(Hutter, Hoos, Leyton-Brown, LION 2011). The space's own walk reads their proposals and asks only for
what matters, so every point of the cube is a valid recipe.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autotrick.domain import Axis, Choice, Chooser, Float, Integer, Scalar
from autotrick.recipe import Recipe
from autotrick.space import OFF, SearchSpace, decisions, neutral, unit_of


class UnitCube:
    """The cube of a space.

    Attributes:
        axes: The decisions in the order of asking; those of a policy one by one.
        neutral: The point of all tricks off and published values.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self.axes: dict[str, Axis] = {}
        chooser = _Recording(neutral(space), self.axes)
        for decision in decisions(space):
            decision.domain.draw(decision.name, chooser)
            if isinstance(decision.domain, Choice):
                self.axes[decision.name] = decision.domain
        self.neutral = chooser.answered

    def point(self, recipe: Recipe, answers: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Return the point of a recipe, given the answers that lead to it."""
        return self.neutral | self._decided(recipe, answers)

    def active(self, recipe: Recipe, answers: Mapping[str, Scalar]) -> frozenset[str]:
        """Return the axes that a recipe depends on."""
        return frozenset(self._decided(recipe, answers))

    def chooser(self, point: Mapping[str, Scalar]) -> Chooser:
        """Return a chooser that answers from a point."""
        return _AtPoint(point)

    def _decided(self, recipe: Recipe, answers: Mapping[str, Scalar]) -> dict[str, Scalar]:
        found = {name: value for name, value in answers.items() if name in self.axes}
        # A switch that rules have narrowed was asked under another name, or not at all.
        for unit in self._space.units.units:
            if unit.name in self.axes:
                on = next((trick for trick in unit.tricks if trick in recipe.tricks), OFF)
                found[unit.name] = on != OFF if len(unit.tricks) == 1 else on
        return found


@dataclass(frozen=True, slots=True)
class _Recording:
    """Records the domain of every question, and answers like another chooser."""

    other: Chooser
    axes: dict[str, Axis]
    answered: dict[str, Scalar] = field(default_factory=dict)

    def number(self, name: str, domain: Float) -> float:
        self.axes[name] = domain
        self.answered[name] = found = self.other.number(name, domain)
        return found

    def integer(self, name: str, domain: Integer) -> int:
        self.axes[name] = domain
        self.answered[name] = found = self.other.integer(name, domain)
        return found

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        self.axes[name] = Choice(options)
        self.answered[name] = found = self.other.choice(name, options)
        return found


@dataclass(frozen=True, slots=True)
class _AtPoint:
    """Answers from a point; an option that rules exclude becomes off, or the first one left."""

    point: Mapping[str, Scalar]

    def number(self, name: str, domain: Float) -> float:
        return min(max(float(self.point[name]), domain.low), domain.high)

    def integer(self, name: str, domain: Integer) -> int:
        return min(max(int(self.point[name]), domain.low), domain.high)

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        value = self.point[unit_of(name)]
        if value in options:
            return value
        return OFF if OFF in options else options[0]
