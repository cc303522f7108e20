"""What this process has imported of the user's own code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autotrick.errors import CodeError, RecipeError
from autotrick.own_code.files import contents, digest_of_source, files_of
from autotrick.own_code.importing import object_of
from autotrick.own_code.record import CodeRecord
from autotrick.own_code.references import Reference
from autotrick.recipe import digest_of


@dataclass(frozen=True, slots=True)
class Unit:
    """A package or a file beside a space whose code was imported.

    Attributes:
        folder: The space's folder; None for what is installed.
        sources: Content of its files by name, as they were when they were imported.
    """

    folder: Path | None
    sources: Mapping[str, bytes]

    @property
    def files(self) -> dict[str, str]:
        """Digests of its files by name."""
        return {name: digest_of_source(content) for name, content in self.sources.items()}


_units: dict[str, Unit] = {}
_failures: dict[str, str] = {}
_records: list[CodeRecord] = []
_permitted: set[str] = set()


def bring(reference: Reference, folder: Path | None) -> Any:
    """Import the object that a reference names, which runs its module.

    Args:
        folder: The space's folder.

    Raises:
        CodeError: It cannot be imported, or a package changed since this process imported it.
    """
    paths = files_of(reference, folder)
    sources = contents(paths)
    unit = Unit(folder.absolute() if folder else None, sources)
    held = _units.get(reference.unit)
    if held is not None and not reference.is_file and held.sources != sources:
        changed = [n for n in sources if held.sources.get(n) != sources[n]] or [*held.sources]
        raise CodeError(
            f"{changed[0]} has changed since this process imported it. Start Python (or the notebook's "
            "kernel) anew, so that what is recorded is what runs."
        )
    found = object_of(reference, paths, unit.files, folder)
    _units[reference.unit] = unit
    _failures.pop(reference.unit, None)
    _permitted.add(reference.text)
    return found


def permit(sources: Iterable[str]) -> None:
    """Remember that the user gave a space that names these sources."""
    _permitted.update(sources)


def permits(source: str) -> bool:
    """Return whether the user gave a space in this process that names this source."""
    return source in _permitted


def fail(units: Iterable[str], why: str) -> None:
    """Remember why units could not be imported here, for whoever needs one."""
    _failures.update(dict.fromkeys(units, why))


def files() -> dict[str, dict[str, str]]:
    """Return the digests of the imported files, by unit and name."""
    return {name: unit.files for name, unit in _units.items()}


def unit_digest(unit: str) -> str | None:
    """Return the digest of a unit that this process has imported; None if it has not."""
    return digest_of(dict(_units[unit].files)) if unit in _units else None


def units(names: Iterable[str]) -> dict[str, Unit]:
    """Return the imported ones of these units."""
    return {name: _units[name] for name in names if name in _units}


def check(code: Mapping[str, str]) -> None:
    """Raise RecipeError unless this process has imported exactly the code that a recipe names.

    Args:
        code: Digest by unit.

    Raises:
        RecipeError: A unit is not imported, or another version of it is.
    """
    for unit, digest in code.items():
        found = unit_digest(unit)
        if found is None:
            why = _failures.get(unit)
            raise RecipeError(
                why
                or f"the recipe needs your own code in {unit}, which is not imported. Give the space that "
                "names it: autotrick.load_space(FILE)."
            )
        if found != digest:
            raise RecipeError(
                f"the recipe was made with another version of {unit} (digest {digest}, and this one has "
                f"{found}). Bring that version back, or start a new study."
            )


def remember(record: CodeRecord) -> None:
    """Keep a record, so that recipes of its networks and tricks can be described."""
    if record and record not in _records:
        _records.append(record)


def forget() -> None:
    """Forget all that was imported here; for tests."""
    _permitted.clear()
    _units.clear()
    _failures.clear()
    _records.clear()


def latest() -> Iterable[CodeRecord]:
    """Yield the records of this process, the newest first."""
    yield from reversed(_records)
