"""Searching: start a study, or take one up again where it stands."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import partial
from typing import Any

from autotrick import data as datasets
from autotrick import models, records
from autotrick.errors import DataError, ResourceError
from autotrick.recipe import digest_of
from autotrick.records import Database, StudyPlan, StudyRow
from autotrick.sample import demanded
from autotrick.space import SearchSpace, trials_of
from autotrick.tune.budget import meter_of, spending_of
from autotrick.tune.constraints import Judge
from autotrick.tune.driver import Driver
from autotrick.tune.events import Event, Listener
from autotrick.tune.heritage import taken_over
from autotrick.tune.judging import judge_of, recalled
from autotrick.tune.memory import fitted, reserved
from autotrick.tune.metrics import Exporter, each
from autotrick.tune.preemption import terminate_like_interrupt
from autotrick.tune.resources import Resources, check_device
from autotrick.tune.setup import Setup
from autotrick.tune.storage import check, inside, rooted
from autotrick.tune.worker import work

STALE_S = 60.0
"""After this silence a driver on another machine counts as dead."""

OUTAGE_S = 60.0
"""How long a driver waits for a database server that is gone, before it stops."""

Trainable = Callable[[dict[str, Any]], None]


def _silent(event: Event) -> None:
    """Listen to nothing."""


def _unheard(sentence: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How one call of `search` or `resume` goes about it.

    Attributes:
        time_budget_s: Wall time after which no trial goes on; they can be resumed.
        spending: Budgets of the study in place of the recorded ones: `trial_hours`,
            `cost_per_hour`, `max_cost`; each is for the study in all.
        listener: Told what happens to trials, while it happens.
        notice: Told in a sentence what happens to the whole study.
        trainable: What a worker does; benchmarks bring their own.
    """

    time_budget_s: float | None = None
    spending: Mapping[str, float] = field(default_factory=dict)
    listener: Listener = _silent
    notice: Callable[[str], None] = _unheard
    trainable: Trainable = work


def search(
    space: SearchSpace,
    database: Database,
    *,
    study: str | None = None,
    trials: int | None = None,
    resources: Resources | None = None,
    options: Options | None = None,
) -> StudyRow:
    """Search a space in a new study, or finish the study of that name over the same space.

    Args:
        study: Its name; None takes the space's.
        trials: How many trials it gets in all; None takes the space's.

    Raises:
        DataError: The data set is missing or damaged.
        SpaceError: A recipe that has to be tried breaks a constraint.
        RecordsError: The study's name is taken by another space, or another driver is at it.
        ResourceError: The cluster or the disk has not what is needed.
    """
    resources, options = fitted(space, resources or Resources()), options or Options()
    name = records.checked_name(space.name if study is None else study)
    with ready(space, resources) as loaded:
        heritage = taken_over(database, space, name)
        wanted = demanded(loaded, heritage)
        judge = judge_of(loaded, resources, wanted, partial(recalled, database, name))
        inherited = {"heritage": heritage.model_dump(mode="json")} if heritage.sources else {}
        plan = StudyPlan(
            name=name,
            question=space.question,
            space=loaded.model_dump(mode="json"),
            space_digest=space.digest(),
            seed=space.study.seed,
            metric=str(space.objective),
            budget={
                "trials": trials_of(space, trials),
                "resources": resources.to_json(),
                **spending_of(space),
            }
            | inherited,
        )
        row = records.create_study(database, plan)
        if row.budget != row.budget | inherited:
            records.change_budget(database, row.id, inherited)
            row = records.study(database, name)
        _check_data(row, loaded)
        if options.time_budget_s is None and space.study.time_budget_min is not None:
            options = replace(options, time_budget_s=60 * space.study.time_budget_min)
        return _conduct(database, row, loaded, resources, options, judge, trials)


def resume(
    database: Database,
    study: str,
    *,
    resources: Resources | None = None,
    options: Options | None = None,
) -> StudyRow:
    """Finish a study: interrupted trials go on from their checkpoints, then the rest is tried.

    Args:
        resources: None takes those that the study was started with.

    Raises:
        NotFoundError: There is no study of that name.
        DataError: The data set is missing, or not the one that the study was started with.
        RecordsError: Another driver is at it.
        ResourceError: The cluster or the disk has not what is needed.
    """
    row = records.study(database, study)
    found = SearchSpace.model_validate(row.space)
    resources = fitted(found, resources or Resources.from_json(row.budget["resources"]))
    with ready(found, resources) as space:
        judge = judge_of(space, resources, measured=partial(recalled, database, study))
        return _conduct(database, row, space, resources, options or Options(), judge)


