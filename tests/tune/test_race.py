"""Races: rounds of recipes x seeds, and who goes on."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from autotrick import records
from autotrick.errors import RecordsError
from autotrick.random_streams import key_of
from autotrick.recipe import DataRef, Recipe
from autotrick.records import Database
from autotrick.tasks import Metric
from autotrick.tune import Resources
from autotrick.tune.recipe_space import completed
from autotrick.tune.recipe_study import run_recipes
from autotrick.tune.sources.race import RaceRule, RaceSource, Rounds
from autotrick.tune.sources.race_rules import RULES, race_of
from autotrick.tune.sources.recipe_list import ListedRecipe, RecipeList
from tests.simulated import a_trial
from tests.tune.racing import Slots

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


def accuracy(label: str, seed: int) -> float | None:
    """Return what a trial comes to: `fast` fails with the second seed, the others rise with their rate."""
    if label == "fast" and seed == SEEDS[1]:
        return None
    noise = random.Random(key_of(seed, "noise", label)).uniform(-0.01, 0.01)
    return 0.5 + 0.1 * RATES.get(label, 1.0) + noise


def slots(rule: RaceRule | None = None, *, count: int = 2, seed: int = 0) -> Slots:
    return Slots(rule or Halve(), ENTRANTS, accuracy, count, random.Random(seed))


def test_everybody_has_the_first_seed_before_anybody_has_the_second() -> None:
    found = slots().run()

    assert [(label, seed) for _, label, seed in found[:5]] == [(n, SEEDS[0]) for n in RATES]


def test_who_is_dropped_gets_no_further_seed_and_the_best_meets_a_new_recipe() -> None:
    found = slots().run()

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
    whole = slots(count=1).run()
    moments = len(whole) + 1

    for moment in range(1, moments):
        assert slots(count=count, seed=moment).run({moment}) == whole
    for seed in range(20):
        often = {
            moment for moment in range(200) if random.Random(1000 * seed + moment).random() < 0.3
        }
        assert slots(count=count, seed=seed).run(often) == whole


def test_processors_wait_only_at_the_end_of_a_round_that_decides_something() -> None:
    early, waiting = slots(Halve(first=2), count=4), slots(Halve(first=1), count=4)

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
    for name, race, said in [
        ("old", {"kind": "relay"}, "by the rule 'relay', and this version knows"),
        ("odd", {"kind": "halve", "first": "x"}, "first: input should be a valid integer"),
    ]:
        plan = records.StudyPlan(name, "?", {}, name, 0, {"trials": 1, "race": race})
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
