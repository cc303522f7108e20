"""What a study tries, trial by trial."""

from collections.abc import Iterable

from autotrick.objective import Value
from autotrick.recipe import Recipe
from autotrick.sample.experts import experts
from autotrick.sample.history import Row, State
from autotrick.sample.sampler import Sampler
from autotrick.space import SearchSpace


class Proposer:
    """Gives every trial number its recipe: the experts' first, then those of the space's sampler.

    It keeps nothing but what it is told: made anew and told the recorded trials, it goes on as if it
    had never been away.
    """

    def __init__(self, space: SearchSpace, *, seed: int) -> None:
        """Begin without history.

        Args:
            seed: The study's.
        """
        self._experts = experts(space)
        self._sampler = Sampler(space, method=space.study.sampler, seed=seed)

    @property
    def limit(self) -> int | None:
        """How many trials there are to propose in all; None for endlessly many."""
        return self._sampler.size

    def replay(self, rows: Iterable[Row]) -> None:
        """Take recorded trials, whatever their state, in place of all that was told before."""
        self._sampler.replay(rows)

    def ask(self, number: int) -> tuple[Recipe, str]:
        """Return a recipe for the trial of that number, and its origin in words.

        The proposal counts as running from now on.
        """
        if number < len(self._experts):
            origin, recipe = self._experts[number]
            self._sampler.tell(number, recipe, None, "running")
            return recipe, origin
        return self._sampler.ask(number)

    def tell(
        self,
        number: int,
        recipe: Recipe,
        value: Value | None,
        state: State,
        *,
        epochs: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Take in how a trial stands, as `Sampler.tell` does."""
        self._sampler.tell(number, recipe, value, state, epochs=epochs, reason=reason)