@contextmanager
def ready(space: SearchSpace, resources: Resources) -> Iterator[SearchSpace]:
    """Give the space with its data once all is there that a search needs, the named cluster included.

    Nothing is on record yet when this fails.

    Raises:
        DataError: The data set is missing, damaged, or not the one that the space names.
        ResourceError: GPUs or the cluster are missing.
    """
    check_device(resources)
    check(resources.storage)
    loaded = with_data(space, resources)
    if resources.address is None:
        yield loaded
        return
    with _cluster(resources):
        yield loaded


def with_data(space: SearchSpace, resources: Resources) -> SearchSpace:
    """Return the space with its data's fingerprint; decodes and caches them when they are new.

    Raises:
        DataError: The data set is missing or damaged.
        RecipeError: An architecture of torchvision or timm is not there, or takes no images as small
            as those of the first rung.
    """
    for name in space.architectures:
        models.verify(name)
    found = datasets.load(space.data, data_dir=resources.data_dir, cache_dir=resources.cache)
    if space.pruning.fidelity == "image_size":
        from autotrick.train.cost import try_smallest

        try_smallest(space, found)
    return space.model_copy(update={"data": found.resolve(space.data)})


def _check_data(row: StudyRow, space: SearchSpace) -> None:
    recorded = SearchSpace.model_validate(row.space).data.fingerprint
    if recorded not in ("", space.data.fingerprint):
        raise DataError(
            f"study {row.name!r} was made with data {recorded}, and {space.data.name} is "
            f"{space.data.fingerprint} now. Bring the data back, or choose another study name."
        )


def _conduct(  # noqa: PLR0913 -- all that a driver is made of
    database: Database,
    row: StudyRow,
    space: SearchSpace,
    resources: Resources,
    options: "Options",
    judge: Judge | None,
    trials: int | None = None,
) -> StudyRow:
    limit = options.time_budget_s
    setup = Setup(
        storage=inside(rooted(resources.storage), _folder(row)),
        cache=resources.cache.absolute() if resources.cache else None,
        device=resources.device,
        deadline=time.monotonic() + limit if limit else None,
        listener=each(options.listener, Exporter(row)),
        data_dir=resources.data_dir.absolute() if resources.data_dir else None,
        shares=(resources.cpus_per_trial, resources.gpus_per_trial),
        hang_limit_s=resources.hang_limit_s,
        judge=judge,
    )
    changes: dict[str, Any] = dict(options.spending)
    if trials:
        changes["trials"] = trials_of(space, trials)
    patience = records.patient(database, OUTAGE_S, options.notice)
    with terminate_like_interrupt(), patience, _claimed(database, row):
        records.release_open(database, row.id, reason="the driver was lost", heard=row.heartbeat)
        if changes:
            records.change_budget(database, row.id, changes)
        study = records.study(database, row.name)
        setup = replace(setup, meter=meter_of(database, study, resources))
        driver = Driver(database, study, space, setup)
        try:
            if not driver.finished:
                _run(driver, options.trainable, row.name, resources, reserved(space, resources))
        finally:
            driver.close(driver.reason)
    if driver.fatal:
        raise ResourceError(f"{driver.fatal} Nothing is lost: autotrick resume {row.name}")
    return records.study(database, row.name)


def _run(
    driver: Driver, trainable: Trainable, name: str, resources: Resources, memory: float
) -> None:
    from autotrick.tune import engine
    from autotrick.tune.delivery import courier

    cpus = resources.cpus_per_trial
    # Where there may be other nodes, data have to reach them.
    delivery = courier(resources.cache) if resources.address else nullcontext()
    exact = resources.address is None and (resources.slots() * cpus).is_integer()
    # Once more, because Ray puts a handler of its own in place when it starts.
    with _cluster(resources, memory), terminate_like_interrupt(), delivery:
        engine.run(
            driver,
            trainable,
            name=name,
            shares={"cpu": cpus, "gpu": resources.gpus_per_trial, "memory": memory},
            # A cluster of our own that has room for just so many needs no further limit.
            concurrency=None if exact else resources.concurrency,
        )


def _cluster(resources: Resources, memory: float = 0.0) -> AbstractContextManager[None]:
    from autotrick.tune import engine

    return engine.cluster(
        resources.address,
        slots=resources.slots(),
        cpus=resources.cpus_per_trial,
        gpus=resources.gpus_per_trial,
        memory=memory,
    )


def _folder(row: StudyRow) -> str:
    """Return the study's folder: another study of that name must not find this one's checkpoints."""
    return f"{row.name}-{digest_of({'created': row.created.astimezone(UTC).isoformat()})[:8]}"


@contextmanager
def _claimed(database: Database, row: StudyRow) -> Iterator[None]:
    """Be the study's one driver."""
    owner = records.this_process()
    records.claim_study(database, row.id, owner, stale_after=STALE_S)
    try:
        yield
    finally:
        records.release_claim(database, row.id, owner)
