"""The rule by which the recipes of an ablation race."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from autotrick.design.ablation import SMALLER, AblationPlan, going_on, next_smaller
from autotrick.design.sequential import FIRST
from autotrick.recipe import Recipe
from autotrick.tune.sources.race import RaceRule, Rounds
from autotrick.tune.sources.recipe_list import ListedRecipe


class AblationRule(RaceRule):
    """Drops recipes whose difference to the reference is clear, then tries to go without several tricks.

    A recipe whose trial fails is dropped after that round, from the second one on.
    """

    kind: ClassVar[str] = "ablate"

    plan: AblationPlan

    def kept(self, rounds: Rounds, running: Sequence[str]) -> Iterable[str]:
        return going_on(self.plan, rounds, running)

    def certain(self, rounds: Rounds, running: Sequence[str]) -> Iterable[str]:
        return running if len(rounds) + 1 < FIRST else ()

    def further(self, rounds: Rounds, recipes: Mapping[str, Recipe]) -> Iterable[ListedRecipe]:
        new = next_smaller(self.plan, rounds)
        if new is None:
            return
        whole = recipes[self.plan.reference]
        tricks = {name: given for name, given in whole.tricks.items() if name not in new.removed}
        yield ListedRecipe(label=self.plan.reference, recipe=whole)
        yield ListedRecipe(label=new.label, recipe=whole.model_copy(update={"tricks": tricks}))

    def most_trials(self, recipes: int, seeds: int) -> int:
        return (recipes + SMALLER) * seeds
