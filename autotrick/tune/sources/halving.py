"""Tries trials that ran out of memory again with half the batch."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from autotrick.objective import Value
from autotrick.recipe import Recipe
from autotrick.records import RejectionRow, TrialRow
from autotrick.sample import HalvedRecipes
from autotrick.space import SearchSpace
from autotrick.tune.sources.source import Candidate, Outcome, RecipeSource

REPLACED = "replaced"
"""The reason by which the sampler ignores a trial that another one replaces."""


class HalvingSource(RecipeSource):
    """Puts recipes with half the batch in front of another source.

    Each takes the next number, and the failed trial's place in the study's plan. A half that a trial
    has already is not tried again.
    """

    def __init__(self, source: RecipeSource, space: SearchSpace) -> None:
        self._source = source
        self._halved = HalvedRecipes(space)
        self._waiting: deque[tuple[int, Recipe]] = deque()
        self._tried: dict[int, str] = {}

    def replay(self, rows: Sequence[TrialRow], rejections: Iterable[RejectionRow] = ()) -> None:
        self._tried = {row.number: row.digest for row in rows}
        for row in rows:
            if row.state == "failed":
                self._record_failure(row.number, row.recipe, row.reason)
        self._source.replay([self._for_sampler(row) for row in rows], rejections)

    def left(self, number: int) -> int | None:
        others = self._source.left(number)
        return None if others is None else others + len(self._waiting)

    def why_exhausted(self, unused: int) -> str:
        return self._source.why_exhausted(unused)

    def ask(self, number: int) -> Candidate:
        if self._waiting:
            failed, recipe = self._waiting.popleft()
            origin = f"trial {failed} with half the batch"
            phase, design = self._source.take_over(number, failed)
            candidate = Candidate(
                number, recipe, origin, replaces=failed, phase=phase, design=design
            )
            original = self._halved.original_recipe(recipe)
            self._source.tell(number, original, Outcome("running"))
        else:
            candidate = self._source.ask(number)
        self._tried[number] = candidate.recipe.digest()
        return candidate

    def tell(self, number: int, recipe: Recipe, outcome: Outcome) -> None:
        if outcome.state == "failed" and self._record_failure(number, recipe, outcome.reason):
            outcome = replace(outcome, reason=REPLACED)
        self._source.tell(number, self._halved.original_recipe(recipe), outcome)

    def observe(self, number: int, value: Value, epochs: int) -> None:
        self._source.observe(number, value, epochs)

    def reject(self, number: int, attempt: int, recipe: Recipe, excess: float) -> None:
        self._tried.pop(number, None)
        self._source.reject(number, attempt, recipe, excess)

    def _record_failure(self, number: int, recipe: Recipe, reason: str | None) -> bool:
        half = self._halved.half_of(recipe, reason)
        if half is not None and half.digest() not in self._tried.values():
            self._waiting.append((number, half))
        return self._halved.record_failure(recipe, reason)

    def _for_sampler(self, row: TrialRow) -> TrialRow:
        replaced = self._halved.is_replaced(row.recipe, row.reason)
        reason = REPLACED if replaced else row.reason
        return replace(row, recipe=self._halved.original_recipe(row.recipe), reason=reason)
