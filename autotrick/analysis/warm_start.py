"""What a warm start brought: how the recipes of earlier studies did in this one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from autotrick.domain import Scalar
from autotrick.errors import SpaceError
from autotrick.records.rows import TrialRow, common_metric
from autotrick.space import SearchSpace


@dataclass(frozen=True, slots=True)
class Tried:
    """An earlier study's best recipe in this study, beside those that were not taken over.

    Only complete trials are compared: all of them trained for as many epochs.

    Attributes:
        origin: Which study and which of its trials, in words.
        trial: Its trial here; None if there is none, or none yet.
        others: How many complete trials it is compared with.
        below: How many of them have a worse value.
        mean: Of their values; None without any.
        before: Their best value among those with a lower number; None without any.
        reached: The first of them with at least its value; None if none has.
    """

    origin: str
    trial: TrialRow | None
    others: int
    below: int
    mean: float | None
    before: float | None
    reached: int | None


@dataclass(frozen=True, slots=True)
class WarmStartOutcome:
    """What a study took over, and what came of it.

    Attributes:
        learned: How many trials of each earlier study its sampler knew from the beginning.
        tried: One for each earlier study.
    """

    learned: dict[str, int]
    tried: list[Tried]


def warm_start(
    heritage: Mapping[str, Any], trials: Sequence[TrialRow], space: SearchSpace | None
) -> WarmStartOutcome:
    """Return what came of what a study took over.

    Args:
        heritage: As it is recorded in the study's budget; empty for none.
        trials: All of the study's, in order of their number.
        space: What is searched. By it a recipe is known again that the study tried under another
            name, such as `all tricks off`; None leaves that out.
    """
    learned: dict[str, int] = {}
    for past in heritage.get("past", ()):
        learned[past["study"]] = learned.get(past["study"], 0) + 1
    queue = heritage.get("queue", ())
    found = [_trial_of(queued, trials, space) for queued in queue]
    taken = {row.number for row in found if row}
    others = [
        row
        for row in trials
        if row.number not in taken and row.state == "complete" and row.value is not None
    ]
    tried = [
        _tried(queued["origin"], row, others)
        for queued, row in zip(queue, found, strict=True)
        if not queued.get("demanded", False)
    ]
    return WarmStartOutcome(learned, tried)


def _trial_of(
    queued: Mapping[str, Any], trials: Sequence[TrialRow], space: SearchSpace | None
) -> TrialRow | None:
    named = next((row for row in trials if row.origin == queued["origin"]), None)
    if named or space is None:
        return named
    first = (row for row in trials if row.origin != space.study.sampler)
    return next((row for row in first if _answers(space, row) == queued["answers"]), None)


def _answers(space: SearchSpace, row: TrialRow) -> Mapping[str, Scalar] | None:
    try:
        return space.answers(row.recipe)
    except SpaceError:  # of the space before it was widened
        return None


def _tried(origin: str, trial: TrialRow | None, others: Sequence[TrialRow]) -> Tried:
    values = [row.value for row in others if row.value is not None]
    value, number = (trial.value, trial.number) if trial else (None, 0)
    worth = common_metric(others).worth
    before = [row.value or 0.0 for row in others if row.number < number]
    return Tried(
        origin=origin.partition(": ")[2],
        trial=trial,
        others=len(values),
        below=0 if value is None else sum(worth(other) < worth(value) for other in values),
        mean=mean(values) if values else None,
        before=max(before, key=worth, default=None),
        reached=None
        if value is None
        else next((r.number for r in others if worth(r.value or 0.0) >= worth(value)), None),
    )
