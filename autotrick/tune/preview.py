"""What a search would try first and what that would cost; it only caches the data set."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING

from autotrick.recipe import Recipe
from autotrick.sample import WarmStart, required_recipes
from autotrick.space import SearchSpace
from autotrick.tune.constraints import checker_of
from autotrick.tune.forecast import Forecast, Noise, assumed_noise, forecast
from autotrick.tune.plan import Plan, plan_for
from autotrick.tune.queue import queue_of
from autotrick.tune.resources import Resources, check_device, check_room

if TYPE_CHECKING:
    from autotrick.data import Dataset, Facts

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Preview:
    """A recipe that would be tried.

    Attributes:
        parameters: Number of trainable weights.
        seconds: Estimated time of all its epochs on this machine.
    """

    number: int
    origin: str
    recipe: Recipe
    parameters: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a search would do.

    Attributes:
        facts: What is known of its images.
        recipes: The first ones that it would try, with their cost.
        plan: Its phases; None if it only searches.
        noise: How noisy a trial is expected to be; None if nothing says so.
        screen: What its screen will tell; None without one, and where its noise is unknown.
    """

    facts: "Facts"
    recipes: list[Preview]
    plan: Plan | None
    noise: Noise | None
    screen: Forecast | None


def outlook(
    space: SearchSpace,
    trials: int,
    resources: Resources,
    *,
    warm_start: WarmStart | None = None,
    seconds: float | None = None,
    measured: Callable[[SearchSpace], Noise | None],
) -> Outlook:
    """Return the first recipes with their cost, measured on a few updates of each, and the plan.

    Args:
        trials: Number of the study's trials.
        warm_start: Recipes and trials from earlier studies.
        seconds: What all trials may take, summed over them; None for no limit.
        measured: Returns the noise that earlier studies over the same data had.

    Raises:
        DataError: The data set is missing or damaged.
        SpaceError: A required recipe violates a constraint.
        ResourceError: GPUs are requested and there are none, or too many trials run at a time.
    """
    from autotrick.data import describe, load

    check_device(resources)
    check_room(resources)
    # In the user's cache, where the next search finds it, and a kill leaves no copy.
    data = load(space.data, data_dir=resources.data_dir, cache_dir=resources.cache)
    space = space.model_copy(update={"data": data.resolve(space.data)})
    plan = plan_for(space, trials, seconds=seconds)
    previews = _first_recipes(space, data, trials, resources, warm_start, plan)
    if plan is None:
        return Outlook(describe(data), previews, None, None, None)
    noise = measured(space) or assumed_noise(space, len(data.validation))
    plain = [one.seconds for one in previews if not one.recipe.tricks] or [previews[0].seconds]
    trial_s, slots = median(plain), resources.slots()
    screen = forecast(space, plan, noise, trial_s=trial_s, slots=slots) if noise else None
    return Outlook(describe(data), previews, plan, noise, screen)


def _first_recipes(
    space: SearchSpace,
    data: "Dataset",
    trials: int,
    resources: Resources,
    warm_start: WarmStart | None,
    plan: Plan | None,
) -> list[Preview]:
    from autotrick.train import measure_speed

    required = required_recipes(space, warm_start or WarmStart())
    checker = checker_of(space, resources, required)
    queue = queue_of(
        space,
        trials=trials,
        seed=space.study.seed,
        warm_start=warm_start,
        checker=checker,
        plan=plan,
    )
    candidates = (new for new in iter(queue.next_candidate, None) if new.violation is None)
    previews = []
    for new in islice(candidates, SHOWN):
        parameters, per_update, updates = measure_speed(new.recipe, data, device=resources.device)
        seconds = per_update * updates
        previews.append(Preview(new.number, new.origin, new.recipe, parameters, seconds))
    return previews
