"""Races: rounds of recipes x seeds, and who goes on."""

import random
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from autotrick import records
from autotrick.errors import RecordsError
from autotrick.objective import Objective
from autotrick.random_streams import key_of
from autotrick.recipe import DataRef, Recipe
from autotrick.records import Database, TrialRow
from autotrick.tasks import Metric
from autotrick.tune import Resources
from autotrick.tune.driver.active_trial import ActiveTrial
from autotrick.tune.queue import TrialQueue, queue_of
from autotrick.tune.recipe_space import completed, space_of
from autotrick.tune.recipe_study import run_recipes
from autotrick.tune.sources.race import RaceRule, RaceSource, Rounds
from autotrick.tune.sources.race_rules import RULES, race_of
from autotrick.tune.sources.recipe_list import ListedRecipe, RecipeList
from tests.simulated import a_report, a_trial

RATES = {"slow": 0.1, "low": 0.2, "middle": 0.5, "high": 1.0, "fast": 2.0}
SEEDS = (3, 4, 5, 9)


def recipe(rate: float) -> Recipe:
    return completed(
        Recipe(
            data=DataRef(name="digits", image_size=16, validation=0.2),
            architecture="fastnet",
            architecture_settings={"width": 0.25},
            epochs=1,
            batch_size=64,
            base_lr=rate,
        )
    )


ENTRANTS = RecipeList(
    recipes=tuple(ListedRecipe(label=label, recipe=recipe(r)) for label, r in RATES.items()),
    seeds=SEEDS,
)
SPACE = space_of(
    [one.recipe for one in ENTRANTS.recipes], name="race", question="?", objective=Objective()
)


def means(rounds: Rounds) -> dict[str, float]:
    """Return the means of the labels of the last round that never failed."""
    each = {label: [seen[label] for seen in rounds if label in seen] for label in rounds[-1]}
    known = {label: [v for v in values if v is not None] for label, values in each.items()}
    return {
        label: sum(values) / len(values)
        for label, values in known.items()
        if len(values) == len(each[label])
    }


