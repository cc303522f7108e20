"""From proposals to records: what is turned away, and what is to be launched."""

from collections.abc import Callable, Iterator

from autotrick import records
from autotrick.records import Database, RefusalRow
from autotrick.tune.agenda import Agenda
from autotrick.tune.live import Proposal


def kept(
    agenda: Agenda, database: Database, study_id: int, beat: Callable[[], None]
) -> Iterator[Proposal]:
    """Give the agenda's proposals that keep the constraints; the others are put on record.

    Args:
        beat: Called after each that is turned away: finding one may take its time.
    """
    while new := agenda.new():
        if new.breach is None:
            yield new
            continue
        why = new.breach
        row = RefusalRow(new.number, new.place, new.recipe, why.measure, why.value, why.bound)
        records.add_refusal(database, study_id, row)
        beat()
