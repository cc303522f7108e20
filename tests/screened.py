"""A recorded study with a base, a screen and a search: real space, real design, planted effects."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from math import exp, log
from pathlib import Path

import numpy as np

from autotrick.design.screening import Screen
from autotrick.random_streams import key_of
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
from autotrick.sample import Sampler
from autotrick.space import SearchSpace, load
from tests.synthetic import ENVIRONMENT, Clock

CLOTHES = Path(__file__).parent / "spaces" / "fashion_mnist_tricks.toml"

EFFECTS = {"ema": 1.3, "cosine_decay": 0.9, "step_decay": 0.5, "flip": 0.5, "mixup": 0.3}
EFFECTS |= {"cutmix": -0.8, "ricap": -0.9, "cutout": -1.1, "pad_crop": -2.2}
"""What tricks add at the last epoch, in points; the others nothing."""
TOGETHER = {frozenset({"cosine_decay", "ema"}): -1.0}
"""What pairs add beside the sum of their tricks."""


def fill_screened(
    url: str,
    *,
    name: str = "clothes",
    space: SearchSpace | None = None,
    base: int = 4,
    runs: int = 24,
    halves: int = 1,
    search: int = 12,
    noise: float = 0.4,
    until: int | None = None,
) -> StudyRow:
    """Write a study whose screen has `halves` halves of `runs` trials; half of its search is pruned.

    Args:
        noise: Standard deviation of the seeds, in points.
        until: Only so many trials are there yet; None for all.
    """
    space = space or load(CLOTHES)
    with open_database(url, clock=Clock()) as database:
        total = base + halves * runs + search
        plan = StudyPlan(
            name,
            space.question,
            space.model_dump(mode="json"),
            space.digest(),
            0,
            {"trials": total},
        )
        made = create_study(database, plan)
        planned = islice(_trials(space, base, runs, halves, search), until)
        for number, (recipe, phase, design) in enumerate(planned):
            _put(database, made.id, number, recipe, phase, design, noise)
        return study(database, name)


def _trials(
    space: SearchSpace, base: int, runs: int, halves: int, search: int
) -> Iterator[tuple[Recipe, str, Mapping[str, object]]]:
    sampler, screen = Sampler(space, method="random", seed=0), Screen(space, seed=0)
    drawn = [sampler.ask(number).recipe for number in range(base + search)]
    bases = [recipe.model_copy(update={"tricks": {}, "seed": 0}) for recipe in drawn[:base]]
    for i, recipe in enumerate(bases):
        yield recipe, "base", {"candidate": i}
    best = max(bases, key=_settings)
    for half in range(halves):
        for row, levels in enumerate(screen.half(half, runs)):
            recipe = screen.recipe(best, levels, half=half, runs=runs, row=row)
            design = {"half": half, "runs": runs, "row": row, "base": bases.index(best)}
            yield recipe, "screen", {**design, "seed": recipe.seed, "levels": dict(levels)}
    for recipe in drawn[base:]:
        yield recipe, "search", {}


def _settings(recipe: Recipe) -> float:
    """Return what network and rate are worth, in points."""
    wide = 1.5 if recipe.architecture == "fastnet" else 0.0
    return wide - 1.2 * log(recipe.base_lr / 0.15) ** 2


def _put(
    database: Database,
    study_id: int,
    number: int,
    recipe: Recipe,
    phase: str,
    design: Mapping[str, object],
    noise: float,
) -> None:
    rng = np.random.default_rng(key_of(number, "screened"))
    on = set(recipe.tricks)
    final = 84 + _settings(recipe) + noise * float(rng.normal())
    final += sum(EFFECTS.get(trick, 0.0) for trick in on)
    final += sum(points for pair, points in TOGETHER.items() if pair <= on)
    last, clock = recipe.epochs, database.clock
    assert isinstance(clock, Clock)
    stop = 2 if phase == "search" and number % 2 else last
    launch = add_trial(database, study_id, recipe, origin=phase, phase=phase, design=design)
    assert launch.attempt_id is not None
    describe_attempt(
        database, launch.attempt_id, node="here", device="cpu", environment=ENVIRONMENT
    )
    for epoch in range(1, stop + 1):
        value = final - 15 * (exp(-epoch / 2) - exp(-last / 2)) + 0.1 * float(rng.normal())
        report = EpochReport(
            epoch=epoch,
            accuracy=min(0.999, max(0.1, value / 100)),
            loss=0.3 + exp(-epoch / 3),
            train_loss=0.25 + exp(-epoch / 3),
            lr=recipe.base_lr,
            seconds=12.0 + float(rng.random()),
            weights=digest_of({"recipe": recipe.digest(), "epoch": epoch}),
        )
        clock.now += timedelta(seconds=report.seconds)
        add_report(database, launch.trial_id, report)
    if stop < last:
        finish_trial(database, launch.trial_id, "pruned", reason="asha", parameters=61_706)
    else:
        finish_trial(database, launch.trial_id, "complete", parameters=61_706)
