"""The race of a confirmation: the best recipes of a study over new seeds, beside all tricks off."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import ClassVar

from autotrick.design.paired import FIRST_LOOK, can_win
from autotrick.recipe import Recipe
from autotrick.tune.sources.race import RaceRule, Rounds
from autotrick.tune.sources.recipe_list import ListedRecipe


class ConfirmRace(RaceRule):
    """Ends recipes that cannot be the best any more; the baseline stays to the end.

    The best recipe is compared with all tricks off at its own network, batch size and rate. If that is
    not the baseline of the race, it is trained with the same seeds after the race.

    Attributes:
        baseline: Label of the baseline that races from the first seed on.
        seeds: Number of seeds.
        baselines: The label of each recipe's own baseline.
        later: Baselines that do not race, by label.
        miss: Probability that the best recipe is dropped.
    """

    kind: ClassVar[str] = "confirm"

    baseline: str
    seeds: int
    baselines: dict[str, str]
    later: tuple[ListedRecipe, ...] = ()
    miss: float = 0.05

    def kept(self, rounds: Rounds, running: Sequence[str]) -> Iterable[str]:
        if self._later.issuperset(running):
            return running
        return can_win(rounds, running, baseline=self.baseline, seeds=self.seeds, miss=self.miss)

    def certain(self, rounds: Rounds, running: Iterable[str]) -> Iterable[str]:
        labels = list(running)
        undecided = len(rounds) < FIRST_LOOK - 1 or self.seeds <= FIRST_LOOK
        return labels if undecided or self._later.issuperset(labels) else ()

    def further(self, rounds: Rounds, recipes: Mapping[str, Recipe]) -> Iterable[ListedRecipe]:
        best = self.best(rounds)
        wanted = self.baselines.get(best, self.baseline) if best else self.baseline
        if wanted in recipes:
            return ()
        data = next(iter(recipes.values())).data
        return [
            one.model_copy(update={"recipe": one.recipe.model_copy(update={"data": data})})
            for one in self.later
            if one.label == wanted
        ]

    def best(self, rounds: Rounds) -> str | None:
        """Return the recipe with the best mean of those that have all seeds; None if none has."""
        means = {
            label: fmean(values)
            for label in self.baselines
            if len(values := [v for each in rounds if (v := each.get(label)) is not None])
            == self.seeds
        }
        return max(means, key=lambda label: means[label], default=None)

    def most_trials(self, recipes: int, seeds: int) -> int:
        return (recipes + bool(self.later)) * seeds

    @property
    def _later(self) -> set[str]:
        return {one.label for one in self.later}
