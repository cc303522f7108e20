"""What is tried next, and what is known of it already."""

from dataclasses import dataclass

from autotrick.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Proposal:
    """A recipe for a trial.

    Attributes:
        origin: Where it came from, in words.
        same_as: Number of the finished trial of the same recipe whose outcome is taken over; None for
            a recipe that is to be trained.
    """

    recipe: Recipe
    origin: str
    same_as: int | None = None
