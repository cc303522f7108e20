"""What a study keeps of the user's own code: where it is, its digests, and what it declares."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, JsonValue

from autotrick.recipe import digest_of


class Entry(BaseModel):
    """A network, trick or data set of the user's own.

    Attributes:
        source: Where it is defined, such as `python:nets.py:Net`.
        declared: What people who read the study need of it without importing it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    declared: dict[str, JsonValue] = {}


class CodeRecord(BaseModel):
    """The user's own code that a space names.

    Attributes:
        modules: Modules and files whose tricks the space may name, as `[code] modules` lists them.
        folder: The space's folder, where files beside it lie; empty if there is none.
        files: Digests of the source files by unit (a package, or a file beside the space) and name.
        architectures: By the name that the space uses.
        tricks: By name.
        data: By the name that the space uses.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    modules: tuple[str, ...] = ()
    folder: str = ""
    files: dict[str, dict[str, str]] = {}
    architectures: dict[str, Entry] = {}
    tricks: dict[str, Entry] = {}
    data: dict[str, Entry] = {}

    def entries(self) -> Iterator[tuple[str, str, Entry]]:
        """Yield kind, name and entry of all, data first."""
        for kind in ("data", "architectures", "tricks"):
            for name, entry in getattr(self, kind).items():
                yield kind, name, entry

    def digests(self) -> dict[str, str]:
        """Return the digest of each unit."""
        return {unit: digest_of(dict(files)) for unit, files in self.files.items()}

    def __bool__(self) -> bool:
        return self != CodeRecord()


def changed_files(recorded: CodeRecord, files: dict[str, dict[str, str]]) -> list[str]:
    """Return the names of source files that differ from the recorded ones, in order.

    Args:
        folder: The space's folder, where files beside it lie; empty if there is none.
        files: Digests of today, by unit and name.
    """
    found = []
    for unit, before in recorded.files.items():
        now = files.get(unit, {})
        found += [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
    return found
