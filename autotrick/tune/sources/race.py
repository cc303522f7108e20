"""Recipes x seeds in rounds, from which recipes are dropped as soon as enough is known of them.

A round trains all recipes that are left with the next seed. A rule decides at the end of each round
which recipes go on. It sees complete rounds only, so that neither the order in which trials end nor a
kill and `resume` changes what it decides. When nobody is left, the rule may name further recipes, such
as one that the results suggest; they race over the same seeds from the first on.

No trial is pruned. A failed trial counts as None in its round, and the rule decides what that means.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from autotrick.recipe import Recipe
from autotrick.records import RejectionRow, TrialRow
from autotrick.tasks import Metric
from autotrick.tune.sources.recipe_list import ListedRecipe, RecipeList
from autotrick.tune.sources.source import Candidate, Outcome, RecipeSource

Round = Mapping[str, float | None]
"""The value of each recipe that took part in a round, by label: of the study's metric, turned so that
larger is better, in the unit that people read (points, for accuracy); None if its trial failed."""

Rounds = Sequence[Round]
"""One for each seed, in the order of seeds."""

_Key = tuple[str, int]


class RaceRule(BaseModel, ABC):
    """Decides which recipes of a race go on. It has no state but its fields, which are recorded.

    Attributes:
        kind: Names the rule in records; `race_rules` lists all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]

    @abstractmethod
    def kept(self, rounds: Rounds, running: Sequence[str]) -> Iterable[str]:
        """Return which of the running labels go on to the next round.

        It is not asked after the last seed, when nobody goes on.

        Args:
            rounds: All complete rounds so far, at least one. Recipes that were dropped are missing
                from later rounds.
            running: Labels of the round that has just ended; others in it raced before these.
        """

    def certain(self, rounds: Rounds, running: Sequence[str]) -> Iterable[str]:
        """Return which of the running labels go on whatever the running round brings.

        Their trials of the next round may start early, so that no processor waits for the end of a
        round. `kept` must then keep them.

        Args:
            rounds: The complete rounds so far; possibly none.
            running: Labels of the round that is running.
        """
        return ()

    def further(self, rounds: Rounds, recipes: Mapping[str, Recipe]) -> Iterable[ListedRecipe]:
        """Return recipes that race once nobody is left; none ends the race.

        They race over all seeds from the first on; what a seed is known for is not trained again. So a
        recipe that has raced before may be among them, to go on beside the others.

        Args:
            rounds: All that was raced, one for each seed that anybody had.
            recipes: All recipes so far by label, those of earlier calls included.
        """
        return ()

    def most_trials(self, recipes: int, seeds: int) -> int:
        """Return how many trials a race may need at most."""
        return recipes * seeds

    def to_json(self) -> dict[str, Any]:
        """Return the rule as studies record it."""
        return {"kind": self.kind, **self.model_dump(mode="json")}


class RaceSource(RecipeSource):
    """Gives the trials of a race round by round."""

    def __init__(self, recipes: RecipeList, rule: RaceRule, metric: Metric) -> None:
        """Begin without trials.

        Args:
            recipes: Who races at first, and all seeds.
            metric: The study's.
        """
        self._list = recipes
        self._rule = rule
        self._metric = metric
        self._turns = {seed: turn for turn, seed in enumerate(recipes.seeds)}
        self._given: set[_Key] = set()
        self._ended: dict[_Key, float | None] = {}
        self._labels: dict[int, str] = {}
        self._recipes: dict[str, Recipe] = {}
        self._ready: list[_Key] = []
        self._awaited: set[_Key] = set()
        self._advance()

    def replay(self, rows: Sequence[TrialRow], rejections: Iterable[RejectionRow] = ()) -> None:
        for row in rows:
            key = row.origin, self._turns[row.recipe.seed]
            self._given.add(key)
            self._labels[row.number] = row.origin
            if row.finished:
                value = row.value if row.state == "complete" else None
                self._ended[key] = None if value is None else self._points(value)
        self._advance()

    def left(self, number: int) -> int | None:
        return len(self._ready)

    def why_exhausted(self, unused: int) -> str:
        return f"the race is decided (trials not needed: {unused})"

    def ask(self, number: int) -> Candidate:
        label, turn = self._ready.pop(0)
        self._given.add((label, turn))
        self._labels[number] = label
        recipe = self._recipes[label].model_copy(update={"seed": self._list.seeds[turn]})
        return Candidate(number, recipe, label)

    def tell(self, number: int, recipe: Recipe, outcome: Outcome) -> None:
        value = outcome.metric if outcome.state == "complete" else None
        key = self._labels[number], self._turns[recipe.seed]
        self._ended[key] = None if value is None else self._points(value)
        self._awaited.discard(key)
        if not self._awaited:
            self._advance()

    def _points(self, value: float) -> float:
        return self._metric.worth(self._metric.scaled(value))

    def _advance(self) -> None:
        """Find the trials that can begin now: those of the running round, and certain ones of the next."""
        self._recipes = {}
        raced: list[dict[str, float | None]] = []
        field: tuple[ListedRecipe, ...] = self._list.recipes
        while field:
            self._recipes |= {one.label: one.recipe for one in field}
            waiting = self._race([one.label for one in field], raced)
            if waiting is not None:
                self._ready = [key for key in waiting if key not in self._given]
                return
            field = tuple(self._rule.further(raced, self._recipes))
        self._ready = []

    def _race(self, field: list[str], raced: list[dict[str, float | None]]) -> list[_Key] | None:
        """Let a field race as far as results are there; return what it waits for, or None at its end.

        Args:
            raced: What earlier fields came to; the values of complete rounds are added.
        """
        running, last = field, len(self._list.seeds) - 1
        for turn in range(last + 1):
            if turn == len(raced):
                raced.append({})
            sure = list(self._rule.certain(raced[:turn], running)) if turn < last else []
            wanted = [(label, turn) for label in running]
            self._awaited = {key for key in wanted if key not in self._ended}
            if self._awaited:
                return wanted + [(label, turn + 1) for label in running if label in sure]
            raced[turn] |= {label: self._ended[label, turn] for label in running}
            kept = set(self._rule.kept(raced[: turn + 1], running)) if turn < last else set()
            # Who may have started early comes first, so that a trial's number does not tell of timing.
            running = sorted(
                (one for one in running if one in kept), key=lambda one: one not in sure
            )
            if not running:
                return None
        return None
