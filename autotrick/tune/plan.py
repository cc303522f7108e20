"""What a search would try first and what that would cost; only the data set is cached."""

from dataclasses import dataclass
from itertools import islice

from autotrick.recipe import Recipe
from autotrick.sample import WarmStart, demanded
from autotrick.space import SearchSpace
from autotrick.tune.judging import checker_of
from autotrick.tune.queue import TrialQueue
from autotrick.tune.resources import Resources, check_device, check_room

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Preview:
    """A recipe that would be tried.

    Attributes:
        parameters: Trainable weights.
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
        trials: How many the study gets.
        warm_start: What it takes over from others.

    Raises:
        DataError: The data set is missing or damaged.
        SpaceError: A recipe that has to be tried breaks a constraint.
        ResourceError: GPUs are asked for and there are none, or too many trials at a time.
    """
    from autotrick.data import load
    from autotrick.train import measure_speed

    check_device(resources)
    check_room(resources)
    # In the user's cache, where the search that follows finds it, and no copy is left by a kill.
    data = load(space.data, data_dir=resources.data_dir, cache_dir=resources.cache)
    space = space.model_copy(update={"data": data.resolve(space.data)})
    wanted = demanded(space, warm_start or WarmStart())
    checker = checker_of(space, resources, wanted)
    seed = space.study.seed
    queue = TrialQueue(space, trials=trials, seed=seed, warm_start=warm_start, checker=checker)
    proposals = (new for new in iter(queue.new, None) if new.violation is None)
    previews = []
    for new in islice(proposals, SHOWN):
        parameters, per_update, updates = measure_speed(new.recipe, data, device=resources.device)
        seconds = per_update * updates
        previews.append(Preview(new.number, new.origin, new.recipe, parameters, seconds))
    return previews
