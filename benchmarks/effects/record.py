"""The lines of a full run, as JSON, which the page in the documentation is made from."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.curves import FOLDER
from benchmarks.effects.lines import EffectLine, StudyLine

FILE = FOLDER / "effects.json"


@dataclass(frozen=True, slots=True)
class Record:
    """What a run found.

    Attributes:
        effects: A line for each kind of trick in each cell.
        studies: A line for each cell.
        seconds: Of the run.
    """

    effects: Sequence[EffectLine]
    studies: Sequence[StudyLine]
    seconds: int


def write(record: Record, file: Path = FILE) -> None:
    """Write a record as JSON, a line of the file for each of its lines."""
    parts = [f'"seconds": {record.seconds}']
    for name in ("effects", "studies"):
        lines = ",\n".join(json.dumps(asdict(line)) for line in getattr(record, name))
        parts.append(f'"{name}": [\n{lines}\n]')
    file.write_text("{" + ",\n".join(parts) + "}\n")


def read(file: Path = FILE) -> Record:
    """Return a record that was written."""
    table = json.loads(file.read_text())
    return Record(
        [EffectLine(**line) for line in table["effects"]],
        [StudyLine(**line) for line in table["studies"]],
        table["seconds"],
    )
