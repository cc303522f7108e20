"""Rules for the values of a setting; each gives the check, its sentence and its JSON Schema.

Each setting of a trick or an architecture and each field of a recipe has one `Rule`. `Together` rules
relate several settings. Infinity and NaN break every rule for numbers.
"""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

from autotrick.domain import Scalar


class Rule(ABC):
    """Check which values one setting accepts."""

    @abstractmethod
    def accepts(self, value: Any) -> bool:
        """Return whether a value of the setting's type satisfies the rule."""

    @abstractmethod
    def sentence(self, name: str) -> str:
        """Return the rule for a setting of this name, in words or as a Python expression."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the rule as JSON Schema, without the type."""

    def fault(self, name: str, value: Any) -> str | None:
        """Return how a value breaks the rule, as a sentence; None if it does not."""
        if self.accepts(value):
            return None
        return f"`{self.sentence(name)}` must hold, but got {name}={value!r}."


@dataclass(frozen=True, slots=True)
class Range(Rule):
    """Accept numbers from `low` to `high`, ends included unless they are open; None is unbounded."""

    low: float | None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False

    def accepts(self, value: Any) -> bool:
        low, above, below, high = self._ends()
        inside = low <= value <= high
        return bool(inside and not (above and value == low) and not (below and value == high))

    def sentence(self, name: str) -> str:
        low, above, below, high = self._ends()
        return f"{low} {'<' if above else '<='} {name} {'<' if below else '<='} {high}"

    def schema(self) -> dict[str, Any]:
        low, above, below, high = self._ends()
        # JSON has no infinity, but a TOML reader may pass one to the schema check.
        lower = {"minimum": -sys.float_info.max} if low == -inf else {}
        upper = {"maximum": sys.float_info.max} if high == inf else {}
        return {
            **(lower or {"exclusiveMinimum" if above else "minimum": low}),
            **(upper or {"exclusiveMaximum" if below else "maximum": high}),
        }

    def _ends(self) -> tuple[float, bool, bool, float]:
        """Return the low end, whether it is open, whether the high end is open, and the high end."""
        return (
            -inf if self.low is None else self.low,
            self.open_low or self.low is None,
            self.open_high or self.high is None,
            inf if self.high is None else self.high,
        )


@dataclass(frozen=True, slots=True)
class ZeroOr(Rule):
    """Accept zero, which means off or all, or a number in a range."""

    others: Range

    def accepts(self, value: Any) -> bool:
        return bool(value == 0) or self.others.accepts(value)

    def sentence(self, name: str) -> str:
        return f"{name} == 0 or {self.others.sentence(name)}"

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"const": 0}, self.others.schema()]}


@dataclass(frozen=True, slots=True)
class Stepped(Rule):
    """Accept whole numbers low, low + step, ... up to `high`."""

    low: int
    high: int
    step: int

    def accepts(self, value: Any) -> bool:
        return value in range(self.low, self.high + 1, self.step)

    def sentence(self, name: str) -> str:
        within = Range(self.low, self.high).sentence(name)
        return f"{within} and {name} % {self.step} == {self.low % self.step}"

    def schema(self) -> dict[str, Any]:
        return {"enum": [*range(self.low, self.high + 1, self.step)]}


class Options(Rule):
    """Accept one of a few values.

    Args:
        note: Text for messages about other values.
    """

    def __init__(self, *options: Scalar, note: str = "") -> None:
        self.options = options
        self.note = f" ({note})" if note else ""

    def accepts(self, value: Any) -> bool:
        return value in self.options

    def sentence(self, name: str) -> str:
        return f"{name} is one of {', '.join(map(str, self.options))}{self.note}"

    def schema(self) -> dict[str, Any]:
        return {"enum": [*self.options]}


class Flag(Rule):
    """Accept true or false."""

    def accepts(self, value: Any) -> bool:
        return isinstance(value, bool)

    def sentence(self, name: str) -> str:
        return f"{name} is true or false"

    def schema(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class Text(Rule):
    """Accept any text, such as a path."""

    what: str

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str)

    def sentence(self, name: str) -> str:
        return f"{name} is {self.what}"

    def schema(self) -> dict[str, Any]:
        return {}


