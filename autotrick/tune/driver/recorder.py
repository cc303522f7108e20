"""What a driver records of candidates and active trials."""

from collections.abc import Container, Sequence
from typing import Literal

from autotrick import records
from autotrick.recipe import EpochReport
from autotrick.records import CheckpointRow, Database, RejectionRow
from autotrick.tune.checkpoints.storage import KEPT_CHECKPOINTS
from autotrick.tune.cluster.worker import Message, SavedCheckpoint
from autotrick.tune.constraints import Violation
from autotrick.tune.driver.active_trial import ActiveTrial
from autotrick.tune.driver.options import DriverOptions
from autotrick.tune.sources.source import Candidate


def add_trial(
    database: Database, study_id: int, new: Candidate, measured: Container[str]
) -> ActiveTrial:
    """Record a trial before its launch.

    Args:
        measured: Measures of the objective, which are left out: they are measured at the trial's end.
    """
    launch = records.add_trial(
        database,
        study_id,
        new.recipe,
        origin=new.origin,
        number=new.number,
        launch=False,
        measures={name: value for name, value in new.measures.items() if name not in measured},
        phase=new.phase,
        design=new.design,
    )
    return ActiveTrial(
        launch.trial_id,
        launch.number,
        new.recipe,
        phase=new.phase,
        design=new.design,
    )


def add_rejection(database: Database, study_id: int, new: Candidate, violation: Violation) -> None:
    """Record a candidate that violates a constraint."""
    measure, value, bound = violation.measure, violation.value, violation.bound
    row = RejectionRow(new.number, new.attempt, new.recipe, measure, value, bound)
    records.add_rejection(database, study_id, row)


def open_attempt(database: Database, trial: ActiveTrial, setup: DriverOptions, node: str) -> None:
    """Record that a trial starts or goes on."""
    trial.attempt = records.open_attempt(
        database, trial.id, node=node, device=setup.device, shares=setup.shares
    )


def describe_attempt(database: Database, trial: ActiveTrial, message: Message) -> None:
    """Record where an attempt runs, once its worker has reported it."""
    if message.environment and trial.attempt is not None:
        records.describe_attempt(
            database,
            trial.attempt,
            node=message.node,
            environment=message.environment,
            measures=trial.measures,
        )


def close_attempt(
    database: Database, trial: ActiveTrial, state: Literal["lost", "failed", "stopped"], reason: str
) -> bool:
    """Record that a trial no longer runs; return False if it was not running."""
    if trial.attempt is None:
        return False
    records.close_attempt(database, trial.attempt, state, reason=reason)
    trial.attempt = None
    return True


def add_epochs(
    database: Database,
    trial: ActiveTrial,
    reports: Sequence[EpochReport],
    saved: SavedCheckpoint | None,
    metric: str,
) -> CheckpointRow | None:
    """Record epochs in one transaction; return the checkpoint that was recorded with the last.

    Args:
        metric: Name of the metric that the study looks for.
    """
    checkpoint = None
    if saved and saved.epoch == reports[-1].epoch:
        checkpoint = CheckpointRow(trial.id, saved.epoch, saved.path, saved.checksum, saved.bytes)
    records.add_reports(
        database,
        trial.id,
        reports,
        checkpoint=checkpoint,
        keep=KEPT_CHECKPOINTS,
        metric=metric,
    )
    return checkpoint


def copy_epochs(
    database: Database, trial: ActiveTrial, study: str, number: int
) -> list[EpochReport]:
    """Record for a trial the result of an earlier one of the same recipe; return its epochs."""
    copied = records.reports(database, study, numbers=[number])[number]
    row = records.trial(database, study, number)
    records.add_reports(database, trial.id, copied, metric=row.metric)
    trial.report = copied[-1]
    trial.measures = row.measures
    return copied
