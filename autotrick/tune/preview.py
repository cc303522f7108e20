"""What a search would try first and what that would cost; it only caches the data set."""

from dataclasses import dataclass
from itertools import islice

from autotrick.recipe import Recipe
from autotrick.sample import WarmStart, required_recipes
from autotrick.space import SearchSpace
from autotrick.tune.constraints import checker_of
from autotrick.tune.queue import queue_of
from autotrick.tune.resources import Resources, check_device, check_room

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


def first_recipes(
    space: SearchSpace, trials: int, resources: Resources, warm_start: WarmStart | None = None
) -> list[Preview]:
    """Return the first recipes with their cost, measured on a few updates of each.

    Args:
        trials: Number of the study's trials.
        warm_start: Recipes and trials from earlier studies.

    Raises:
        DataError: The data set is missing or damaged.
        SpaceError: A required recipe violates a constraint.
        ResourceError: GPUs are requested and there are none, or too many trials run at a time.
    """
    from autotrick.data import load
    from autotrick.train import measure_speed

    check_device(resources)
    check_room(resources)
    # In the user's cache, where the next search finds it, and a kill leaves no copy.
    data = load(space.data, data_dir=resources.data_dir, cache_dir=resources.cache)
    space = space.model_copy(update={"data": data.resolve(space.data)})
    required = required_recipes(space, warm_start or WarmStart())
    checker = checker_of(space, resources, required)
    seed = space.study.seed
    queue = queue_of(space, trials=trials, seed=seed, warm_start=warm_start, checker=checker)
    candidates = (new for new in iter(queue.next_candidate, None) if new.violation is None)
    previews = []
    for new in islice(candidates, SHOWN):
        parameters, per_update, updates = measure_speed(new.recipe, data, device=resources.device)
        seconds = per_update * updates
        previews.append(Preview(new.number, new.origin, new.recipe, parameters, seconds))
    return previews
