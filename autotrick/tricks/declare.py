"""Declare a trick's settings, papers, published effects and cost.

The cost is one number: the time of a whole training with the trick, without evaluation, divided by
the time without it. It is measured at default settings on one CPU core with a small convolutional
network. Costs per image weigh less with a larger network, and costs per update weigh less with a
larger batch. `python -m benchmarks costs` measures it and flags declarations that are wrong by more
than a factor of two; a test checks them against the counted arithmetic.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autotrick.domain import Domain, Value
from autotrick.errors import RecipeError
from autotrick.tricks.rules import FirstDigits, Flag, FlagOrText, Rule


@dataclass(frozen=True, slots=True)
class Paper:
    """Describe where a trick was published; `autotrick.tricks.papers` lists all papers.

    Attributes:
        venue: The conference or journal; empty for a preprint, a page or a talk.
        where: The part that the trick follows, such as `section 4.2`.
    """

    title: str
    authors: str
    year: int
    link: str
    venue: str = ""
    where: str = ""

    def at(self, where: str) -> Paper:
        """Return the same paper, narrowed to the part that a trick follows."""
        return dataclasses.replace(self, where=where)

    @property
    def published(self) -> str:
        """Return venue, year and part, such as `CVPR 2016, section 4.2`."""
        volume = "," if self.venue[-1:].isdigit() else ""
        when = f"{self.venue}{volume} {self.year}".strip()
        return f"{when}, {self.where}" if self.where else when

    def __str__(self) -> str:
        return f'{self.authors}, "{self.title}", {self.published}. {self.link}'


@dataclass(frozen=True, slots=True)
class Claim:
    """Record a published effect: the metric without the trick and with it.

    Attributes:
        before: Accuracy in percent without the trick.
        after: Accuracy in percent with it.
    """

    data: str
    architecture: str
    before: float
    after: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """Describe one setting of a trick or an architecture.

    Attributes:
        about: Meaning, unit and range in one sentence.
        default: The published value.
        rule: Which values are allowed.
        domain: Values that a search tries unless the space overrides them; None if it is not
            searched.
        neutral: The value at which the trick has no effect; None if no single value has that
            property.
        omitted: Whether spaces and recipes leave it out at its default, so that those recorded before
            it existed keep their digest. Of architectures only.
        needs: Name of another setting without which this one means nothing; a search asks for it only
            where that one is not at its default. Of architectures only.

    Raises:
        ValueError: The default, the neutral value or an end of the domain breaks the rule.
    """

    name: str
    about: str
    default: Value
    rule: Rule
    domain: Domain | None = None
    neutral: Value = None
    omitted: bool = False
    needs: str = ""

    def __post_init__(self) -> None:
        neutral = () if self.neutral is None else (self.neutral,)
        for value in (self.default, *neutral, *(self.domain.ends() if self.domain else ())):
            if fault := self.rule.fault(self.name, value):
                raise ValueError(f"a declaration breaks its own rule: {fault}")

    @property
    def kinds(self) -> tuple[type, ...]:
        """Return the types that a value may have."""
        return (bool, str) if isinstance(self.rule, FlagOrText) else (type(self.default),)

    @property
    def sentence(self) -> str:
        """Return the rule as messages and pages show it, such as `0 <= alpha <= 1000`."""
        return self.rule.sentence(self.name)


def setting(
    default: Any,
    about: str,
    *,
    rule: Rule | None = None,
    search: Domain | None = None,
    neutral: Value = None,
) -> Any:
    """Declare a setting as the default of a dataclass field.

    Args:
        default: The published value.
        about: Meaning, unit and range in one sentence.
        rule: Which values are allowed; not needed for booleans.
        search: Values that a search tries unless the space overrides them.
        neutral: The value at which the trick has no effect; see `Trick.is_neutral`.

    Raises:
        ValueError: The default, the neutral value or an end of the domain breaks the rule.
    """
    given = Flag() if rule is None else rule
    spec = {"setting": Setting("the value", about, default, given, search, neutral)}
    if isinstance(default, list | dict):
        return field(default_factory=lambda: default, metadata=spec)
    return field(default=default, metadata=spec)


def checksum_setting() -> Any:
    """Declare the checksum of a checkpoint file named by another setting; it affects the result."""
    return setting(
        "",
        "First digits of the checkpoint's SHA-256, at least 8; empty without a checkpoint.",
        rule=FirstDigits(8, 64),
    )


def expect_checksum(path: Path, found: str, given: str) -> None:
    """Raise RecipeError unless the file's checksum begins with the given digits.

    Raises:
        RecipeError: The checksum differs or no digits are given; the message shows the checksum.
    """
    if not given or not found.startswith(given):
        seen = f"{given!r} is given" if given else "none is given"
        raise RecipeError(
            f"the checksum of {path} is {found[:16]}, but {seen}. Set the checksum to it."
        )


def declared(entry: dataclasses.Field[Any]) -> Setting:
    """Return the Setting that a dataclass field made with `setting` declares."""
    spec: Setting = entry.metadata["setting"]
    return dataclasses.replace(spec, name=entry.name)
