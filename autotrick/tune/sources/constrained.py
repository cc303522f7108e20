"""Rejects candidates that violate a constraint, before they are trained."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from autotrick.objective import Value
from autotrick.recipe import Recipe
from autotrick.records import RejectionRow, TrialRow
from autotrick.tune.constraints import MOST_REJECTIONS, ConstraintChecker, Violation, why_stuck
from autotrick.tune.sources.source import Candidate, Outcome, RecipeSource


class ConstrainedSource(RecipeSource):
    """Checks the candidates of another source, which learns from each rejection.

    It gives up after MOST_REJECTIONS in a row, unless the other source has an end of its own.
    """

    def __init__(self, source: RecipeSource, checker: ConstraintChecker) -> None:
        self._source = source
        self._checker = checker
        # Rejections for the next trial, by attempt.
        self._rejected: dict[int, Violation] = {}

    def replay(self, rows: Sequence[TrialRow], rejections: Iterable[RejectionRow] = ()) -> None:
        self._source.replay(rows)
        for row in rejections:
            # What violates no bound of today may be proposed again.
            if violation := self._checker.recheck(row):
                self._source.reject(row.number, row.place, row.recipe, violation.excess)
                if row.number == len(rows):
                    self._rejected[row.place] = violation

    def left(self, number: int) -> int | None:
        return 0 if self._is_stuck(number) else self._source.left(number)

    def why_exhausted(self, unused: int) -> str:
        if len(self._rejected) >= MOST_REJECTIONS:
            return why_stuck(self._rejected.values())
        return self._source.why_exhausted(unused)

    def ask(self, number: int) -> Candidate:
        candidate = self._source.ask(number)
        if candidate.replaces is not None:
            # Half the batch costs no more than the recipe that it replaces.
            self._rejected.clear()
            return candidate
        violation, measures = self._checker.check(candidate.recipe)
        attempt = max(self._rejected, default=-1) + 1
        if violation:
            self._source.reject(number, attempt, candidate.recipe, violation.excess)
            self._rejected[attempt] = violation
        else:
            self._rejected.clear()
        return replace(candidate, violation=violation, attempt=attempt, measures=measures)

    def tell(self, number: int, recipe: Recipe, outcome: Outcome) -> None:
        self._source.tell(number, recipe, outcome)

    def observe(self, number: int, value: Value, epochs: int) -> None:
        self._source.observe(number, value, epochs)

    def _is_stuck(self, number: int) -> bool:
        return self._source.left(number) is None and len(self._rejected) >= MOST_REJECTIONS