class Halve(RaceRule):
    """Keeps the better half, then lets the best recipe of the last round race with mixup.

    Attributes:
        first: The round after which recipes may be dropped.
    """

    kind: ClassVar[str] = "halve"

    first: int = 2

    def kept(self, rounds: Rounds, running: Sequence[str]) -> Iterable[str]:
        if len(rounds) < self.first:
            return running
        found = means(rounds)
        best = sorted(found, key=lambda label: -found[label])
        return best[: len(best) // 2] if "with mixup" not in found else best

    def certain(self, rounds: Rounds, running: Sequence[str]) -> Iterable[str]:
        return running if len(rounds) + 1 < self.first else ()

    def further(self, rounds: Rounds, recipes: Mapping[str, Recipe]) -> Iterable[ListedRecipe]:
        if "with mixup" in recipes:
            return
        found = means(rounds)
        best = max(found, key=lambda label: found[label])
        mixed = recipes[best].model_copy(update={"tricks": {"mixup": {"alpha": 0.2}}})
        yield ListedRecipe(label="with mixup", recipe=mixed)
        yield ListedRecipe(label=best, recipe=recipes[best])

    def most_trials(self, recipes: int, seeds: int) -> int:
        return (recipes + 1) * seeds


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(RULES, Halve.kind, Halve)
        yield


def accuracy(label: str, given: Recipe) -> float | None:
    """Return what a trial comes to: `fast` fails with the second seed, the others rise with their rate."""
    if label == "fast" and given.seed == SEEDS[1]:
        return None
    noise = random.Random(key_of(given.seed, "noise", label)).uniform(-0.01, 0.01)
    return 0.5 + 0.1 * given.base_lr + noise


@dataclass
class Slots:
    """A race whose trials end in any order, and whose driver is lost at some moments.

    Attributes:
        count: How many trials run at a time.
        busy: How many ran at each moment at which one ended.
    """

    rule: RaceRule = field(default_factory=Halve)
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
        most = self.rule.most_trials(len(RATES), len(SEEDS))
        queue = queue_of(SPACE, trials=most, seed=0, recipes=ENTRANTS, race=self.rule)
        queue.replay(self.rows, {})
        return queue

    def _next(self, queue: TrialQueue) -> ActiveTrial | None:
        if interrupted := queue.next_interrupted():
            return interrupted
        new = queue.next_candidate()
        if new is None:
            return None
        row = replace(
            a_trial(new.number, new.recipe, [], "running"), origin=new.origin, finished=None
        )
        self.rows.append(row)
        return ActiveTrial(row.id, new.number, new.recipe)

    def _end(self, queue: TrialQueue, active: ActiveTrial) -> None:
        row = self.rows[active.number]
        value = accuracy(row.origin, row.recipe)
        end = a_trial(row.number, row.recipe, [a_report(1, value)] if value else [])
        if value:
            active.report = a_report(1, value)
            self.rows[row.number] = replace(end, origin=row.origin)
            queue.ended(active, "complete")
        else:
            self.rows[row.number] = replace(end, origin=row.origin, state="failed")
            queue.ended(active, "failed", "nan_loss")


def test_everybody_has_the_first_seed_before_anybody_has_the_second() -> None:
    found = Slots().run()

    assert [(label, seed) for _, label, seed in found[:5]] == [(n, SEEDS[0]) for n in RATES]


def test_who_is_dropped_gets_no_further_seed_and_the_best_meets_a_new_recipe() -> None:
    found = Slots().run()

    seeds = {n: [seed for _, label, seed in found if label == n] for n in (*RATES, "with mixup")}
    # `fast` failed with its second seed; of the others the better half went on, and then one of two.
    assert seeds == {
        "slow": [3, 4],
        "low": [3, 4],
        "middle": [3, 4, 5],
        "high": [3, 4, 5, 9],
        "fast": [3, 4],
        "with mixup": [3, 4, 5, 9],
    }
    assert [number for number, _, _ in found] == list(range(len(found)))


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_neither_kills_nor_the_order_of_results_change_which_trials_there_are(count: int) -> None:
    whole = Slots(count=1).run()
    moments = len(whole) + 1

    for moment in range(1, moments):
        assert Slots(count=count, chance=random.Random(moment)).run({moment}) == whole
    for seed in range(20):
        often = {
            moment for moment in range(200) if random.Random(1000 * seed + moment).random() < 0.3
        }
        assert Slots(count=count, chance=random.Random(seed)).run(often) == whole


def test_processors_wait_only_at_the_end_of_a_round_that_decides_something() -> None:
    early, waiting = Slots(Halve(first=2), count=4), Slots(Halve(first=1), count=4)

    early.run()
    waiting.run()

    # The first two rounds have ten trials, and the last three of them find nothing beside them.
    assert early.busy[:7] == [4] * 7
    assert waiting.busy[:5] == [4, 4, 3, 2, 1]


def test_rules_see_points_that_are_better_when_larger() -> None:
    seen: list[Rounds] = []

    class Note(Halve):
        def kept(self, rounds: Rounds, running: Sequence[str]) -> Iterable[str]:
            seen.append([dict(r) for r in rounds])
            return ()

    error = Metric("error", "error", larger=False, unit="%", factor=100.0)
    source = RaceSource(ENTRANTS, Note(), error)
    rows = [
        replace(a_trial(i, one.recipe.model_copy(update={"seed": 3}), []), origin=one.label)
        for i, one in enumerate(ENTRANTS.recipes)
    ]
    values = (0.25, None, 0.5, 0.75, 0.125)

    source.replay([replace(row, value=v) for row, v in zip(rows, values, strict=True)])

    assert seen[0] == [{"slow": -25, "low": None, "middle": -50, "high": -75, "fast": -12.5}]


def test_an_unknown_rule_is_an_error_that_says_so(database: Database) -> None:
    space = SPACE.model_dump(mode="json")
    for name, race, said in [
        ("old", {"kind": "relay"}, "by the rule 'relay', and this version knows"),
        ("odd", {"kind": "halve", "first": "x"}, "first: input should be a valid integer"),
    ]:
        plan = records.StudyPlan(name, "?", space, name, 0, {"trials": 1, "race": race})
        study = records.create_study(database, plan)
        with pytest.raises(RecordsError, match=said):
            race_of(study)


@pytest.mark.ray
@pytest.mark.usefixtures("ray_here")
def test_a_race_on_ray_ends_when_it_is_decided(tmp_path: Path, cache: Path) -> None:
    given = {"low": recipe(0.01), "good": recipe(0.5), "also": recipe(1.0)}
    resources = Resources(storage=tmp_path / "files", cache=cache / "autotrick", concurrency=2)

    with records.open_database(f"sqlite:///{tmp_path}/race.db") as database:
        study = run_recipes(
            given,
            database,
            name="race",
            seeds=(1, 2),
            purpose="ablate",
            race=Halve(first=1),
            resources=resources,
            keep_checkpoints=0,
            more={"precision": 0.25},
        )
        rows = records.trials(database, "race")

    assert (study.state, study.purpose, study.settings.trials) == ("complete", "ablate", 8)
    assert study.ended == "the race is decided (trials not needed: 2)"
    assert {row.state for row in rows} == {"complete"}
    assert study.budget["precision"] == 0.25
    tried: dict[str, Any] = {}
    for row in rows:
        tried.setdefault(row.origin, []).append(row.recipe.seed)
    winner = max((row for row in rows if row.recipe.seed == 1), key=lambda row: row.value or 0)
    assert tried["with mixup"] == [1, 2] and tried[winner.origin] == [1, 2]
    assert sum(map(len, tried.values())) == len(rows) == 6
