"""Names of objects in the user's own code: `python:MODULE:NAME`, and entry points of packages."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import PurePosixPath

from autotrick.errors import CodeError

PREFIX = "python:"
GROUPS = {
    "tricks": "autotrick.tricks",
    "architectures": "autotrick.architectures",
    "data": "autotrick.datasets",
}
"""The groups of entry points by kind."""
_KINDS = {"tricks": "trick", "architectures": "architecture", "data": "data set"}

_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_FORM = (
    "write python:PACKAGE.MODULE:NAME for code that is installed or in a package beside the space, "
    "or python:FILE.py:NAME for a file beside it"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """Where an object of the user's own is defined.

    Attributes:
        text: As a space writes it.
        module: `mypackage.nets`, or `nets.py` for a file, relative to the space's folder.
        attribute: Name of the object in the module; empty for the whole module.
    """

    text: str
    module: str
    attribute: str

    @property
    def is_file(self) -> bool:
        """Whether it is a file beside the space, not a module that Python finds."""
        return self.module.endswith(".py")

    @property
    def unit(self) -> str:
        """What is digested together: the file with what it imports beside it, or the package."""
        return self.module if self.is_file else self.module.partition(".")[0]


def parse(text: str) -> Reference:
    """Return the reference that a name beginning with `python:` makes.

    Raises:
        CodeError: It has another form.
    """
    module, colon, attribute = text.removeprefix(PREFIX).rpartition(":")
    if not text.startswith(PREFIX) or not colon or not _NAME.fullmatch(attribute):
        raise CodeError(f"{text!r} names no object: {_FORM}.")
    return Reference(text, _module(module, text), attribute)


def module_reference(module: str) -> Reference:
    """Return the reference of a whole module, as `[code] modules` lists them.

    Raises:
        CodeError: It is neither a module's name nor a file beside the space.
    """
    return Reference(module, _module(module, module), "")


def _module(module: str, text: str) -> str:
    if module == "__main__":
        raise CodeError(
            f"{text!r} is defined in the notebook or script itself, which other processes cannot import. "
            "Move it into a file beside the space (in a notebook: %%writefile nets.py) and name that file."
        )
    if module.endswith(".py"):
        path = PurePosixPath(module)
        if path.is_absolute() or ".." in path.parts or "\\" in module or "\0" in module:
            raise CodeError(
                f"{text!r}: files of code lie in the space's folder or below it, so that they can be sent to "
                "other machines. Copy the file there, or install it as a package."
            )
        return str(path)
    if not _NAME.fullmatch(module):
        raise CodeError(f"{text!r} names no module: {_FORM}.")
    return module


@dataclass(frozen=True, slots=True)
class Installed:
    """An entry point of an installed package.

    Attributes:
        name: As a space writes it.
        reference: Where the object is.
        origin: The package with its version, such as `mypackage 1.2`.
        group: `tricks`, `architectures` or `data`.
    """

    name: str
    reference: Reference
    origin: str
    group: str

    @property
    def kind(self) -> str:
        """What it is, in words: `trick`, `architecture` or `data set`."""
        return _KINDS[self.group]


@cache
def installed(kind: str) -> dict[str, Installed]:
    """Return the entry points of a kind by name, without importing anything.

    Args:
        kind: `tricks`, `architectures` or `data`.

    Raises:
        CodeError: Two packages bring the same name.
    """
    found: dict[str, Installed] = {}
    for point in metadata.entry_points(group=GROUPS[kind]):
        made = point.dist
        origin = f"{made.name} {made.version}" if made else "an installed package"
        reference = parse(f"{PREFIX}{point.value.partition('[')[0].strip()}")
        other = found.get(point.name)
        if other and other.reference != reference:
            raise CodeError(
                f"{other.origin} and {origin} both bring {point.name!r} as an entry point of "
                f"{GROUPS[kind]}. Uninstall one of them."
            )
        found[point.name] = Installed(point.name, reference, origin, kind)
    return found