class Anything(Rule):
    """Accept every value: the rule of a setting whose own rule is not known here."""

    def accepts(self, value: Any) -> bool:
        return True

    def sentence(self, name: str) -> str:
        return f"{name} is any value"

    def schema(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class FlagOrText(Rule):
    """Accept true, false, or a text that is not empty."""

    what: str

    def accepts(self, value: Any) -> bool:
        return isinstance(value, bool) or (isinstance(value, str) and bool(value))

    def sentence(self, name: str) -> str:
        return f"{name} is true, false, or {self.what}"

    def schema(self) -> dict[str, Any]:
        return {"type": ["boolean", "string"], "minLength": 1}


@dataclass(frozen=True, slots=True)
class FirstDigits(Rule):
    """Accept the first hex digits of a checksum, or nothing."""

    fewest: int
    most: int

    def accepts(self, value: Any) -> bool:
        return re.fullmatch(self._pattern, value) is not None

    def sentence(self, name: str) -> str:
        return f"{name} is empty or has {self.fewest} to {self.most} hex digits"

    def schema(self) -> dict[str, Any]:
        return {"pattern": f"^{self._pattern}$"}

    @property
    def _pattern(self) -> str:
        return f"([0-9a-f]{{{self.fewest},{self.most}}})?"


@dataclass(frozen=True, slots=True)
class Each(Rule):
    """Accept a list of numbers that all satisfy one rule."""

    rule: Range
    at_most: int

    def accepts(self, value: Any) -> bool:
        return (
            isinstance(value, list)
            and len(value) <= self.at_most
            and all(_is_number(entry) and self.rule.accepts(entry) for entry in value)
        )

    def sentence(self, name: str) -> str:
        return f"{self.rule.sentence(f'each of {name}')}, at most {self.at_most} of them"

    def schema(self) -> dict[str, Any]:
        return {"items": {"type": "number"} | self.rule.schema(), "maxItems": self.at_most}


class Rising(Rule):
    """Accept a list of shares that rise from 0 and stay below 1, or an empty one."""

    _share = Range(0, 1, open_high=True)

    def accepts(self, value: Any) -> bool:
        shares = isinstance(value, list) and all(
            _is_number(entry) and self._share.accepts(entry) for entry in value
        )
        return shares and value[:1] in ([], [0]) and all(a < b for a, b in pairwise(value))

    def sentence(self, name: str) -> str:
        return "0 = first < next < ... < 1"

    def schema(self) -> dict[str, Any]:
        share = {"type": "number"} | self._share.schema()
        return {"prefixItems": [{"const": 0}], "items": share, "uniqueItems": True}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Together(ABC):
    """Check several settings of one trick against each other."""

    names: Sequence[str]

    @property
    @abstractmethod
    def sentence(self) -> str:
        """Return the rule in words or as a Python expression."""

    @abstractmethod
    def accepts(self, *values: Any) -> bool:
        """Return whether the values of the named settings, in this order, satisfy the rule."""

    def fault(self, *values: Any) -> str | None:
        """Return how the values break the rule, as a sentence; None if they do not."""
        if self.accepts(*values):
            return None
        seen = zip(self.names, values, strict=True)
        told = " and ".join(f"{name}={value!r}" for name, value in seen)
        return f"`{self.sentence}` must hold, but got {told}."


class Ordered(Together):
    """Require the first setting to be at most the second."""

    def __init__(self, low: str, high: str) -> None:
        self.names = (low, high)

    @property
    def sentence(self) -> str:
        return " <= ".join(self.names)

    def accepts(self, *values: Any) -> bool:
        low, high = values
        return bool(low <= high)


class SumAtMost(Together):
    """Require the settings to add up to at most a number."""

    def __init__(self, *names: str, total: float) -> None:
        self.names, self.total = names, total

    @property
    def sentence(self) -> str:
        return f"{' + '.join(self.names)} <= {self.total}"

    def accepts(self, *values: Any) -> bool:
        return bool(sum(values) <= self.total)


class ZeroWith(Together):
    """Require the first setting to be 0 if the second one is."""

    def __init__(self, name: str, leader: str) -> None:
        self.names = (name, leader)

    @property
    def sentence(self) -> str:
        name, leader = self.names
        return f"{name} = 0 if {leader} = 0"

    def accepts(self, *values: Any) -> bool:
        value, leader = values
        return bool(value == 0 or leader != 0)


class OneForEach(Together):
    """Require the first list to be empty or have a number for each part of the second.

    Args:
        part: Name of a part of the second list in messages.
    """

    def __init__(self, name: str, of: str, *, part: str) -> None:
        self.names, self.part = (name, of), part

    @property
    def sentence(self) -> str:
        name, of = self.names
        return f"{name} is empty or has a number for each {self.part} of {of}"

    def accepts(self, *values: Any) -> bool:
        entries, of = values
        return not entries or len(entries) == len(of)

    def fault(self, *values: Any) -> str | None:
        if self.accepts(*values):
            return None
        entries, of = values
        needed = f"a number for each of {len(of)} {self.part}s"
        return f"`{self.names[0]}` needs {needed}, but has {len(entries)}."
