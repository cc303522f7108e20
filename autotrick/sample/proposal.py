"""What a sampler proposes."""

from dataclasses import dataclass

from autotrick.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Proposal:
    """A recipe for a trial.

    Attributes:
        origin: Where it came from, in words.
        same_as: Number of the finished trial of the same recipe whose result is copied; None for a
            recipe that must be trained.
    """

    recipe: Recipe
    origin: str
    same_as: int | None = None
