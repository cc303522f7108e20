"""Every recipe of a small space, counted and numbered without walking them all."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import prod
from typing import cast

from autotrick.domain import Choice, Domain, Integer, ReplayChooser, Scalar
from autotrick.errors import SpaceError
from autotrick.models import find as find_architecture
from autotrick.recipe import Recipe
from autotrick.space.describe import decisions
from autotrick.space.fields import FIELDS
from autotrick.space.model import SearchSpace, switch
from autotrick.space.parse_domain import Fixed
from autotrick.space.slots import OFF, Unit

_Axis = tuple[str, Sequence[Scalar]]


class Grid:
    """The valid recipes of a space in which everything is a list or a range of whole numbers.

    Attributes:
        size: Number of recipes.
    """

    def __init__(self, space: SearchSpace) -> None:
        """Count the recipes.

        Raises:
            SpaceError: Something varies continuously.
        """
        endless = [f"{d.name} ({d.domain})" for d in decisions(space) if _values(d.domain) is None]
        if endless:
            raise SpaceError(
                "the sampler 'grid' tries every recipe, but without end vary "
                f"{', '.join(endless)}. Write a list of options, or choose another sampler."
            )
        self._space = space
        self._fields = [
            (name, _listed(space.search[name]))
            for name in FIELDS
            if name in space.search and name != "architecture"
        ]
        self._settings = {
            owner: _axes(owner, settings)
            for owner, settings in ((name, each.settings) for name, each in space.tricks.items())
        }
        self._networks = {
            name: _networks(name, settings) for name, settings in space.architectures.items()
        }
        self._count = cache(self._counted)
        owners = space.architectures
        networks = sum(size for name in owners for size, _ in self._networks[name])
        self.size = _size(self._fields) * networks * self._count(0, frozenset())

    def recipe(self, index: int) -> Recipe:
        """Return the recipe at an index in [0, size); all of them differ."""
        index, rest = divmod(index, _size(self._fields))
        answers = _answers(self._fields, rest)
        many = self._count(0, frozenset())
        index, rest = divmod(index, many)
        architecture = self._architecture(index, answers)
        answers |= architecture
        self._tricks(rest, answers)
        return self._space.decide(ReplayChooser(answers))

    def _architecture(self, index: int, answers: Mapping[str, Scalar]) -> dict[str, Scalar]:
        for name, parts in self._networks.items():
            for size, axes in parts:
                if index < size:
                    asked = {"architecture": name} if "architecture" in self._space.search else {}
                    return asked | _answers(axes, index)
                index -= size
        raise IndexError(index)

    def _tricks(self, index: int, answers: dict[str, Scalar]) -> None:
        units, on = self._space.units, frozenset[str]()
        for i, unit in enumerate(units.units):
            options = units.open(i, on)
            for option in options:
                later = self._count(i + 1, units.relevant(i + 1, _with(on, option)))
                if index < self._owned(option) * later:
                    break
                index -= self._owned(option) * later
            own, index = divmod(index, later)
            if len(options) > 1:
                answers |= [_switched(unit, options, option)]
            answers |= _answers(self._settings.get(option, []), own)
            on = units.relevant(i + 1, _with(on, option))

    def _counted(self, i: int, on: frozenset[str]) -> int:
        """Return the number of ways to decide unit i and all later ones."""
        units = self._space.units
        if i == len(units.units):
            return 1
        return sum(
            self._owned(option) * self._count(i + 1, units.relevant(i + 1, _with(on, option)))
            for option in units.open(i, on)
        )

    def _owned(self, owner: str) -> int:
        return _size(self._settings.get(owner, []))


def trials_of(space: SearchSpace, requested: int | None) -> int:
    """Return the total number of trials of a study over a space.

    Args:
        requested: Number of trials that the user asked for; None takes the space's. A grid has at most
            one trial per recipe, plus those with half the batch after running out of memory.

    Raises:
        SpaceError: The grid is infinite.
    """
    trials = requested or space.study.trials
    if space.study.sampler != "grid":
        return trials
    size = Grid(space).size
    return trials if space.study.on_out_of_memory == "smaller_batch" else min(trials, size)


def _values(domain: Domain) -> Sequence[Scalar] | None:
    match domain:
        case Choice(options):
            return options
        case Integer(low, high, _, step):
            return range(low, high + 1, step)
    return None


def _listed(domain: Domain) -> Sequence[Scalar]:
    values = _values(domain)
    assert values is not None
    return values


def _axes(owner: str, settings: Mapping[str, Domain]) -> list[_Axis]:
    return [
        (f"{owner}.{name}", _listed(domain))
        for name, domain in settings.items()
        if not isinstance(domain, Fixed)
    ]


def _networks(owner: str, settings: Mapping[str, Domain]) -> list[tuple[int, list[_Axis]]]:
    """Return the decisions on an architecture's settings, each group with its number of answers.

    Settings that need another one are not asked for where that one is at its default.
    """
    axes = _axes(owner, settings)
    specs = {f"{owner}.{spec.name}": spec for spec in find_architecture(owner).settings}
    for leader, values in axes:
        name = specs[leader].name
        default = cast(Scalar, specs[leader].default)
        led = [axis for axis in axes if specs[axis[0]].needs == name]
        if led and default in values:
            others = [axis for axis in axes if axis not in led and axis[0] != leader]
            off: list[_Axis] = [*others, (leader, [default])]
            on: list[_Axis] = [*others, (leader, [v for v in values if v != default]), *led]
            return [(_size(off), off), (_size(on), on)]
    return [(_size(axes), axes)]


def _size(axes: Iterable[_Axis]) -> int:
    return prod(len(values) for _, values in axes)


def _answers(axes: Iterable[_Axis], index: int) -> dict[str, Scalar]:
    answers: dict[str, Scalar] = {}
    for name, values in axes:
        index, position = divmod(index, len(values))
        answers[name] = values[position]
    return answers


def _switched(unit: Unit, options: tuple[str, ...], option: str) -> tuple[str, Scalar]:
    return switch(unit, options)[0], option != OFF if len(unit.tricks) == 1 else option


def _with(on: frozenset[str], option: str) -> frozenset[str]:
    return on if option == OFF else on | {option}
