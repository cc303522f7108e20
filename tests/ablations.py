"""An ablation on record whose trials were simulated: known effects, and noise."""

from collections.abc import Callable, Mapping

import numpy as np

from autotrick import records
from autotrick.random_streams import key_of
from autotrick.records import Database, SearchSettings, StudyPlan, StudyRow
from autotrick.space import SearchSpace
from autotrick.space.changes import with_tricks
from autotrick.space.defaults import all_off
from autotrick.tune.ablate import plan_ablation
from autotrick.tune.recipe_space import completed, space_of
from autotrick.tune.sources.recipe_list import ListedRecipe, RecipeList
from tests.simulated import a_report
from tests.tune.racing import Slots

PARENT = "search"
ON = ("cosine_decay", "ema", "flip", "mixup")
WORTH = {"ema": 3.0, "cosine_decay": 1.2, "mixup": -2.0, "cutout": -3.0}
"""Points; the others do nothing."""

SPACE = {
    "name": PARENT,
    "question": "Which tricks help?",
    "data": {"name": "cifar10"},
    "fixed": {"architecture": "fastnet", "epochs": 1, "batch_size": 64, "base_lr": 0.5},
    "tricks": {name: {} for name in (*ON, "cutmix", "cutout")},
}


def parent(database: Database, tricks: tuple[str, ...] = ON) -> StudyRow:
    """Record a search with one complete trial, which has these tricks on."""
    space = SearchSpace.model_validate(SPACE)
    plan = StudyPlan(
        PARENT, space.question, space.model_dump(mode="json"), space.digest(), 0, {"trials": 1}
    )
    study = records.create_study(database, plan)
    recipe = completed(with_tricks(space, all_off(space), tricks))
    launch = records.add_trial(database, study.id, recipe, origin="random", launch=False)
    records.add_reports(database, launch.trial_id, [a_report(1, 0.9)], metric="accuracy")
    records.finish_trial(database, launch.trial_id, "complete")
    return records.study(database, PARENT)


def accuracy(
    worth: Mapping[str, float], noise: float = 0.2, fails: str = ""
) -> Callable[[str, int], float | None]:
    """Return what the recipe of a label reaches with a seed."""

    def reached(label: str, seed: int) -> float | None:
        if label == fails and seed % 2:
            return None
        how, _, names = label.partition(" ")
        change = 0.0
        if how == "without":
            change = -sum(worth.get(name, 0.0) for name in names.split(" and "))
        elif how == "with":
            change = worth.get(names, 0.0)
        elif " for " in label:
            change = worth.get(how, 0.0) - worth.get(label.rpartition(" ")[2], 0.0)
        normal = np.random.default_rng(key_of(seed, label)).standard_normal()
        return (88 + change + noise * float(normal) + 0.3 * (seed % 3)) / 100

    return reached


def record_ablation(
    database: Database,
    *,
    seeds: int = 4,
    fails: str = "",
    worth: Mapping[str, float] = WORTH,
    until: int | None = None,
) -> StudyRow:
    """Record an ablation of trial 0 of `parent`.

    Args:
        fails: Label of a recipe whose trials of odd seeds fail.
        until: Leaves out the trials from this number on, as if it was stopped there.
    """
    name = f"{PARENT}-ablate-0"
    planned = plan_ablation(database, PARENT, 0, seeds=seeds)
    listed = [
        ListedRecipe(label=label, recipe=recipe)
        for label, recipe in planned.recipes.items()
        if not isinstance(recipe, str)
    ]
    trained = RecipeList(recipes=tuple(listed), seeds=tuple(range(1, seeds + 1)))
    slots = Slots(planned.rule, trained, accuracy(worth, fails=fails))
    slots.run()
    space = space_of(
        [one.recipe for one in listed],
        name=name,
        question="?",
        objective=records.study(database, PARENT).objective,
    )
    settings = SearchSettings(
        trials=planned.most_trials,
        recipes=trained.model_dump(mode="json"),
        race=planned.rule.to_json(),
    )
    study = records.create_study(
        database,
        StudyPlan(
            name,
            "?",
            space.model_dump(mode="json"),
            space.digest(),
            0,
            settings.to_json(),
            parent=PARENT,
            purpose="ablate",
        ),
    )
    for row in slots.rows[:until]:
        launch = records.add_trial(
            database, study.id, row.recipe, origin=row.origin, number=row.number, launch=False
        )
        if row.value is not None:
            report = a_report(1, row.value, seconds=2.0 if "ema" in row.recipe.tricks else 1.0)
            records.add_reports(database, launch.trial_id, [report], metric="accuracy")
        failed = row.value is None
        records.finish_trial(
            database, launch.trial_id, "failed" if failed else "complete", reason=row.reason
        )
    if until is None:
        records.set_study_state(database, study.id, "complete", ended="the race is decided")
    return records.study(database, name)
