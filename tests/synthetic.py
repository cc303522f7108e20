"""A database that looks like a finished search: real space, real sampler, plausible curves."""

from datetime import UTC, datetime, timedelta
from math import cos, exp, log, pi
from pathlib import Path

import numpy as np

from autotrick.recipe import EpochReport, Recipe, digest_of
from autotrick.records import (
    Database,
    StudyPlan,
    StudyRow,
    add_report,
    add_trial,
    create_study,
    describe_attempt,
    finish_trial,
    open_database,
    study,
)
from autotrick.sample import Sampler, initial_recipes
from autotrick.space import SearchSpace, load

SPACES = Path(__file__).parent / "spaces"
POINTS = {"cosine_decay": 0.9, "label_smoothing": 0.4, "mixup": 0.7, "cutmix": -0.2, "cutout": 0.3}
POINTS |= {"linear_warmup": 0.2, "ema": 0.5, "no_norm_decay": 0.0, "step_decay": 0.3}
COSTS = {"mixup": 1.04, "cutmix": 1.05, "ema": 1.12, "cutout": 1.06}
ENVIRONMENT = {"autotrick": "0.1.0", "torch": "2.9.0", "device": "cpu", "threads": 1}


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def a_space() -> SearchSpace:
    return load(SPACES / "quickstart.toml")


def fill(
    url: str,
    count: int,
    *,
    name: str = "digits",
    space: SearchSpace | None = None,
    keep: float = 0.5,
) -> StudyRow:
    """Write a study of `count` trials; one of twenty-five fails, and the last two are under way.

    Args:
        keep: Share of trials that go on after epochs 2 and 6.
    """
    space = space or a_space()
    clock = Clock()
    with open_database(url, clock=clock) as database:
        plan = StudyPlan(
            name,
            space.question,
            space.model_dump(mode="json"),
            space.digest(),
            0,
            {"trials": count},
            data={
                "classes": list("0123456789"),
                "counts": {"train": [130] * 10, "validation": [14] * 10, "test": [36] * 10},
                "shape": [8, 8, 1],
                "carved": True,
                "decoding": 2,
                "notes": [
                    {
                        "kind": "other",
                        "count": 5,
                        "sentence": "5 files are not images and were left out (5 .txt)",
                        "examples": ["0/a.txt", "<b>.txt"],
                    }
                ],
            },
        )
        made = create_study(database, plan)
        sampler = Sampler(space, method="random", seed=0)
        fixed = [recipe for _, recipe in initial_recipes(space)]
        rungs: dict[int, list[float]] = {2: [], 6: []}
        for number in range(count):
            asked = sampler.ask(number)
            recipe, origin = asked.recipe, asked.origin
            recipe = fixed[number] if number < len(fixed) else recipe
            put_trial(
                database, made.id, recipe, origin, number, rungs, keep, last=number >= count - 2
            )
        return study(database, name)


def put_trial(
    database: Database,
    study_id: int,
    recipe: Recipe,
    origin: str,
    number: int,
    rungs: dict[int, list[float]],
    keep: float = 1.0,
    *,
    last: bool = False,
) -> None:
    """Record one trial as a search would have."""
    curve = curve_of(recipe, number)
    clock = database.clock
    assert isinstance(clock, Clock)
    launch = add_trial(database, study_id, recipe, origin=origin)
    assert launch.attempt_id is not None
    describe_attempt(
        database, launch.attempt_id, node="here", device="cpu", environment=ENVIRONMENT
    )
    stop = 3 if last else _stop(curve, rungs, keep)
    for report in curve[:stop]:
        clock.now += timedelta(seconds=report.seconds)
        add_report(database, launch.trial_id, report)
    if last:
        return
    state = "complete" if stop == len(curve) else "pruned"
    if number % 25 == 24:
        finish_trial(database, launch.trial_id, "failed", reason="nan_loss", parameters=61_706)
    elif state == "complete":
        finish_trial(database, launch.trial_id, "complete", parameters=61_706)
    else:
        finish_trial(database, launch.trial_id, "pruned", reason="asha", parameters=61_706)


def curve_of(recipe: Recipe, number: int) -> list[EpochReport]:
    """Return the epochs of a plausible trial, decided by its recipe and number."""
    rng = np.random.default_rng(number)
    gain = sum(POINTS.get(name, 0.0) for name in recipe.tricks)
    wide = 1.0 if recipe.architecture == "fastnet" else 0.0
    final = 93 + gain + wide - 0.6 * log(recipe.base_lr / 0.15) ** 2 + 0.35 * rng.normal()
    rise = 18 * (1 + 0.05 * rng.normal())
    seconds = float(np.prod([COSTS.get(name, 1.0) for name in recipe.tricks])) * (1 + wide)
    return [
        EpochReport(
            epoch=epoch,
            accuracy=min(0.999, (final - rise * exp(-epoch / 2.5) + 0.2 * rng.normal()) / 100),
            loss=0.3 + exp(-epoch / 3),
            train_loss=0.25 + exp(-epoch / 3),
            lr=_lr(recipe, epoch / recipe.epochs),
            seconds=seconds * (1 + 0.03 * abs(rng.normal())),
            weights=digest_of({"recipe": recipe.digest(), "epoch": epoch}),
        )
        for epoch in range(1, recipe.epochs + 1)
    ]


def _lr(recipe: Recipe, t: float) -> float:
    if "cosine_decay" in recipe.tricks:
        return recipe.lr * max(0.01, (1 + cos(pi * t)) / 2)
    if "step_decay" in recipe.tricks:
        return recipe.lr * (0.1 if t > 0.75 else 1.0)
    return recipe.lr


def _stop(curve: list[EpochReport], rungs: dict[int, list[float]], keep: float) -> int:
    for rung, seen in rungs.items():
        if rung < len(curve):
            seen.append(curve[rung - 1].accuracy)
            if seen[-1] < np.quantile(seen, 1 - keep):
                return rung
    return len(curve)
