"""A race without training: trials end in any order, and the driver is lost at some moments."""

import random
from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace

from autotrick.objective import Objective
from autotrick.records import TrialRow
from autotrick.tune.driver.active_trial import ActiveTrial
from autotrick.tune.queue import TrialQueue, queue_of
from autotrick.tune.recipe_space import space_of
from autotrick.tune.sources.race import RaceRule
from autotrick.tune.sources.recipe_list import RecipeList
from tests.simulated import a_report, a_trial


@dataclass
class Slots:
    """A race on a machine.

    Attributes:
        reached: Returns the accuracy that a recipe of that label has with that seed; None if it fails.
        count: How many trials run at a time.
        busy: How many ran at each moment at which one ended.
    """

    rule: RaceRule
    entrants: RecipeList
    reached: Callable[[str, int], float | None]
    count: int = 2
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    rows: list[TrialRow] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)

    def run(self, lost: Container[int] = ()) -> list[tuple[int, str, int]]:
        """Run to the end and return number, label and seed of each trial.

        Args:
            lost: Moments at which the driver is lost; all that runs then is interrupted.
        """
        queue, running, moment = self._queue(), dict[int, ActiveTrial](), 0
        while True:
            while len(running) < self.count and (new := self._next(queue)):
                running[new.number] = new
            moment += 1
            if moment in lost:
                queue, running = self._queue(), {}
            elif not running:
                assert queue.empty
                return [(row.number, row.origin, row.recipe.seed) for row in self.rows]
            else:
                self.busy.append(len(running))
                self._end(queue, running.pop(self.chance.choice(sorted(running))))

    def _queue(self) -> TrialQueue:
        most = self.rule.most_trials(len(self.entrants.recipes), len(self.entrants.seeds))
        space = space_of(
            [one.recipe for one in self.entrants.recipes],
            name="race",
            question="?",
            objective=Objective(),
        )
        queue = queue_of(space, trials=most, seed=0, recipes=self.entrants, race=self.rule)
        queue.replay(self.rows, {})
        return queue

    def _next(self, queue: TrialQueue) -> ActiveTrial | None:
        if interrupted := queue.next_interrupted():
            return interrupted
        new = queue.next_candidate()
        if new is None:
            return None
        row = a_trial(new.number, new.recipe, [], "running")
        self.rows.append(replace(row, origin=new.origin, finished=None))
        return ActiveTrial(row.id, new.number, new.recipe)

    def _end(self, queue: TrialQueue, active: ActiveTrial) -> None:
        row = self.rows[active.number]
        value = self.reached(row.origin, row.recipe.seed)
        if value is None:
            end = a_trial(row.number, row.recipe, [], "failed")
            queue.ended(active, "failed", "nan_loss")
        else:
            active.report = a_report(1, value)
            end = a_trial(row.number, row.recipe, [active.report])
            queue.ended(active, "complete")
        reason = "nan_loss" if value is None else None
        self.rows[row.number] = replace(end, origin=row.origin, reason=reason)
