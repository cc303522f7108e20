"""What a trick says about itself: settings, papers, published effects.

Of its cost it says one number: the time that a whole training takes with it, evaluation left out, as
a factor of the time without, at default settings on one CPU core, for a small convolutional network.
What comes with each image weighs less beside a larger network, and so does what comes with each
update beside a larger batch. `python -m benchmarks costs` measures it and flags what is outside a
factor of two; a test holds it to the arithmetic that is counted.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autotrick.domain import Domain, Value
from autotrick.errors import RecipeError
from autotrick.tricks.rules import FirstDigits, Flag, Rule


@dataclass(frozen=True, slots=True)
class Paper:
    """Where a trick was published; `autotrick.tricks.papers` lists all of them.

    Attributes:
        venue: The conference or journal; empty for a preprint, a page or a talk.
        where: The part that a trick follows, such as `section 4.2`.
    """

    title: str
    authors: str
    year: int
    link: str
    venue: str = ""
    where: str = ""

    def at(self, where: str) -> Paper:
        """Return the same paper with the part that a trick follows."""
        return dataclasses.replace(self, where=where)

    @property
    def published(self) -> str:
        """Venue, year and part: `CVPR 2016, section 4.2`."""
        volume = "," if self.venue[-1:].isdigit() else ""
        when = f"{self.venue}{volume} {self.year}".strip()
        return f"{when}, {self.where}" if self.where else when

    def __str__(self) -> str:
        return f'{self.authors}, "{self.title}", {self.published}. {self.link}'


@dataclass(frozen=True, slots=True)
class Claim:
    """A published effect: the metric without the trick and with it.

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
    """One setting of a trick or an architecture.

    Attributes:
        about: Meaning, unit and range in one sentence.
        default: The published value.
        rule: Which values are allowed.
        domain: What a search tries unless the space says otherwise; None means it is not searched.
        neutral: The value at which the trick does nothing; None when no single value does.

    Raises:
        ValueError: The default, the neutral value or an end of the domain breaks the rule.
    """

    name: str
    about: str
    default: Value
    rule: Rule
    domain: Domain | None = None
    neutral: Value = None

    def __post_init__(self) -> None:
        neutral = () if self.neutral is None else (self.neutral,)
        for value in (self.default, *neutral, *(self.domain.ends() if self.domain else ())):
            if fault := self.rule.fault(self.name, value):
                raise ValueError(f"a declaration breaks its own rule: {fault}")

    @property
    def sentence(self) -> str:
        """The rule as messages and pages say it, such as `0 <= alpha <= 1000`."""
        return self.rule.sentence(self.name)


def setting(
    default: Any,
    about: str,
    *,
    rule: Rule | None = None,
    search: Domain | None = None,
    neutral: Value = None,
) -> Any:
    """Declare a setting, as the default of a dataclass field.

    Args:
        default: The published value.
        about: Meaning, unit and range in one sentence.
        rule: Which values are allowed; not needed where the default is true or false.
        search: What a search tries unless the space says otherwise.
        neutral: The value at which the trick does nothing; `Trick.is_neutral` tells what follows.

    Raises:
        ValueError: The default, the neutral value or an end of the domain breaks the rule.
    """
    given = Flag() if rule is None else rule
    spec = {"setting": Setting("the value", about, default, given, search, neutral)}
    if isinstance(default, list | dict):
        return field(default_factory=lambda: default, metadata=spec)
    return field(default=default, metadata=spec)


def checksum_setting() -> Any:
    """Declare the checksum of a checkpoint that another setting names: it decides the result."""
    return setting(
        "",
        "The first digits, at least 8, of the checkpoint's SHA-256; empty without a checkpoint.",
        rule=FirstDigits(8, 64),
    )


def expect_checksum(path: Path, found: str, given: str) -> None:
    """Refuse a file whose checksum does not begin with the given digits, or without digits.

    Raises:
        RecipeError: It does not; the message says what it is.
    """
    if not given or not found.startswith(given):
        seen = f"{given!r} is given" if given else "none is given"
        raise RecipeError(
            f"the checksum of {path} is {found[:16]}, but {seen}. Write it beside it."
        )


def declared(entry: dataclasses.Field[Any]) -> Setting:
    """Return what a dataclass field made with `setting` declares."""
    spec: Setting = entry.metadata["setting"]
    return dataclasses.replace(spec, name=entry.name)
