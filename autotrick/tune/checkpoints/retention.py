"""Which checkpoints of a study stay: what trials need to go on, and the last ones of the best.

Workers keep the newest checkpoints of the trial that they train. This module decides about all others,
and takes each off the record before it deletes it: a recorded checkpoint exists.
"""

from collections.abc import Iterable, Mapping, Sequence

from autotrick import records
from autotrick.records import CheckpointRow, Database
from autotrick.space import SearchSpace
from autotrick.tune.checkpoints.storage import KEPT_CHECKPOINTS, Place, inside, remove, sweep


class CheckpointRetention:
    """Keeps the checkpoints of one study within bounds."""

    def __init__(self, database: Database, study: str, space: SearchSpace, storage: Place) -> None:
        """Read the recorded checkpoints, and delete those that an earlier driver should have deleted.

        Args:
            storage: The study's folder, with a folder for each trial.
        """
        self._database, self._study = database, study
        self._storage = storage
        self._settings = space.study
        # Later generations of a population go on from checkpoints of trials that have ended.
        self._all = space.pruning.moves
        self._kept = records.checkpoints(database, study)
        self._ended = {
            row.number
            for row in records.trials(database, study, numbers=self._kept)
            if row.state in records.FINAL_STATES
        }
        self._tidy()

    def written(self, number: int, checkpoint: CheckpointRow) -> None:
        """Add a trial's new checkpoint."""
        kept = [row for row in self._kept.get(number, []) if row.epoch < checkpoint.epoch]
        self._kept[number] = [*kept, checkpoint][-KEPT_CHECKPOINTS:]

    def ended(self, number: int) -> None:
        """Delete the checkpoints that are not needed after a trial has ended and is on record so."""
        if number in self._kept:
            self._ended.add(number)
            self._tidy()
        self._sweep(number)

    def close(self) -> None:
        """Delete what is not needed once no trial will go on, also in a population."""
        self._all, ended = False, list(self._ended)
        self._tidy()
        for number in ended:
            self._sweep(number)

    def _tidy(self) -> None:
        settings = self._settings
        if self._all:
            return
        # Those that people find best, also among equals.
        best = records.best(self._database, self._study, limit=settings.keep_checkpoints)
        numbers = [row.number for row in best]
        for number, row in superfluous(
            self._ended, self._kept, numbers, settings.checkpoint_quota_mb
        ):
            records.forget_checkpoints(self._database, row.trial_id, [row.epoch])
            remove(row.path)
            self._kept[number].remove(row)
            if not self._kept[number]:
                del self._kept[number]
                self._ended.remove(number)

    def _sweep(self, number: int) -> None:
        """Delete what is in an ended trial's folder but not recorded."""
        if not self._all:
            stay = {row.path.rpartition("/")[2] for row in self._kept.get(number, [])}
            sweep(inside(self._storage, f"trial-{number}"), stay)


def superfluous(
    ended: Iterable[int],
    kept: Mapping[int, list[CheckpointRow]],
    best: Sequence[int],
    quota_mb: float | None,
) -> list[tuple[int, CheckpointRow]]:
    """Return the checkpoints to delete, with their trials' numbers.

    Args:
        ended: Numbers of the ended trials that have checkpoints.
        kept: Checkpoints by trial number, epochs in order.
        best: Numbers of the trials that keep their last checkpoint, best first.
        quota_mb: Maximum size of these together; None for no limit.
    """
    room = float("inf") if quota_mb is None else 1e6 * quota_mb
    stay = set()
    for number in best:
        if number not in kept:
            continue
        room -= kept[number][-1].bytes
        if room < 0:
            break
        stay.add(number)
    return [
        (number, row)
        for number in ended
        for row in (kept[number][:-1] if number in stay else kept[number])
    ]
