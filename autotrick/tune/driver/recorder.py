"""What a driver writes of a trial that is under way."""

from collections.abc import Container, Sequence
from typing import Literal

from autotrick import records
from autotrick.recipe import EpochReport
from autotrick.records import CheckpointRow, Database
from autotrick.tune.checkpoints.storage import KEPT_CHECKPOINTS
from autotrick.tune.cluster.worker import Message, SavedCheckpoint
from autotrick.tune.driver.active_trial import ActiveTrial, Proposal
from autotrick.tune.driver.options import DriverOptions


def add_trial(
    database: Database, study_id: int, new: Proposal, measured: Container[str]
) -> ActiveTrial:
    """Record a trial that will be launched.

    Args:
        measured: What the objective asks for; it is measured when the trial has ended.
    """
    launch = records.add_trial(
        database,
        study_id,
        new.recipe,
        origin=new.origin,
        number=new.number,
        launch=False,
        measures={name: value for name, value in new.measures.items() if name not in measured},
    )
    return ActiveTrial(launch.trial_id, launch.number, new.recipe)


def open_attempt(database: Database, live: ActiveTrial, setup: DriverOptions, node: str) -> None:
    """Record that a trial is begun, or goes on."""
    live.attempt = records.open_attempt(
        database, live.id, node=node, device=setup.device, shares=setup.shares
    )


def describe_attempt(database: Database, live: ActiveTrial, message: Message) -> None:
    """Record where an attempt runs, once its worker has said so."""
    if message.environment and live.attempt is not None:
        records.describe_attempt(
            database,
            live.attempt,
            node=message.node,
            environment=message.environment,
            measures=live.measures,
        )


def close_attempt(
    database: Database, live: ActiveTrial, state: Literal["lost", "failed", "stopped"], reason: str
) -> bool:
    """Record that a trial is not executed any more; return False if it was not."""
    if live.attempt is None:
        return False
    records.close_attempt(database, live.attempt, state, reason=reason)
    live.attempt = None
    return True


def add_epochs(
    database: Database,
    live: ActiveTrial,
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
        checkpoint = CheckpointRow(live.id, saved.epoch, saved.path, saved.checksum, saved.bytes)
    records.add_reports(
        database,
        live.id,
        reports,
        checkpoint=checkpoint,
        keep=KEPT_CHECKPOINTS,
        metric=metric,
    )
    return checkpoint


def copy_epochs(
    database: Database, live: ActiveTrial, study: str, number: int
) -> list[EpochReport]:
    """Record for a trial what an earlier one of the same recipe came to; return its epochs."""
    copied = records.reports(database, study, numbers=[number])[number]
    row = records.trial(database, study, number)
    records.add_reports(database, live.id, copied, metric=row.metric)
    live.report = copied[-1]
    live.measures = row.measures
    return copied
