"""What the screen of a study will be able to tell, before any of its trials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

from autotrick import records
from autotrick.design.additive import additive
from autotrick.design.precision import half_widths
from autotrick.design.screening import Screen
from autotrick.recipe import digest_of
from autotrick.records import Database, TrialRow
from autotrick.space import SearchSpace
from autotrick.tasks import Metric
from autotrick.tune.plan import TRICKS_COST, Plan, first_runs

ASSUMED = 0.9
"""The share of right predictions for which noise is guessed where nothing was measured."""

_STUDIES = 20
"""How many of the newest studies are looked at."""

_FREEDOM = 3
"""Degrees of freedom that a measured noise has at least."""


@dataclass(frozen=True, slots=True)
class Noise:
    """How far apart equal recipes with different seeds are.

    Attributes:
        points: Standard deviation of a trial's value, in the unit in which people read the metric.
        source: Where the number comes from, as a clause.
    """

    points: float
    source: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """The screen that a plan will probably have.

    Attributes:
        levels: The option of each factor in each run, half after half.
        halves: The half of each run.
        widths: Expected half-width of each trick's 95 % interval, in the unit in which people read
            the metric; infinite where it cannot be told.
        seconds: Expected time until the screen has ended, from its beginning.
    """

    levels: tuple[Mapping[str, str], ...]
    halves: tuple[int, ...]
    widths: Mapping[str, float]
    seconds: float

    @property
    def range(self) -> tuple[float, float] | None:
        """The narrowest and the widest of the finite half-widths; None if there is none."""
        finite = [width for width in self.widths.values() if isfinite(width)]
        return (min(finite), max(finite)) if finite else None


def forecast(
    space: SearchSpace, plan: Plan, noise: Noise, *, trial_s: float, slots: int
) -> Forecast | None:
    """Return the screen that a plan will have with this noise; None if there is no room for one.

    Args:
        trial_s: Seconds of a whole trial of the base.
        slots: Number of trials that run at a time.
    """
    if "screen" not in plan.phases:
        return None
    screen = Screen(space, seed=space.study.seed)
    each = TRICKS_COST * trial_s
    room = plan.screen_trials - plan.base_trials
    if plan.screen_seconds is not None and each:
        room = min(room, int((plan.screen_seconds - plan.base_trials * trial_s) / each))
    runs = first_runs(screen.sizes(), room)
    if runs is None:
        return None
    count = 2 if 2 * runs <= room else 1
    found = _screen(screen, count, runs, noise, each / slots)
    while max(found.widths.values()) > plan.precision and (count + 1) * runs <= room:
        count += 1
        found = _screen(screen, count, runs, noise, each / slots)
    return found


def _screen(screen: Screen, count: int, runs: int, noise: Noise, each: float) -> Forecast:
    levels = tuple(row for half in range(count) for row in screen.half(half, runs))
    halves = tuple(half for half in range(count) for _ in range(runs))
    widths = half_widths(levels, noise.points, halves=halves)
    return Forecast(levels, halves, widths, len(levels) * each)


def measured_noise(database: Database, space: SearchSpace) -> Noise | None:
    """Return the noise that earlier studies over the same data had, newest first; None if none says.

    It is what an additive fit leaves of a screen, or the spread of equal recipes over seeds.
    """
    data = space.data.model_dump(mode="json")
    metric = space.objective.metric
    for study in reversed(records.studies(database)[-_STUDIES:]):
        if study.space.get("data") != data or study.value_metric.name != metric.name:
            continue
        rows = records.trials(database, study.name)
        if (points := _of_screen(rows, metric)) is not None:
            return Noise(points, f"as in the screen of study {study.name}")
        if (points := _of_seeds(rows, metric)) is not None:
            return Noise(points, f"as between the seeds of study {study.name}")
    return None


def assumed_noise(space: SearchSpace, images: int) -> Noise | None:
    """Return the noise of a share of right predictions; None for a metric that is not a share.

    Args:
        images: Number of validation images.
    """
    metric = space.objective.metric
    if (metric.least, metric.most) != (0, 1) or not images:
        return None
    points = abs(metric.scaled(sqrt(ASSUMED * (1 - ASSUMED) / images)))
    assumed = metric.shown(ASSUMED, digits=0)
    return Noise(points, f"a guess: {assumed} {metric.title} on {images:,} validation images")


def _of_screen(rows: Sequence[TrialRow], metric: Metric) -> float | None:
    known = [
        (row.design, row.value)
        for row in rows
        if row.phase == "screen"
        and row.state == "complete"
        and row.design
        and row.value is not None
    ]
    if not known:
        return None
    return additive(
        [design["levels"] for design, _ in known],
        [metric.scaled(value) for _, value in known],
        [design["half"] for design, _ in known],
    ).noise


def _of_seeds(rows: Sequence[TrialRow], metric: Metric) -> float | None:
    alike: dict[str, list[float]] = {}
    for row in rows:
        if row.state == "complete" and row.value is not None:
            plain = row.recipe.model_dump(mode="json") | {"seed": 0}
            alike.setdefault(digest_of(plain), []).append(metric.scaled(row.value))
    freedom = sum(len(values) - 1 for values in alike.values())
    if freedom < _FREEDOM:
        return None
    squares = sum(
        (value - sum(values) / len(values)) ** 2 for values in alike.values() for value in values
    )
    return sqrt(squares / freedom)
