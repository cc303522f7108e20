"""Which checkpoints of a study stay: what trials need to go on, and the last ones of the best.

Workers keep the newest checkpoints of the trial that they train. This module decides about all others,
and takes each off the record before it deletes it: a recorded checkpoint exists.
"""

from collections.abc import Mapping

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
        self._database = database
        self._storage = storage
        self._settings = space.study
        # Later generations of a population go on from checkpoints of trials that have ended.
        self._all = space.pruning.moves
        self._kept = records.checkpoints(database, study)
        ended = [
            row
            for row in records.trials(database, study, numbers=self._kept)
            if row.state in records.FINAL_STATES
        ]
        self._values = {
            row.number: _value(row.state, row.value if row.score is None else row.score)
            for row in ended
        }
        self._tidy()

    def written(self, number: int, checkpoint: CheckpointRow) -> None:
        """Add a trial's new checkpoint."""
        kept = [row for row in self._kept.get(number, []) if row.epoch < checkpoint.epoch]
        self._kept[number] = [*kept, checkpoint][-KEPT_CHECKPOINTS:]

    def ended(self, number: int, state: str, value: float | None) -> None:
        """Delete the checkpoints that are not needed after a trial has ended."""
        if number in self._kept:
            self._values[number] = _value(state, value)
            self._tidy()
        self._sweep(number)

    def close(self) -> None:
        """Delete what is not needed once no trial will go on, also in a population."""
        self._all, ended = False, list(self._values)
        self._tidy()
        for number in ended:
            self._sweep(number)

    def _tidy(self) -> None:
        settings = self._settings
        if self._all:
            return
        for number, row in superfluous(
            self._values, self._kept, settings.keep_checkpoints, settings.checkpoint_quota_mb
        ):
            records.forget_checkpoints(self._database, row.trial_id, [row.epoch])
            remove(row.path)
            self._kept[number].remove(row)
            if not self._kept[number]:
                del self._kept[number], self._values[number]

    def _sweep(self, number: int) -> None:
        """Delete what is in an ended trial's folder but not recorded."""
        if not self._all:
            stay = {row.path.rpartition("/")[2] for row in self._kept.get(number, [])}
            sweep(inside(self._storage, f"trial-{number}"), stay)


def superfluous(
    values: Mapping[int, float | None],
    kept: Mapping[int, list[CheckpointRow]],
    best: int,
    quota_mb: float | None,
) -> list[tuple[int, CheckpointRow]]:
    """Return the checkpoints to delete, with their trials' numbers.

    Args:
        values: Values of ended trials by number; None for those that are not complete.
        kept: Checkpoints by trial number, epochs in order.
        best: How many of the best complete trials keep their last checkpoint.
        quota_mb: Maximum size of these together; None for no limit.
    """
    ranked = sorted((-value, number) for number, value in values.items() if value is not None)
    room = float("inf") if quota_mb is None else 1e6 * quota_mb
    stay = set()
    for _, number in ranked[:best]:
        room -= kept[number][-1].bytes
        if room < 0:
            break
        stay.add(number)
    return [
        (number, row)
        for number in values
        for row in (kept[number][:-1] if number in stay else kept[number])
    ]


def _value(state: str, value: float | None) -> float | None:
    return value if state == "complete" else None
