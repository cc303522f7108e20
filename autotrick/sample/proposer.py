"""What a study tries, trial by trial."""

from collections.abc import Iterable

from autotrick.objective import Value
from autotrick.recipe import Recipe
from autotrick.sample.history import Row, State
from autotrick.sample.initial_recipes import initial_recipes
from autotrick.sample.proposal import Proposal
from autotrick.sample.sampler import Sampler
from autotrick.sample.warm_start import WarmStart
from autotrick.space import SearchSpace


class Proposer:
    """Gives every trial its recipe.

    First come those of the experts and of the queue that no trial has yet, then the sampler's.

    It keeps nothing but what it is told: made anew and told the recorded trials, it goes on as if it
    had never been away.
    """

    def __init__(
        self, space: SearchSpace, *, seed: int, warm_start: WarmStart | None = None
    ) -> None:
        """Begin without history.

        Args:
            seed: The study's.
            warm_start: What the study takes over from others.
        """
        warm_start = warm_start or WarmStart()
        self._queue = [*initial_recipes(space), *warm_start.recipes(space)]
        self._sampler = Sampler(
            space, method=space.study.sampler, seed=seed, past=warm_start.trials(space)
        )

    @property
    def left(self) -> int | None:
        """How many recipes are left to propose; None for endlessly many."""
        return self._sampler.left

    def replay(self, rows: Iterable[Row]) -> None:
        """Take recorded trials, whatever their state, in place of all that was told before."""
        self._sampler.replay(rows)

    def ask(self, number: int) -> Proposal:
        """Return a recipe for the trial of that number, which counts as running from now on."""
        self._sampler.forget(number)
        for origin, recipe in self._queue:
            if not self._sampler.knows(recipe):
                self._sampler.tell(number, recipe, None, "running")
                return Proposal(recipe, origin)
        return self._sampler.ask(number)

    def refuse(self, number: int, place: int, recipe: Recipe, excess: float) -> None:
        """Take in a proposal that was turned away, as `Sampler.refuse` does."""
        self._sampler.refuse(number, place, recipe, excess)

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
