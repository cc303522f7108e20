"""What the studies that belong to a study found: confirmations, ablations, other data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autotrick import records
from autotrick.analysis.ablation import Ablation, ablation, plan_of
from autotrick.analysis.confirmation import PURPOSE, Confirmation, confirmation
from autotrick.analysis.ladder import PURPOSE as LADDER
from autotrick.analysis.ladder import Ladder, ladder_of
from autotrick.analysis.transfer import TransferMatrix
from autotrick.errors import RecordsError
from autotrick.records import Database, StudyRow
from autotrick.records.test_looks import sentence
from autotrick.views import transfer


@dataclass(frozen=True, slots=True)
class Linked:
    """What belongs to a study; of a study that is itself a confirmation or an ablation, what it found.

    Attributes:
        confirmations: The newest first.
        ablations: The newest first.
        transfer: Its screen on other data; None if that was not repeated.
        ladders: Tricks added one at a time, by study, the newest first.
        looks: What is said of looks at the test split; empty without one.
        num_looks: Number of these looks.
    """

    confirmations: Sequence[Confirmation] = ()
    ablations: Sequence[Ablation] = ()
    transfer: TransferMatrix | None = None
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    looks: str = ""
    num_looks: int = 0

    @property
    def confirmed(self) -> Confirmation | None:
        """The newest confirmation that has ended with a winner."""
        return next((found for found in self.confirmations if found.winner), None)


def linked(database: Database, study: StudyRow) -> Linked:
    """Return what the studies that belong to a study found so far.

    Those that another version recorded are left out where they cannot be read.
    """
    family = [row for row in records.studies(database) if row.parent == study.name]
    family = sorted([study, *family], key=lambda row: row.created, reverse=True)
    looks = records.looks(database, study.name)
    there = transfer.linked(database, study.name)
    return Linked(
        confirmations=tuple(_confirmations(database, family)),
        ablations=tuple(_ablations(database, family)),
        transfer=transfer.matrix_of(database, study.name)[0] if there else None,
        ladders=dict(_ladders(database, family)),
        looks=sentence(looks),
        num_looks=len(looks),
    )


def _confirmations(database: Database, family: Sequence[StudyRow]) -> Iterator[Confirmation]:
    for row in family:
        if row.purpose == PURPOSE:
            try:
                looks = records.looks(database, row.name)
                yield confirmation(row, records.trials(database, row.name), looks)
            except RecordsError:
                continue


def _ablations(database: Database, family: Sequence[StudyRow]) -> Iterator[Ablation]:
    for row in family:
        if plan_of(row):
            yield ablation(row, records.trials(database, row.name))


def _ladders(database: Database, family: Sequence[StudyRow]) -> Iterator[tuple[str, Ladder]]:
    for row in family:
        if row.purpose == LADDER:
            labels = [entry["label"] for entry in (row.settings.recipes or {}).get("recipes", [])]
            trials = records.trials(database, row.name)
            yield row.name, ladder_of(labels, trials, row.value_metric)
