"""Gives every trial of a sampled study its recipe: initial recipes first, then the sampler's."""

from collections.abc import Iterable

from autotrick.objective import Value
from autotrick.recipe import Recipe
from autotrick.sample.initial_recipes import initial_recipes
from autotrick.sample.observations import RecordedTrial, State
from autotrick.sample.proposal import Proposal
from autotrick.sample.sampler import Sampler
from autotrick.sample.warm_start import WarmStart
from autotrick.space import SearchSpace


class Proposer:
    """Gives every trial its recipe.

    First come the initial recipes and those of the warm start that no trial has yet, then the
    sampler's. It has no other state: a new one that replays the recorded trials continues identically.
    """

    def __init__(
        self, space: SearchSpace, *, seed: int, warm_start: WarmStart | None = None
    ) -> None:
        """Begin without history.

        Args:
            seed: The study's seed.
            warm_start: Recipes and trials from earlier studies.
        """
        warm_start = warm_start or WarmStart()
        self._queue = [*initial_recipes(space), *warm_start.recipes(space)]
        self._sampler = Sampler(
            space, method=space.study.sampler, seed=seed, past=warm_start.trials(space)
        )

    @property
    def left(self) -> int | None:
        """Number of recipes neither tried nor rejected; None if unlimited."""
        return self._sampler.left

    def replay(self, rows: Iterable[RecordedTrial]) -> None:
        """Forget everything, then learn recorded trials of any state."""
        self._sampler.replay(rows)

    def ask(self, number: int) -> Proposal:
        """Return a recipe for the trial of that number, which counts as running from now on."""
        self._sampler.forget(number)
        for origin, recipe in self._queue:
            if not self._sampler.knows(recipe):
                self._sampler.tell(number, recipe, None, "running")
                return Proposal(recipe, origin)
        return self._sampler.ask(number)

    def observe(self, number: int, value: Value, epochs: int) -> None:
        """Learn how far a running trial has come, as `Sampler.observe` does."""
        self._sampler.observe(number, value, epochs)

    def reject(self, number: int, attempt: int, recipe: Recipe, excess: float) -> None:
        """Learn that a proposal was rejected, as `Sampler.reject` does."""
        self._sampler.reject(number, attempt, recipe, excess)

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
        """Learn a trial's state and value, as `Sampler.tell` does."""
        self._sampler.tell(number, recipe, value, state, epochs=epochs, reason=reason)
