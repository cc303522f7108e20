"""What a search would try first and what that would cost, without changing anything."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from autotrick.recipe import Recipe
from autotrick.sample import Heritage, Proposer
from autotrick.space import SearchSpace
from autotrick.tune.resources import Resources, check_device

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
        ResourceError: GPUs are asked for and there are none.
    """
    from autotrick.data import load
    from autotrick.train import speed

    check_device(resources)
    with tempfile.TemporaryDirectory(prefix="autotrick-plan-") as scratch:
        cache = resources.cache or Path(scratch)
        data = load(space.data, data_dir=resources.data_dir, cache_dir=cache)
        proposer = Proposer(space, seed=space.study.seed, heritage=heritage)
        previews = []
        for number in range(min(trials, SHOWN)):
            proposal = proposer.ask(number)
            recipe = proposal.recipe
            parameters, per_update, updates = speed(recipe, data, device=resources.device)
            seconds = per_update * updates
            previews.append(Preview(number, proposal.origin, recipe, parameters, seconds))
    return previews
