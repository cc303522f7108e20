"""Whether code that a record names may run here.

A space that the user gives is the user's own word. A record is not: somebody else may have written it,
in a shared database or an imported file, and a network `python:os:system` would run a command. So code
of a recorded study is imported only if the user searched with it before, on this machine, or names the
folder of the code now.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from autotrick import trusted_locations
from autotrick.errors import CodeError, SpaceError
from autotrick.own_code import CodeRecord, parse, registry
from autotrick.own_code.record import changed_files
from autotrick.records import StudyRow
from autotrick.space import own


def recorded_code(space: Mapping[str, Any]) -> CodeRecord:
    """Return what a recorded space says of the user's own code; nothing is imported.

    Raises:
        SpaceError: Another version wrote it.
    """
    try:
        return CodeRecord.model_validate(space.get("code", {}))
    except ValidationError as error:
        first = error.errors()[0]
        raise SpaceError(
            f"what is recorded of the study's own code cannot be read: {first['msg'].lower()}."
        ) from None


def declare(row: StudyRow) -> None:
    """Make the networks, tricks and data of a recorded study known by what they declare.

    Raises:
        SpaceError: Another version wrote it.
    """
    own.declare(recorded_code(row.space))


def bring_study(row: StudyRow) -> None:
    """Import the code of a recorded study, if the user trusts it, to use a network of it.

    Raises:
        CodeError: The user has to give consent, or the code cannot be imported.
        SpaceError: Another version wrote the record.
    """
    bring(recorded_code(row.space), study=row.name)


def name_folder(folder: Path | None) -> None:
    """Take a folder for the code of every study that this process uses: the user names it, and so consents."""
    _named[:] = [folder] if folder else []


_named: list[Path] = []
"""The folder that the user has named, if any."""


def remember(record: CodeRecord) -> None:
    """Remember code that the user has searched with, so that `bring` imports it without asking."""
    trusted_locations.remember(*_marks(record, record.folder))


def bring(record: CodeRecord, *, study: str, folder: Path | None = None) -> list[str]:
    """Import the code of a recorded study, if the user trusts it; return the files that have changed.

    Args:
        record: What the study keeps.
        study: Its name, for messages.
        folder: The folder of the code, if the user names it now; that is the user's consent. None takes what
            `name_folder` was given.

    Raises:
        CodeError: The user has to give consent, or the code cannot be imported.
    """
    if not record:
        return []
    folder = folder or next(iter(_named), None)
    own.declare(record)
    if folder is None:
        asked = [
            entry.source
            for (_, _, entry), mark in zip(
                record.entries(), _marks(record, record.folder), strict=True
            )
            if not registry.permits(entry.source) and not trusted_locations.is_own(mark)
        ]
        if asked:
            raise CodeError(
                f"study {study!r} names Python code of its own that no search of yours has used here: "
                f"{', '.join(dict.fromkeys(asked))}. Others can write to a shared database, so look at that code, "
                "and then name its folder: --code FOLDER."
            )
    own.bring(record, folder)
    trusted_locations.remember(*_marks(record, str(folder.absolute()) if folder else record.folder))
    return changed_files(record, registry.files())


def sentence_on(changed: list[str]) -> str:
    """Return the sentence on source files that differ from the recorded ones."""
    have = "has" if len(changed) == 1 else "have"
    return f"{', '.join(changed)} {have} changed since then"


def _marks(record: CodeRecord, folder: str) -> Iterator[str]:
    """Yield what stands for each entry's code among the trusted locations."""
    for _, _, entry in record.entries():
        beside = parse(entry.source).is_file
        yield f"code {folder if beside else ''} {entry.source}"
