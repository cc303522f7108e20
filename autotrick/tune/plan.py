"""The plan of a study: its phases, and how much of the budget each may take."""

from collections.abc import Sequence
from math import floor
from typing import Any

from pydantic import BaseModel, ConfigDict

from autotrick.design.screening import Screen
from autotrick.domain import Scalar
from autotrick.errors import SpaceError
from autotrick.records import SearchSettings, StudyRow
from autotrick.space import OFF, Phase, SearchSpace, StudySettings, base_answers
from autotrick.tune.resources import Resources
from autotrick.tune.sources.base_recipes import BaseRecipes

PLANNED_FROM = 5
"""Tricks to decide on from which a study has all phases unless its space says otherwise."""

BASE_SHARE = 1 / 8
BASE_MIN, BASE_MAX = 4, 16
"""Share of a study's trials that the base phase has, and the bounds of their number."""

BASE_LEAST = 2
"""How many it has at least where the smallest screen needs the others."""

TRICKS_COST = 1.25
"""How much longer a trial of the screen takes than one of the base, before one is measured."""

ALL: tuple[Phase, ...] = ("base", "screen", "search")


class Plan(BaseModel):
    """The phases of a study, as its record keeps them.

    A study without a plan only searches: all that were begun before there were plans, populations,
    and lists.

    Attributes:
        phases: In their order.
        base_trials: Number of trials of the phase `base`, the first trial included; 1 if nothing but
            tricks is left to decide, or the plan has no such phase.
        screen_trials: Largest number of trials of base and screen together. Without the phase
            `search` they have all trials of the study, also those that are added later.
        screen_seconds: Largest duration of these trials, summed over them; None if time does not
            bound the study.
        precision: Half-width of the intervals at which the screen ends, in the unit in which people
            read the metric.
        base: Decisions of the base that somebody named.
    """

    model_config = ConfigDict(frozen=True)

    phases: tuple[Phase, ...]
    base_trials: int
    screen_trials: int
    screen_seconds: float | None = None
    precision: float
    base: dict[str, Scalar] = {}

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON."""
        return self.model_dump(mode="json", exclude_none=True)


def plan_for(space: SearchSpace, trials: int, *, seconds: float | None = None) -> Plan | None:
    """Return the plan of a new study; None if it only searches.

    Without `[study] plan` a study has all phases if its space leaves five tricks or more to decide on
    and its trials suffice for the smallest screen, unless the sampler is named, members of a population
    are copied, or several objectives count.

    The base has an eighth of the trials (4 to 16; fewer, but 2 at least, if there are not as many
    settings or the smallest screen needs them). Base and screen together may take `[study] screen_share` of the budget; the smallest screen is run also
    where that is more, if at least one trial is left for the search.

    Args:
        trials: Number of the study's trials.
        seconds: What the trials may take, summed over them; None for no limit.

    Raises:
        SpaceError: The space names a plan that the study cannot have.
    """
    phases = _phases(space)
    if phases == ("search",):
        return None
    base = _base_trials(space, trials) if "base" in phases else 1
    limit, searched = trials, int("search" in phases)
    if "screen" in phases:
        smallest = smallest_half(space)
        if smallest and base > BASE_LEAST:
            base = max(BASE_LEAST, min(base, trials - smallest - searched))
        if smallest is None or base + smallest + searched > trials:
            if space.study.plan is None:
                return None
            raise SpaceError(_too_few(space, trials, base + searched, smallest))
        if searched:
            limit = max(floor(space.study.screen_share * trials), base + smallest)
    share = space.study.screen_share if searched else 1.0
    return Plan(
        phases=phases,
        base_trials=base,
        screen_trials=limit,
        screen_seconds=None if seconds is None else share * seconds,
        precision=space.study.precision,
        base=base_answers(space),
    )


def plan_of(study: StudyRow) -> Plan | None:
    """Return the recorded plan of a study; None for a study that only searches."""
    recorded = study.settings.plan
    return Plan.model_validate(recorded) if recorded else None


def check_plan(study: StudyRow, space: SearchSpace) -> None:
    """Check that a study goes on with the phases that the space names, if it names any.

    Raises:
        SpaceError: It was begun with others.
    """
    plan = plan_of(study)
    begun: tuple[Phase, ...] = plan.phases if plan else ("search",)
    if space.study.plan not in (None, begun):
        asked = ", ".join(space.study.plan or ())
        raise SpaceError(
            f"study {study.name!r} was begun with the phases {', '.join(begun)}, and not {asked}. "
            f"Choose another study name, or go on as it was begun: autotrick resume {study.name}"
        )


def trial_seconds(
    settings: SearchSettings, resources: Resources, time_budget_s: float | None
) -> float | None:
    """Return the seconds that all trials of a new study may take, summed over them; None for no limit.

    Args:
        settings: Its limits on trial-hours and on cost.
        time_budget_s: Seconds for which its driver may run.
    """
    price, share = settings.cost_per_hour, resources.gpus_per_trial or resources.cpus_per_trial
    hours = [] if settings.trial_hours is None else [settings.trial_hours]
    if settings.max_cost is not None and price:
        hours.append(settings.max_cost / price)
    limits = [3600 * one / share for one in hours if share]
    if time_budget_s is not None:
        limits.append(time_budget_s * resources.slots())
    return min(limits, default=None)


def tricks_to_decide(space: SearchSpace) -> int:
    """Return the number of tricks that some recipes have and others have not."""
    units = [unit for unit in space.units.units if len(unit.options) > 1]
    options = {option for unit in units for option in unit.options if option != OFF}
    return len(options & space.units.reachable())


def smallest_half(space: SearchSpace) -> int | None:
    """Return the number of trials of the smallest screen; None if there is nothing to screen."""
    screen = Screen(space, seed=space.study.seed)
    return min(screen.sizes(), default=None) if screen.factors else None


def first_runs(sizes: Sequence[int], room: int) -> int | None:
    """Return the size of the halves of a screen; None if there is no room for the smallest.

    It is as small as it can be, so that the screen can end as soon as it is precise; but what the
    budget leaves beside the halves that fit makes each of them larger.

    Args:
        sizes: Those that a half may have.
        room: Number of trials that the screen may have.
    """
    smallest = min(sizes)
    if room < smallest:
        return None
    return max(size for size in sizes if size <= room // (room // smallest))


def _phases(space: SearchSpace) -> tuple[Phase, ...]:
    """Return the phases of a new study.

    Raises:
        SpaceError: It cannot have those that the space names.
    """
    named = space.study.plan
    if named is None:
        return ALL if _has_phases(space) else ("search",)
    if named != ("search",) and space.pruning.moves:
        raise SpaceError(
            f"study.plan: trials of a population ({space.pruning.method}) are not planned in phases. "
            "Leave the plan out, or choose another pruning.method."
        )
    if named != ("search",) and space.study.sampler == "grid":
        raise SpaceError(
            "study.plan: a grid tries every recipe, and has no phases. Leave the plan out, or choose "
            "another sampler."
        )
    return named


def _has_phases(space: SearchSpace) -> bool:
    usual = StudySettings.model_fields["sampler"].default
    return (
        tricks_to_decide(space) >= PLANNED_FROM
        and space.study.sampler == usual
        and not space.pruning.moves
        and not space.objective.several
    )


def _base_trials(space: SearchSpace, trials: int) -> int:
    wanted = min(max(round(BASE_SHARE * trials), BASE_MIN), BASE_MAX)
    return BaseRecipes(space).count(wanted)


def _too_few(space: SearchSpace, trials: int, others: int, smallest: int | None) -> str:
    if smallest is None:
        return "study.plan: a screen needs tricks to decide on, and this space has none."
    return (
        f"study.plan: the smallest screen of {tricks_to_decide(space)} tricks has {smallest} trials, "
        f"and the study has {trials}, {others} of them for other phases. Give it at least "
        f'{smallest + others} trials, or plan = ["search"].'
    )
