"""From proposals to records: what is turned away, and what is to be launched."""

from collections.abc import Callable, Iterator

from autotrick import records
from autotrick.records import Database, RejectionRow
from autotrick.tune.driver.active_trial import Proposal
from autotrick.tune.queue import TrialQueue


def kept(
    queue: TrialQueue, database: Database, study_id: int, go_on: Callable[[], bool]
) -> Iterator[Proposal]:
    """Give the queue's proposals that keep the constraints; the others are put on record.

    Args:
        go_on: Called after each that is turned away: finding one may take its time. Returns
            whether there is time for it.
    """
    while new := queue.new():
        if new.violation is None:
            yield new
            continue
        why = new.violation
        row = RejectionRow(new.number, new.place, new.recipe, why.measure, why.value, why.bound)
        records.add_rejection(database, study_id, row)
        if not go_on():
            return
