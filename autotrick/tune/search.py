"""Starts a study, or resumes one."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial

from autotrick import data as datasets
from autotrick import models, records, trusted_code
from autotrick.analysis.confirmation import PURPOSE
from autotrick.errors import CodeError, DataError, NotFoundError, SpaceError
from autotrick.records import Database, SearchSettings, StudyPlan, StudyRow
from autotrick.sample import Proposer, WarmStart, required_recipes
from autotrick.space import SearchSpace, trials_of
from autotrick.space.pretrained import pinned
from autotrick.space.recorded import space_to_search
from autotrick.threads import check_threads
from autotrick.tune.budget import check_price, limits_of
from autotrick.tune.checkpoints.storage import check
from autotrick.tune.cluster.memory_slots import fitted, reserved
from autotrick.tune.cluster.own_code import send_code
from autotrick.tune.constraints import checker_of, measured_memory
from autotrick.tune.driver.events import Listener
from autotrick.tune.plan import Plan, check_plan, plan_for, trial_seconds
from autotrick.tune.resources import Resources, check_device, check_names, check_room
from autotrick.tune.session import Options, cluster, conduct, with_callbacks
from autotrick.tune.warm_start import warm_start_for


def search(  # noqa: PLR0913 -- what to search, and how
    space: SearchSpace,
    database: Database,
    *,
    study: str | None = None,
    trials: int | None = None,
    resources: Resources | None = None,
    options: Options | None = None,
    on_epoch: Listener | None = None,
    on_trial: Listener | None = None,
) -> StudyRow:
    """Search a space in a new study, or finish the study of that name over the same space.

    Args:
        study: The study's name; None takes the space's name.
        trials: Number of trials in all; None takes the space's number.
        on_epoch: Called here, in the driver, after every epoch of every trial is recorded; the event has the
            trial's `number`, its `recipe` and the epoch's `report`.
        on_trial: Called when a trial begins (`event.kind` is `started`) and when it ends (`complete`, `pruned`,
            `failed`, ...). An exception that a callback raises ends the search in order: it can be resumed.

    Raises:
        DataError: The data set is missing or damaged.
        SpaceError: A required recipe violates a constraint.
        RecordsError: A study over another space has that name, or another driver runs it.
        ResourceError: The cluster or the disk lacks what a trial needs.
    """
    resources = fitted(space, resources or Resources())
    options = with_callbacks(options or Options(), on_epoch, on_trial)
    resources.remember()
    name = records.check_study_name(space.name if study is None else study)
    known: StudyRow | None = None
    with suppress(NotFoundError):
        known = records.study(database, name)
    new = SearchSettings.model_validate({"trials": trials_of(space, trials), **limits_of(space)})
    held = {**known.budget, **limits_of(space)} if known else new.to_json()
    check_price(SearchSettings.of(name, held), options.spending)
    with prepared(space, resources) as (loaded, data):
        warm_start = warm_start_for(database, space, name)
        required = required_recipes(loaded, warm_start)
        checker = checker_of(loaded, resources, required, partial(measured_memory, database, name))
        taken = {"warm_start": warm_start.model_dump(mode="json")} if warm_start.sources else {}
        if options.time_budget_s is None and space.study.time_budget_min is not None:
            options = replace(options, time_budget_s=60 * space.study.time_budget_min)
        if known:
            check_plan(known, space)
        elif phases := _phases(loaded, new, resources, options):
            taken["plan"] = phases.to_json()
        new = new.model_copy(update={"resources": resources.to_json(), **taken})
        plan = StudyPlan(
            name=name,
            question=space.question,
            space=loaded.model_dump(mode="json"),
            space_digest=space.digest(),
            seed=space.study.seed,
            metric=str(space.objective),
            budget=new.to_json(),
            data=datasets.describe(data).to_json(),
            task=space.recorded_task,
        )
        with nullcontext() if known else _beginning(loaded, resources, warm_start):
            row = records.create_study(database, plan)
            if warm_start.sources and row.settings.warm_start != new.warm_start:
                records.change_budget(database, row.id, {"heritage": new.warm_start})
                row = records.study(database, name)
            check_same(row, loaded, resources)
            return conduct(database, row, loaded, resources, options, checker, trials)


def screen(  # noqa: PLR0913 -- what to screen, and how
    space: SearchSpace,
    database: Database,
    *,
    study: str | None = None,
    trials: int | None = None,
    precision: float | None = None,
    resources: Resources | None = None,
    options: Options | None = None,
) -> StudyRow:
    """Tell the effects of a space's tricks apart in a study, without a search for the best combination.

    A few trials choose a base; a balanced design then switches all tricks on and off
    around it, until the intervals are as narrow as asked or the trials are spent. It raises what
    `search` raises.

    Args:
        study: The study's name; None takes the space's name.
        trials: Largest number of trials; None takes the space's number.
        precision: Half-width of the 95 % intervals, in the unit in which people read the metric; None
            takes the space's.
    """
    changes = {"plan": ("base", "screen"), "precision": precision or space.study.precision}
    planned = space.with_study(**changes)
    return search(
        planned, database, study=study, trials=trials, resources=resources, options=options
    )


def _phases(
    space: SearchSpace, settings: SearchSettings, resources: Resources, options: Options
) -> Plan | None:
    """Return the plan of a new study."""
    spending = settings.model_copy(update=options.spending.to_json())
    seconds = trial_seconds(spending, resources, options.time_budget_s)
    return plan_for(space, settings.trials, seconds=seconds)


def resume(
    database: Database,
    study: str,
    *,
    resources: Resources | None = None,
    options: Options | None = None,
    on_epoch: Listener | None = None,
    on_trial: Listener | None = None,
) -> StudyRow:
    """Finish a study: interrupted trials go on from their checkpoints, then the rest is tried.

    A confirmation then makes its look at the test split, if that has no result yet.

    Args:
        resources: None takes those that the study was started with, as far as they are the user's own.
        on_epoch: As `search` takes it.
        on_trial: As `search` takes it.

    Raises:
        NotFoundError: There is no study of that name.
        DataError: The data set is missing, or not the one that the study was started with.
        RecordsError: Another driver runs it.
        ResourceError: The cluster or the disk lacks what a trial needs.
    """
    row = records.study(database, records.check_study_name(study))
    if facts := datasets.recorded(row.data):
        datasets.tell(facts.notes)
    found = space_to_search(row.name, row.space)
    if resources is None:
        resources = Resources.of_study(study, row.settings.resources)
    else:
        resources.remember()
    resources = fitted(found, resources)
    with ready(found, resources) as space:
        checker = checker_of(space, resources, measured=partial(measured_memory, database, study))
        options = with_callbacks(options or Options(), on_epoch, on_trial)
        row = conduct(database, row, space, resources, options, checker)
        if row.purpose != PURPOSE:
            return row
        from autotrick.tune.confirm import finish  # which begins and resumes studies itself

        return finish(database, row, resources, options)


@contextmanager
def ready(space: SearchSpace, resources: Resources) -> Iterator[SearchSpace]:
    """Yield the space with its data once all is there that a search needs, including the named cluster.

    Nothing is recorded yet if this fails.

    Raises:
        DataError: The data set is missing, damaged, or not the one that the space names.
        ResourceError: GPUs, threads or the cluster are missing.
    """
    with prepared(space, resources) as (loaded, _):
        yield loaded


@contextmanager
def prepared(
    space: SearchSpace, resources: Resources
) -> Iterator[tuple[SearchSpace, datasets.Dataset]]:
    """Yield the space as `ready` does, and its data."""
    check_names(resources)
    check_device(resources)
    check_room(resources)
    check(resources.storage)
    bring_code(space, resources)
    loaded, data = with_data(space, resources)
    if resources.address is None:
        check_threads(space.most("threads"))
        yield loaded, data
        return
    with cluster(resources):
        yield loaded, data


def bring_code(space: SearchSpace, resources: Resources) -> None:
    """Import the user's own code that a space names, for this process and its workers.

    Raises:
        CodeError: It cannot be imported, the user has not consented, or it has changed.
    """
    changed = trusted_code.bring(space.code, study=space.name, folder=resources.code)
    if changed:
        raise CodeError(
            f"{space.name}: {trusted_code.sentence_on(changed)}, so its trials would not compare with those on "
            "record. Bring the recorded version back, or start a new study."
        )
    send_code(space.code)


def with_data(space: SearchSpace, resources: Resources) -> tuple[SearchSpace, datasets.Dataset]:
    """Return the space with its data's fingerprint and its weights' digests, and the data.

    New data are cached, and published weights that are not here yet are fetched.

    Raises:
        DataError: The data set is missing or damaged.
        SpaceError: Pretrained weights are missing, or not those that the space pins.
        ResourceError: Pretrained weights cannot be fetched.
        RecipeError: An architecture of torchvision or timm does not exist, or one does not accept images
            as small as these, or as those of the first rung.
    """
    for name in space.architectures:
        models.verify(name)
    space = pinned(space)
    found = datasets.load(space.data, data_dir=resources.data_dir, cache_dir=resources.cache)
    for name in space.architectures:
        models.expect_side(name, found.train.images.shape[1:3])
    if space.pruning.fidelity == "image_size":
        from autotrick.train.cost import try_smallest

        try_smallest(space, found)
    return space.model_copy(update={"data": found.resolve(space.data)}), found


@contextmanager
def _beginning(space: SearchSpace, resources: Resources, warm_start: WarmStart) -> Iterator[None]:
    """Check all else that a new study needs, so that one that cannot begin leaves no record.

    Raises:
        SpaceError: The sampler does not suit the space.
        ResourceError: A package or the cluster is missing, or the cluster lacks what a trial needs.
    """
    Proposer(space, seed=space.study.seed, warm_start=warm_start)
    with cluster(resources, reserved(space, resources)):
        yield


def check_same(row: StudyRow, space: SearchSpace, resources: Resources) -> None:
    """Check that a study goes on over the same data and weights, and with the same pruning.

    Raises:
        DataError: The data are not those that it was started with.
        SpaceError: Its pruning or its pretrained weights are others.
    """
    recorded = space_to_search(row.name, row.space)
    try:
        datasets.check_same(
            recorded.data, space.data, data_dir=resources.data_dir, cache_dir=resources.cache
        )
    except DataError as error:
        raise DataError(f"study {row.name!r} was made with other data: {error}") from None
    if _weights(recorded) != _weights(space):
        raise SpaceError(
            f"study {row.name!r} was begun with other pretrained weights: {_weights(recorded)}, and now "
            f"these are {_weights(space)}. Choose another study name, or restore the files."
        )
    if recorded.pruning != space.pruning:
        changed = [
            f"{key} is {value!r} and was {getattr(recorded.pruning, key)!r}"
            for key, value in space.pruning
            if value != getattr(recorded.pruning, key)
        ]
        raise SpaceError(
            f"study {row.name!r} was begun with another [pruning]: {'; '.join(changed)}. Choose "
            f"another study name, or go on as it was begun: autotrick resume {row.name}"
        )


def _weights(space: SearchSpace) -> str:
    """Return the pretrained weights of a space, as its recipes name them."""
    listed = (
        f"{name} from {settings['pretrained']}"
        for name, settings in space.architectures.items()
        if "pretrained" in settings
    )
    return "; ".join(listed) or "none"
