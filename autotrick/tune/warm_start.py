"""The warm start of a study from other studies of its database."""

from autotrick import records, trusted_code
from autotrick.errors import NotFoundError, SpaceError
from autotrick.recipe import Recipe
from autotrick.records import Database, StudyRow
from autotrick.sample import WarmStart, enqueued, warm_start_from
from autotrick.space import SearchSpace
from autotrick.space.recorded import space_to_search


def warm_start_for(database: Database, space: SearchSpace, study: str) -> WarmStart:
    """Return the warm start of a study: the recorded one, with what the space names beyond it.

    Raises:
        NotFoundError: A named study or trial does not exist.
        SpaceError: The space cannot express a named recipe, or no recipe of a named study.
    """
    recorded = _recorded(database, study)
    settings = space.study
    earlier = [name for name in settings.warm_start if name not in recorded.sources]
    references = [trial for trial in settings.enqueue if trial not in recorded.sources]
    if study in earlier:
        raise SpaceError(f"warm_start: {study!r} is the study itself. Name earlier ones.")
    queue = [
        enqueued(space, f"enqueued: {trial}", recipe_of_trial(database, trial, option="enqueue"))
        for trial in references
    ]
    found = warm_start_from(space, {name: records.trials(database, name) for name in earlier})
    return WarmStart(
        sources=(*recorded.sources, *references, *earlier),
        queue=(*recorded.queue, *queue, *found.queue),
        past=(*recorded.past, *found.past),
    )


def warm_start_of(row: StudyRow) -> WarmStart:
    """Return the recorded warm start of a study, with answers of its space of today."""
    found = WarmStart.model_validate(row.settings.warm_start or {})
    if not found.sources or not row.earlier_spaces:
        return found
    earlier = [space_to_search(row.name, held["space"]) for held in row.earlier_spaces]
    return found.moved(space_to_search(row.name, row.space), earlier)


def _recorded(database: Database, study: str) -> WarmStart:
    try:
        return warm_start_of(records.study(database, study))
    except NotFoundError:
        return WarmStart()


def recipe_of_trial(database: Database, reference: str, *, option: str) -> Recipe:
    """Return the recipe of a trial that is named as STUDY:NUMBER.

    Args:
        option: What a message calls the setting that names it.

    Raises:
        NotFoundError: There is no such study or trial.
        SpaceError: The reference has another form.
    """
    study, _, number = reference.rpartition(":")
    if not study or not number.isdecimal():
        raise SpaceError(f"{option}: a trial is named as STUDY:NUMBER, but got {reference!r}.")
    trusted_code.declare(records.study(database, study))
    return records.trial(database, study, int(number)).recipe
