"""Studies with known truth: what a search over tricks would have recorded."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from autotrick.recipe import DataRef, EpochReport, Recipe
from autotrick.records.rows import TrialRow, TrialState

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NO_EFFECT = {f"trick_{i}": 0.0 for i in range(6)}
Reports = dict[int, list[EpochReport]]


def a_recipe(*tricks: str, base_lr: float = 0.1, batch_size: int = 256, seed: int = 0) -> Recipe:
    return Recipe(
        data=DataRef(name="digits"),
        architecture="lenet5",
        epochs=9,
        batch_size=batch_size,
        base_lr=base_lr,
        tricks={name: {} for name in tricks},
        seed=seed,
    )


def a_report(epoch: int, accuracy: float, *, seconds: float = 1.0, lr: float = 0.1) -> EpochReport:
    return EpochReport(
        epoch=epoch,
        accuracy=accuracy,
        loss=1 - accuracy,
        train_loss=1 - accuracy,
        lr=lr,
        seconds=seconds,
        weights="w",
    )


def a_trial(
    number: int, recipe: Recipe, curve: list[EpochReport], state: TrialState = "complete"
) -> TrialRow:
    return TrialRow(
        id=number + 1,
        study="simulated",
        number=number,
        state=state,
        recipe=recipe,
        digest=recipe.digest(),
        origin="tpe",
        value=curve[-1].accuracy if curve else None,
        epochs=len(curve),
        seconds=sum(report.seconds for report in curve),
        attempts=1,
        parameters=61_706,
        weights="w",
        reason=None,
        created=START + timedelta(minutes=number),
        finished=START + timedelta(minutes=number + 1),
    )


def a_study(
    count: int,
    *,
    points: Mapping[str, float] = NO_EFFECT,
    costs: Mapping[str, float] | None = None,
    keep: float = 1.0,
    seed: int = 0,
) -> tuple[list[TrialRow], Reports]:
    """Make a study whose proposals chase what did well, as a sampler's do.

    Args:
        points: What each trick adds to the final accuracy, in points.
        costs: Factor on the seconds of an epoch, by trick.
        keep: Share of trials that go on at each rung (after epochs 1 and 3); 1 prunes none.
    """
    rng = np.random.default_rng(seed)
    on = np.zeros((count, len(points)), bool)
    lrs, score = np.zeros(count), np.zeros(count)
    rungs: dict[int, list[float]] = {1: [], 3: []}
    trials, reports = [], Reports()
    for i in range(count):
        chance, centre, width = np.full(len(points), 0.5), 0.0, 1.0
        if i > 15:
            top = np.argsort(-score[:i])[: max(3, i // 4)]
            chance, centre, width = 0.15 + 0.7 * on[top].mean(0), lrs[top].mean(), 0.6
        on[i] = rng.random(len(points)) < chance
        lrs[i] = centre + width * rng.normal()
        curve = _curve(on[i] @ np.array(list(points.values())) - 0.8 * lrs[i] ** 2, rng)
        stop = _stop(curve, rungs, keep)
        score[i] = curve[stop - 1] + 10 * stop
        names = [name for name, here in zip(points, on[i], strict=True) if here]
        seconds = float(np.prod([(costs or {}).get(name, 1.0) for name in names]))
        reports[i] = [
            a_report(e + 1, curve[e] / 100, seconds=seconds * float(np.exp(0.02 * rng.normal())))
            for e in range(stop)
        ]
        recipe = a_recipe(*names, base_lr=0.1 * float(np.exp(lrs[i])), seed=i)
        trials.append(a_trial(i, recipe, reports[i], "complete" if stop == 9 else "pruned"))
    return trials, reports


def _curve(gain: float, rng: np.random.Generator) -> list[float]:
    """Return nine accuracies in percent; the last has the gain, plus noise of 0.8 points."""
    final = 80 + gain + 0.7 * rng.normal()
    rise = 12 * (1 + 0.05 * rng.normal())
    noise = 0.4 * rng.normal(size=9)
    return [float(final - rise * np.exp(-e / 2.5) + noise[e - 1]) for e in range(1, 10)]


def _stop(curve: list[float], rungs: dict[int, list[float]], keep: float) -> int:
    for rung, seen in rungs.items():
        seen.append(curve[rung - 1])
        if curve[rung - 1] < np.quantile(seen, 1 - keep):
            return rung
    return len(curve)
