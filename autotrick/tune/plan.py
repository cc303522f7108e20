"""What a search would try first and what that would cost; only the data set is cached."""

from dataclasses import dataclass
from itertools import islice

from autotrick.recipe import Recipe
from autotrick.sample import Heritage, demanded
from autotrick.space import SearchSpace
from autotrick.tune.judging import judge_of
from autotrick.tune.queue import Agenda
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
    space: SearchSpace, trials: int, resources: Resources, heritage: Heritage | None = None
) -> list[Preview]:
    """Return the first recipes with their cost, measured on a few updates of each.

    Args:
        trials: How many the study gets.
        heritage: What it takes over from others.

    Raises:
        DataError: The data set is missing or damaged.
        SpaceError: A recipe that has to be tried breaks a constraint.
        ResourceError: GPUs are asked for and there are none, or too many trials at a time.
    """
    from autotrick.data import load
    from autotrick.train import speed

    check_device(resources)
    check_room(resources)
    # In the user's cache, where the search that follows finds it, and no copy is left by a kill.
    data = load(space.data, data_dir=resources.data_dir, cache_dir=resources.cache)
    space = space.model_copy(update={"data": data.resolve(space.data)})
    wanted = demanded(space, heritage or Heritage())
    judge = judge_of(space, resources, wanted)
    seed = space.study.seed
    agenda = Agenda(space, trials=trials, seed=seed, heritage=heritage, judge=judge)
    proposals = (new for new in iter(agenda.new, None) if new.breach is None)
    previews = []
    for new in islice(proposals, SHOWN):
        parameters, per_update, updates = speed(new.recipe, data, device=resources.device)
        seconds = per_update * updates
        previews.append(Preview(new.number, new.origin, new.recipe, parameters, seconds))
    return previews
