"""Giving a study more to spend, and more to choose from."""

from collections.abc import Iterator, Mapping

from autotrick import records
from autotrick.errors import SpaceError
from autotrick.records import Database, StudyRow
from autotrick.sample import Halves
from autotrick.space import SearchSpace, why_not_in_space
from autotrick.space.recorded import space_to_search
from autotrick.tune.budget import Limits, check_price

_PAGE = 1000
_SHOWN = 3


def more_to_spend(database: Database, row: StudyRow, more: Mapping[str, float]) -> dict[str, float]:
    """Return the budgets of a study that gets more of some.

    Args:
        more: What is added to `trial_hours` and `max_cost`: to the limit, or to what is spent where
            there is no limit or that is higher. `cost_per_hour` takes the place of the recorded one.

    Raises:
        ResourceError: There would be a limit on money, and no price.
    """
    check_price(row.budget | dict(more))
    limits, hours = Limits.of(row.budget), records.trial_hours(database, row.id)
    found = dict(more)
    price = more.get("cost_per_hour") or limits.cost_per_hour or 0.0
    if "trial_hours" in more:
        found["trial_hours"] = max(limits.trial_hours or 0.0, hours) + more["trial_hours"]
    if "max_cost" in more:
        found["max_cost"] = max(limits.max_cost or 0.0, price * hours) + more["max_cost"]
    return found


def widen(database: Database, name: str, wider: SearchSpace, *, stale_after: float) -> StudyRow:
    """Let a study go on over a space that contains its own; return it as it is then.

    What may vary is the wider space's; data, pruning and the study's settings stay as they are.

    Raises:
        NotFoundError: There is no such study.
        RecordsError: A driver is at work on it.
        SpaceError: A recorded recipe, the data or the objective does not fit; the message says what.
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
    """Give what keeps recorded recipes from being of the space, each trial's first fault."""
    after, halves = -1, Halves(space)
    while page := records.trials(database, name, after=after, limit=_PAGE):
        for row in page:
            # One with half the batch stands for another, whose batch the space has.
            recipe = halves.meant(row.recipe)
            if row.state == "failed":
                halves.failed(row.recipe, row.reason)
            legs = [0, *(leg.after for leg in recipe.course)]
            fault = next(
                filter(None, (why_not_in_space(space, recipe.at(epochs)) for epochs in legs)), ""
            )
            if fault:
                yield f"trial {row.number}: {fault}"
        after = page[-1].number
