"""Brings the user's own code to workers: the sources as the driver imported them.

They travel with the function that a worker runs, so they reach every node, and a file that is edited
while a search runs changes nothing. A worker that finds the same package installed uses that.
"""

import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autotrick.data.cache import default_folder
from autotrick.errors import AutotrickError, CodeError
from autotrick.own_code import CodeRecord, Reference, parse, registry
from autotrick.own_code.files import digests, files_of
from autotrick.recipe import digest_of
from autotrick.space import own


@dataclass(frozen=True, slots=True)
class Luggage:
    """The user's own code on its way to a worker.

    Attributes:
        record: The record of a study, as JSON.
        sources: Content of the files by unit and name.
    """

    record: str
    sources: dict[str, dict[str, bytes]]


_sent: list[CodeRecord] = []


def send_code(record: CodeRecord) -> None:
    """Let the workers of this process's next search import what a record names."""
    _sent[:] = [record]


def luggage() -> Luggage | None:
    """Return the code that workers need; None if they need none."""
    record = _sent[0] if _sent else None
    if not record:
        return None
    units = registry.units(record.files)
    sources = {name: dict(unit.sources) for name, unit in units.items()}
    return Luggage(record.model_dump_json(), sources)


def unpack(brought: Luggage) -> None:
    """Import the code in a worker. What fails is said by the trials that need it."""
    record = CodeRecord.model_validate_json(brought.record)
    try:
        folder = _written(brought)
        for entry in {entry.source: entry for _, _, entry in record.entries()}.values():
            _prefer(parse(entry.source), record, folder)
        own.bring(record, folder)
    except AutotrickError as error:
        own.declare(record)
        registry.fail(record.files, f"your own code cannot be imported on this node: {error}")


def _prefer(reference: Reference, record: CodeRecord, folder: Path) -> None:
    """Let Python find the package that was sent, unless the same one is installed here."""
    if reference.is_file or str(folder) in sys.path:
        return
    with suppress(CodeError):
        if digests(files_of(reference, None)) == record.files.get(reference.unit):
            return
    sys.path.insert(0, str(folder))


def _written(brought: Luggage) -> Path:
    """Write the sources into a folder of their own, named by their content, and return it."""
    names = {
        f"{unit}\0{name}": digest_of({"source": content.hex()})
        for unit, held in brought.sources.items()
        for name, content in held.items()
    }
    key = digest_of(names)
    for base in (default_folder() / "code", Path(tempfile.gettempdir())):
        with suppress(OSError):
            return _placed(brought, base / key)
    return _placed(brought, Path(tempfile.mkdtemp(prefix="autotrick-code-")))


def _placed(brought: Luggage, folder: Path) -> Path:
    for held in brought.sources.values():
        for name, content in held.items():
            path = folder / name
            if path.is_file() and path.read_bytes() == content:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(content)
            Path(file.name).replace(path)
    return folder
