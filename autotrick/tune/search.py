"""Searching: start a study, or take one up again where it stands."""

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from autotrick import data as datasets
from autotrick import models, records
from autotrick.errors import ResourceError
from autotrick.records import Database, StudyPlan, StudyRow
from autotrick.space import SearchSpace
from autotrick.tune.driver import Driver, Event, Listener, Setup
from autotrick.tune.worker import work

STALE_S = 60.0
"""After this silence a driver on another machine counts as dead."""

Trainable = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Where and how a study is run; what it trains is in the space.

    Attributes:
        address: Of a running Ray cluster; None starts one on this machine.
        concurrency: Trials at a time; None for as many as there is room for.
        cpus_per_trial: Processors that a trial occupies; may be a fraction.
        gpus_per_trial: GPUs that a trial occupies; above 0 trains on CUDA.
        data_dir: Where data sets are looked for.
        storage: Folder for checkpoints; every node must reach it.
        cache: Folder for decoded data sets; None for the user's cache.
    """

    address: str | None = None
    concurrency: int | None = None
    cpus_per_trial: float = 1.0
    gpus_per_trial: float = 0.0
    data_dir: Path | None = None
    storage: Path = Path("autotrick-files")
    cache: Path | None = None

    @property
    def device(self) -> str:
        """`cuda` when a trial occupies a GPU."""
        return "cuda" if self.gpus_per_trial > 0 else "cpu"

    def slots(self) -> int:
        """Return how many trials run at a time on this machine."""
        return self.concurrency or max(1, math.floor((os.cpu_count() or 1) / self.cpus_per_trial))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON for the record, with absolute paths."""
        paths = {
            name: str(path.absolute())
            for name in ("data_dir", "storage", "cache")
            if isinstance(path := getattr(self, name), Path)
        }
        return asdict(self) | paths

    @classmethod
    def from_json(cls, recorded: Mapping[str, Any]) -> "Resources":
        """Return what `to_json` wrote."""
        paths = {
            name: Path(recorded[name])
            for name in ("data_dir", "storage", "cache")
            if recorded[name] is not None
        }
        return cls(**(dict(recorded) | paths))


def _silent(event: Event) -> None:
    """Listen to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How one call of `search` or `resume` goes about it.

    Attributes:
        time_budget_s: Wall time after which no trial goes on; they can be resumed.
        listener: Told what happens, while it happens.
        trainable: What a worker does; benchmarks bring their own.
    """

    time_budget_s: float | None = None
    listener: Listener = _silent
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
        RecordsError: The study's name is taken by another space, or another driver is at it.
        ResourceError: The cluster or the disk has not what is needed.
    """
    resources, options = resources or Resources(), options or Options()
    check_device(resources)
    loaded = with_data(space, resources)
    plan = StudyPlan(
        name=study or space.name,
        question=space.question,
        space=space.model_dump(mode="json"),
        space_digest=space.digest(),
        seed=space.study.seed,
        budget={"trials": trials or space.study.trials, "resources": resources.to_json()},
    )
    row = records.create_study(database, plan)
    if trials:
        records.set_budget(database, row.id, row.budget | {"trials": trials})
    if options.time_budget_s is None and space.study.time_budget_min is not None:
        options = replace(options, time_budget_s=60 * space.study.time_budget_min)
    return _conduct(database, row, loaded, resources, options)


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
    resources = resources or Resources.from_json(row.budget["resources"])
    check_device(resources)
    space = with_data(SearchSpace.model_validate(row.space), resources)
    return _conduct(database, row, space, resources, options or Options())


def with_data(space: SearchSpace, resources: Resources) -> SearchSpace:
    """Return the space with its data's fingerprint; decodes and caches them when they are new.

    Raises:
        DataError: The data set is missing or damaged.
        RecipeError: An architecture of torchvision or timm is not there.
    """
    for name in space.architectures:
        models.verify(name)
    found = datasets.load(space.data, data_dir=resources.data_dir, cache_dir=resources.cache)
    return space.model_copy(update={"data": found.resolve(space.data)})


def check_device(resources: Resources) -> None:
    """Refuse GPUs that this machine has not, before anything is changed.

    Raises:
        ResourceError: GPUs are asked for, no cluster is named, and here is none.
    """
    if resources.address or resources.gpus_per_trial == 0:
        return
    import torch

    if not torch.cuda.is_available():
        raise ResourceError(
            f"--gpus-per-trial {resources.gpus_per_trial:g} needs a GPU, and this machine has "
            "none. Leave it at 0, or name a cluster with --address."
        )


def _conduct(
    database: Database,
    row: StudyRow,
    space: SearchSpace,
    resources: Resources,
    options: "Options",
) -> StudyRow:
    limit = options.time_budget_s
    setup = Setup(
        storage=resources.storage.absolute() / row.name,
        cache=resources.cache.absolute() if resources.cache else None,
        device=resources.device,
        deadline=time.monotonic() + limit if limit else None,
        listener=options.listener,
    )
    with _claimed(database, row):
        records.release_open(database, row.id, reason="the driver was lost")
        driver = Driver(database, records.study(database, row.name), space, setup)
        try:
            if not driver.idle:
                _run(driver, options.trainable, row.name, resources)
        finally:
            driver.close("time budget" if driver.out_of_time else "interrupted")
    if driver.fatal:
        raise ResourceError(f"{driver.fatal} Nothing is lost: autotrick resume {row.name}")
    return records.study(database, row.name)


def _run(driver: Driver, trainable: Trainable, name: str, resources: Resources) -> None:
    from autotrick.tune import engine

    cpus, gpus = resources.cpus_per_trial, resources.gpus_per_trial
    with engine.cluster(resources.address, slots=resources.slots(), cpus=cpus, gpus=gpus):
        engine.run(
            driver,
            trainable,
            name=name,
            cpus_per_trial=cpus,
            gpus_per_trial=gpus,
            concurrency=resources.concurrency if resources.address else None,
        )


@contextmanager
def _claimed(database: Database, row: StudyRow) -> Iterator[None]:
    """Be the study's one driver."""
    owner = records.this_process()
    records.claim_study(database, row.id, owner, stale_after=STALE_S)
    try:
        yield
    finally:
        records.release_claim(database, row.id, owner)
