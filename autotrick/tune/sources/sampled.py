"""Recipes from the initial list, the warm start, and then a sampler."""

from collections.abc import Iterable, Sequence

from autotrick.objective import Value
from autotrick.recipe import Recipe
from autotrick.records import RejectionRow, TrialRow
from autotrick.sample import Proposer, WarmStart
from autotrick.space import SearchSpace
from autotrick.tune.sources.source import Candidate, Outcome, RecipeSource


class SampledSource(RecipeSource):
    """Asks a sampler that learns from every result."""

    def __init__(
        self, space: SearchSpace, *, seed: int, warm_start: WarmStart | None = None
    ) -> None:
        """Begin without trials.

        Args:
            seed: The study's seed.
            warm_start: Recipes and trials from earlier studies.
        """
        self._proposer = Proposer(space, seed=seed, warm_start=warm_start)

    def replay(self, rows: Sequence[TrialRow], rejections: Iterable[RejectionRow] = ()) -> None:
        self._proposer.replay(rows)

    def left(self, number: int) -> int | None:
        return self._proposer.left

    def why_exhausted(self, unused: int) -> str:
        return "all recipes of the space have been tried"

    def ask(self, number: int) -> Candidate:
        proposal = self._proposer.ask(number)
        return Candidate(number, proposal.recipe, proposal.origin, proposal.same_as)

    def tell(self, number: int, recipe: Recipe, outcome: Outcome) -> None:
        # A paused trial is as good as pruned until it goes on: what it reached is known.
        state = "pruned" if outcome.state == "paused" else outcome.state
        self._proposer.tell(
            number, recipe, outcome.value, state, epochs=outcome.epochs, reason=outcome.reason
        )

    def observe(self, number: int, value: Value, epochs: int) -> None:
        self._proposer.observe(number, value, epochs)

    def reject(self, number: int, attempt: int, recipe: Recipe, excess: float) -> None:
        self._proposer.reject(number, attempt, recipe, excess)
