"""Extends a study: more to spend, or a wider space."""

from collections.abc import Iterator
from dataclasses import replace

from autotrick import records
from autotrick.errors import SpaceError
from autotrick.records import Database, StudyRow
from autotrick.sample import HalvedRecipes
from autotrick.space import SearchSpace, why_not_in_space
from autotrick.space.recorded import space_to_search
from autotrick.tune.budget import Limits, Spending, check_price

_PAGE = 1000
_SHOWN = 3


def more_to_spend(database: Database, row: StudyRow, more: Spending) -> Spending:
    """Return what a study may spend in all when it gets more.

    Args:
        more: What to add to `trial_hours` and `max_cost`: to the limit, or to what is spent if there
            is no limit or that is higher. `cost_per_hour` replaces the recorded price.

    Raises:
        ResourceError: There would be a limit on cost without a price.
    """
    check_price(row.settings, more)
    limits, hours = Limits.of(row.settings), records.trial_hours(database, row.id)
    price = more.cost_per_hour or limits.cost_per_hour or 0.0
    total = more
    if more.trial_hours is not None:
        total = replace(total, trial_hours=max(limits.trial_hours or 0.0, hours) + more.trial_hours)
    if more.max_cost is not None:
        total = replace(total, max_cost=max(limits.max_cost or 0.0, price * hours) + more.max_cost)
    return total


def widen(database: Database, name: str, wider: SearchSpace, *, stale_after: float) -> StudyRow:
    """Replace the space of a study by a wider one that contains it; return the study after that.

    The wider space decides what may vary; data, pruning and the study's settings stay.

    Raises:
        NotFoundError: There is no such study.
        RecordsError: A driver runs it.
        SpaceError: A recorded recipe, the data or the objective does not fit; the message says which.
    """
    row = records.study(database, name)
    held = space_to_search(row.name, row.space)
    kept = ("name", "question", "data", "study", "pruning")
    space = wider.model_copy(update={key: getattr(held, key) for key in kept})
    faults = [*_other(held, wider), *_strangers(database, name, space)]
    if faults:
        shown = "; ".join(faults[:_SHOWN])
        rest = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise SpaceError(
            f"the space does not contain that of study {name!r}: {shown}{rest}. Keep all that the "
            "study has tried, or begin another study."
        )
    plain = space.model_dump(mode="json")
    return records.widen_study(database, name, plain, space.digest(), stale_after=stale_after)


def _other(held: SearchSpace, wider: SearchSpace) -> Iterator[str]:
    mine, theirs = (space.data.model_dump(exclude={"fingerprint"}) for space in (held, wider))
    for name, value in mine.items():
        if theirs[name] != value:
            yield f"data.{name} is {theirs[name]!r} and was {value!r}"
    if held.objective != wider.objective:
        yield f"it looks for {wider.objective} and the study for {held.objective}"


def _strangers(database: Database, name: str, space: SearchSpace) -> Iterator[str]:
    """Yield why recorded recipes do not belong to the space: each trial's first fault."""
    after, halves = -1, HalvedRecipes(space)
    while page := records.trials(database, name, after=after, limit=_PAGE):
        for row in page:
            # A recipe with half the batch replaces one of the space.
            recipe = halves.original_recipe(row.recipe)
            if row.state == "failed":
                halves.record_failure(row.recipe, row.reason)
            legs = [0, *(leg.after for leg in recipe.course)]
            fault = next(
                filter(None, (why_not_in_space(space, recipe.at(epochs)) for epochs in legs)), ""
            )
            if fault:
                yield f"trial {row.number}: {fault}"
        after = page[-1].number
