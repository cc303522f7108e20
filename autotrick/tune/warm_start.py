"""What a study takes over from other studies of its database."""

from autotrick import records
from autotrick.errors import NotFoundError, SpaceError
from autotrick.recipe import Recipe
from autotrick.records import Database, StudyRow
from autotrick.sample import WarmStart, enqueued, inherit
from autotrick.space import SearchSpace
from autotrick.space.recorded import space_to_search


def taken_over(database: Database, space: SearchSpace, study: str) -> WarmStart:
    """Return what a study takes over: what is recorded of it, and what the space names beyond that.

    Raises:
        NotFoundError: There is no study or trial of a name.
        SpaceError: The space cannot express a recipe, or any of a whole study.
    """
    recorded = _recorded(database, study)
    settings = space.study
    earlier = [name for name in settings.warm_start if name not in recorded.sources]
    places = [place for place in settings.enqueue if place not in recorded.sources]
    if study in earlier:
        raise SpaceError(f"warm_start: {study!r} is the study itself. Name earlier ones.")
    queue = [enqueued(space, f"enqueued: {place}", _recipe(database, place)) for place in places]
    found = inherit(space, {name: records.trials(database, name) for name in earlier})
    return WarmStart(
        sources=(*recorded.sources, *places, *earlier),
        queue=(*recorded.queue, *queue, *found.queue),
        past=(*recorded.past, *found.past),
    )


def warm_start_of(row: StudyRow) -> WarmStart:
    """Return what is recorded that a study has taken over, in the words of its space of today."""
    found = WarmStart.model_validate(row.budget.get("heritage", {}))
    if not found.sources or not row.earlier_spaces:
        return found
    earlier = [space_to_search(row.name, held["space"]) for held in row.earlier_spaces]
    return found.moved(space_to_search(row.name, row.space), earlier)


def _recorded(database: Database, study: str) -> WarmStart:
    try:
        return warm_start_of(records.study(database, study))
    except NotFoundError:
        return WarmStart()


def _recipe(database: Database, place: str) -> Recipe:
    study, _, number = place.rpartition(":")
    if not study or not number.isdecimal():
        raise SpaceError(f"enqueue: a trial is named as STUDY:NUMBER, but got {place!r}.")
    return records.trial(database, study, int(number)).recipe
