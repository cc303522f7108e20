"""One driver that runs a recorded study, from its lease to its end."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any

from autotrick import records
from autotrick.errors import ResourceError
from autotrick.recipe import digest_of
from autotrick.records import Database, StudyRow
from autotrick.signals import ending
from autotrick.space import SearchSpace, trials_of
from autotrick.tune.budget import Spending, check_price, meter_of
from autotrick.tune.checkpoints.storage import inside, rooted
from autotrick.tune.cluster.memory_slots import reserved
from autotrick.tune.cluster.worker import work
from autotrick.tune.constraints import ConstraintChecker
from autotrick.tune.driver.driver import Driver
from autotrick.tune.driver.events import Event, Listener
from autotrick.tune.driver.lease import Lease
from autotrick.tune.driver.options import DriverOptions
from autotrick.tune.loggers.prometheus import Exporter, each
from autotrick.tune.resources import Resources

STALE_S = 60.0
"""Seconds of silence after which a driver on another machine counts as dead."""

OUTAGE_S = 60.0
"""Seconds that a driver waits for a database server that is gone, before it stops."""

_NEITHER = ("paused", "behind", "lost")
"""Kinds of events that neither begin nor end a trial."""

Trainable = Callable[[dict[str, Any]], None]


def _silent(event: Event) -> None:
    """Ignore an event."""


def _ignore(sentence: str) -> None:
    """Ignore a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of one call of `search`, `resume` or `run_recipes`.

    Attributes:
        time_budget_s: Seconds after which no trial goes on; they can be resumed.
        spending: Replaces the recorded limits of the study, as far as it is set.
        listener: Receives every event of a trial when it happens.
        notice: Receives a sentence about the whole study when something happens.
        trainable: What a worker does; benchmarks bring their own.
    """

    time_budget_s: float | None = None
    spending: Spending = field(default_factory=Spending)
    listener: Listener = _silent
    notice: Callable[[str], None] = _ignore
    trainable: Trainable = work


def with_callbacks(
    options: Options, on_epoch: Listener | None, on_trial: Listener | None
) -> Options:
    """Return options whose listener also calls these: one for epochs, one for begins and ends of trials."""
    if on_epoch is None and on_trial is None:
        return options

    def call(event: Event) -> None:
        called = on_epoch if event.kind == "epoch" else on_trial
        if called is not None and event.kind not in _NEITHER:
            called(event)

    return replace(options, listener=each(options.listener, call))


def conduct(  # noqa: PLR0913 -- all that a driver is made of
    database: Database,
    row: StudyRow,
    space: SearchSpace,
    resources: Resources,
    options: Options,
    checker: ConstraintChecker | None,
    trials: int | None = None,
) -> StudyRow:
    """Lease a study, run what is left of it, and return it after that.

    Args:
        trials: Number of its trials; None leaves what is recorded.

    Raises:
        RecordsError: Another driver runs it, or has taken it over meanwhile.
        ResourceError: The cluster or the disk lacks what a trial needs.
    """
    records.check_study_name(row.name)  # it names the folder of the checkpoints
    limit = options.time_budget_s
    setup = DriverOptions(
        storage=inside(rooted(resources.storage), study_folder(row)),
        cache=resources.cache.absolute() if resources.cache else None,
        device=resources.device,
        deadline=time.monotonic() + limit if limit else None,
        listener=each(options.listener, Exporter(row)),
        data_dir=resources.data_dir.absolute() if resources.data_dir else None,
        shares=(resources.cpus_per_trial, resources.gpus_per_trial),
        hang_limit_s=resources.hang_limit_s,
        checker=checker,
        notice=options.notice,
        observe=(resources.observe, resources.observe_every),
    )
    check_price(row.settings, options.spending)
    changes: dict[str, float] = dict(options.spending.to_json())
    if trials:
        changes["trials"] = trials_of(space, trials)
    for warning in resources.warnings(space.most("threads")):
        options.notice(warning)
    patience = records.retrying(database, OUTAGE_S, options.notice)
    with ending() as asked, patience:
        records.await_heartbeat(database, row.id, stale_after=STALE_S, tell=options.notice)
        with Lease(database, row.id, stale_after=STALE_S) as lease:
            records.end_open_attempts(
                database, row.id, reason="the driver was lost", heard=row.heartbeat
            )
            if changes:
                records.change_budget(database, row.id, changes)
            study = records.study(database, row.name)
            setup = replace(setup, meter=meter_of(database, study, resources))
            driver = Driver(database, study, space, setup, lease)
            try:
                if not driver.finished:
                    _run(driver, options.trainable, row.name, resources, reserved(space, resources))
            finally:
                with asked.closing():
                    # Raises if another driver has taken the study over, before anything changes.
                    lease.renew()
                    driver.close(driver.reason)
        if driver.fatal:
            raise ResourceError(f"{driver.fatal} Nothing is lost: autotrick resume {row.name}")
        return records.study(database, row.name)


def _run(
    driver: Driver, trainable: Trainable, name: str, resources: Resources, memory: float
) -> None:
    from autotrick.tune.cluster import engine
    from autotrick.tune.cluster.transfer import courier

    cpus = resources.cpus_per_trial
    # The data have to reach other nodes, if there may be any.
    delivery = courier(resources.cache) if resources.address else nullcontext()
    exact = resources.address is None and (resources.slots() * cpus).is_integer()
    with cluster(resources, memory), delivery:
        engine.run(
            driver,
            trainable,
            name=name,
            shares={"cpu": cpus, "gpu": resources.gpus_per_trial, "memory": memory},
            # A cluster of our own with room for exactly that many needs no further limit.
            concurrency=None if exact else resources.concurrency,
        )


def cluster(resources: Resources, memory: float = 0.0) -> AbstractContextManager[None]:
    """Connect to the named cluster, or start one on this machine, as the engine does.

    Args:
        memory: Bytes that are reserved for a trial.
    """
    from autotrick.tune.cluster import engine

    return engine.cluster(
        resources.address,
        slots=resources.slots(),
        cpus=resources.cpus_per_trial,
        gpus=resources.gpus_per_trial,
        memory=memory,
    )


def study_folder(row: StudyRow) -> str:
    """Return the name of the study's folder; another study of that name must not find its checkpoints."""
    return f"{row.name}-{folder_mark(row)}"


def folder_mark(row: StudyRow) -> str:
    """Return the end of the name of the study's folder, which does not depend on the study's name."""
    return digest_of({"created": row.created.astimezone(UTC).isoformat()})[:8]
