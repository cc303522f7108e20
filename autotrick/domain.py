"""Domains: the values that a setting may take in a search.

A domain asks a `Chooser` for its value, piece by piece and by name. The chooser may be an Optuna
trial, a table of recorded answers, or the published defaults: one walk over the space serves
sampling, rebuilding a sampler's history from recorded recipes, and listing a space.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Literal, Protocol

from pydantic import JsonValue

Scalar = bool | int | float | str
Value = JsonValue
Confidence = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Prior:
    """Prior knowledge of a decision: its expected best value, and how sure that is."""

    value: Scalar
    confidence: Confidence = "medium"


class Chooser(Protocol):
    """Makes the decisions of a walk. Each call names its decision; a name always has the same options."""

    def number(self, name: str, domain: "Float") -> float: ...

    def integer(self, name: str, domain: "Integer") -> int: ...

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar: ...


class Domain(ABC):
    """A set of values with a way to choose one."""

    @abstractmethod
    def draw(self, name: str, choose: Chooser) -> Value:
        """Return a value, deciding every piece of it through `choose`."""

    @abstractmethod
    def answers(self, name: str, value: Value) -> dict[str, Scalar]:
        """Return the decisions that lead to `value`: `draw` with these answers gives it back."""

    @abstractmethod
    def ends(self) -> tuple[Value, ...]:
        """Return the extreme values, which tests try."""

    @abstractmethod
    def __contains__(self, value: object) -> bool: ...

    @abstractmethod
    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Float(Domain):
    """Real numbers in [low, high], even on a log scale if `log`."""

    low: float
    high: float
    log: bool = False
    prior: Prior | None = None

    def draw(self, name: str, choose: Chooser) -> float:
        return choose.number(name, self)

    def answers(self, name: str, value: Value) -> dict[str, Scalar]:
        assert isinstance(value, int | float)
        return {name: float(value)}

    def ends(self) -> tuple[Value, ...]:
        return (self.low, self.high)

    def __contains__(self, value: object) -> bool:
        return (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and self.low <= value <= self.high
        )

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}{' (log)' if self.log else ''}"


@dataclass(frozen=True, slots=True)
class Integer(Domain):
    """Whole numbers low, low + step, ..., high; even on a log scale if `log` (then step is 1)."""

    low: int
    high: int
    log: bool = False
    step: int = 1
    prior: Prior | None = None

    def draw(self, name: str, choose: Chooser) -> int:
        return choose.integer(name, self)

    def answers(self, name: str, value: Value) -> dict[str, Scalar]:
        assert isinstance(value, int)
        return {name: value}

    def ends(self) -> tuple[Value, ...]:
        return (self.low, self.high)

    def __contains__(self, value: object) -> bool:
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and self.low <= value <= self.high
            and (value - self.low) % self.step == 0
        )

    def __str__(self) -> str:
        step = f", step {self.step}" if self.step != 1 else ""
        return f"{self.low} to {self.high}{' (log)' if self.log else ''}{step}"


@dataclass(frozen=True, slots=True)
class Choice(Domain):
    """One of the options."""

    options: tuple[Scalar, ...]
    prior: Prior | None = None

    def draw(self, name: str, choose: Chooser) -> Scalar:
        return choose.choice(name, self.options)

    def answers(self, name: str, value: Value) -> dict[str, Scalar]:
        assert isinstance(value, Scalar)
        return {name: value}

    def ends(self) -> tuple[Value, ...]:
        return self.options

    def __contains__(self, value: object) -> bool:
        return any(type(value) is type(option) and value == option for option in self.options)

    def __str__(self) -> str:
        return ", ".join(str(option) for option in self.options)


@dataclass(frozen=True, slots=True)
class PolicyDomain(Domain):
    """An AutoAugment-style policy: sub-policies of operations, each with two numbers.

    Cubuk et al., "AutoAugment: Learning Augmentation Policies from Data", CVPR 2019: 5 sub-policies
    of 2 operations with a probability in [0, 1] and a magnitude in [0, 1] of the operation's range.
    The value is a list of sub-policies, each a list of [operation, probability, magnitude].
    """

    operations: tuple[str, ...]
    sub_policies: int = 5
    length: int = 2

    def draw(self, name: str, choose: Chooser) -> Value:
        unit = Float(0.0, 1.0)
        return [
            [
                [
                    choose.choice(f"{name}.{i}.{j}.operation", self.operations),
                    choose.number(f"{name}.{i}.{j}.probability", unit),
                    choose.number(f"{name}.{i}.{j}.magnitude", unit),
                ]
                for j in range(self.length)
            ]
            for i in range(self.sub_policies)
        ]

    def answers(self, name: str, value: Value) -> dict[str, Scalar]:
        assert isinstance(value, list)
        found: dict[str, Scalar] = {}
        for i, sub_policy in enumerate(value):
            assert isinstance(sub_policy, list)
            for j, step in enumerate(sub_policy):
                assert isinstance(step, list)
                parts = zip(("operation", "probability", "magnitude"), step, strict=True)
                found |= {f"{name}.{i}.{j}.{part}": x for part, x in parts if isinstance(x, Scalar)}
        return found

    def ends(self) -> tuple[Value, ...]:
        def filled(operation: str, magnitude: float) -> Value:
            return [[[operation, 1.0, magnitude]] * self.length] * self.sub_policies

        return tuple(filled(op, m) for op in self.operations for m in (0.0, 1.0))

    def __contains__(self, value: object) -> bool:
        return isinstance(value, list) and len(value) == self.sub_policies

    def __str__(self) -> str:
        return (
            f"{self.sub_policies} sub-policies x {self.length} of {len(self.operations)} operations"
        )


class ReplayChooser:
    """A chooser that repeats recorded decisions; it raises KeyError for any other."""

    def __init__(self, table: Mapping[str, Scalar]) -> None:
        self._table = table

    def number(self, name: str, domain: Float) -> float:
        return float(self._table[name])

    def integer(self, name: str, domain: Integer) -> int:
        return int(self._table[name])

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        return self._table[name]


Axis = Float | Integer | Choice
"""The domain of one decision."""


def from_unit(axis: Axis, unit: float) -> Scalar:
    """Return the value at a unit coordinate in [0, 1); even coordinates give even values."""
    match axis:
        case Choice(options):
            return options[min(int(unit * len(options)), len(options) - 1)]
        case Float(low, high, logarithmic):
            if logarithmic:
                return min(max(low * exp(unit * log(high / low)), low), high)
            return min(low + unit * (high - low), high)
        case Integer(low, high, logarithmic, step):
            if logarithmic:
                bottom, top = low - 0.5, high + 0.5
                return min(max(round(bottom * exp(unit * log(top / bottom))), low), high)
            count = (high - low) // step + 1
            return low + step * min(int(unit * count), count - 1)


def to_unit(axis: Float | Integer, value: float) -> float:
    """Return the unit coordinate of a number, in [0, 1]; an integer stands in the middle of its bin."""
    if isinstance(axis, Float):
        if axis.log:
            return log(value / axis.low) / log(axis.high / axis.low)
        return (value - axis.low) / (axis.high - axis.low)
    if axis.log:
        bottom, top = axis.low - 0.5, axis.high + 0.5
        return log(value / bottom) / log(top / bottom)
    count = (axis.high - axis.low) // axis.step + 1
    return ((value - axis.low) / axis.step + 0.5) / count
