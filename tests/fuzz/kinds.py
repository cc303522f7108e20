"""The kinds of inputs there are."""

import importlib
from dataclasses import dataclass
from typing import cast

from tests.fuzz.harness import Kind


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind of inputs.

    Attributes:
        in_tests: How many inputs the tests try.
    """

    name: str
    in_tests: int

    def module(self) -> Kind:
        """Return the module that makes and tries them."""
        return cast("Kind", importlib.import_module(f"tests.fuzz.{self.name}"))


KINDS = {
    entry.name: entry
    for entry in (
        Entry("spaces", 200),
        Entry("filters", 200),
        Entry("recipes", 150),
        Entry("policies", 200),
        Entry("imports", 120),
        Entry("images", 200),
    )
}
