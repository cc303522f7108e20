"""Two recipes beside each other: what differs between them, and by how much one is better over seeds.

Only trials of studies count that train recipes over seeds whatever these come to (lists and comparisons):
trials of a search may have been chosen because of the very values that would be compared, and those of a
race, such as an ablation, were ended because of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import median
from typing import Any

import numpy as np
from pydantic import BaseModel

from autotrick.analysis.ablation import verdict_of
from autotrick.analysis.effects import Reports, Verdict
from autotrick.design.regression import Estimate, Fit
from autotrick.recipe import Recipe
from autotrick.records.rows import StudyRow, TrialRow
from autotrick.tasks import Metric

PURPOSE = "compare"
"""The purpose of a study that compares two recipes."""

ABSENT = "off"
"""What a setting is where its trick is off."""


@dataclass(frozen=True, slots=True)
class DifferingSetting:
    """A setting in which two recipes differ.

    Attributes:
        name: As spaces write it, such as `base_lr`, `mixup`, `mixup.alpha`.
        first: Its value in the first recipe; ABSENT where it has none.
        second: Its value in the second one.
    """

    name: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Pair:
    """Complete trials of both recipes with one seed, of one study."""

    first: TrialRow
    second: TrialRow

    @property
    def seed(self) -> int:
        return self.first.recipe.seed


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Both recipes after an epoch, means over the pairs that both reached it.

    Attributes:
        epoch: Counted from 1.
        first: Mean value of the first recipe, as recorded.
        second: The same of the second one.
        difference: First less second, in the unit that people read.
        low: Lower end of its 95 % interval; None with fewer than three pairs.
        high: Its upper end.
        num: Number of pairs.
    """

    epoch: int
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    num: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two recipes over the seeds that both have.

    Attributes:
        first: What the first recipe is called.
        second: What the second one is called.
        settings: In which they differ.
        pairs: Their trials by seed.
        difference: By how much the metric of the first is larger, in the unit that people read; None
            without a pair.
        low: Lower end of the 95 % interval of Student's t; None with fewer than three pairs.
        high: Its upper end.
        verdict: Whether the first helps over the second.
        cost: Seconds per epoch of the first as a factor of those of the second; None if not known.
        precision: Differences within it do not matter.
        metric: Of the values.
        failed: Failed trials of the first and of the second recipe.
    """

    first: str
    second: str
    settings: tuple[DifferingSetting, ...]
    pairs: tuple[Pair, ...]
    difference: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    cost: float | None
    precision: float
    metric: Metric
    failed: tuple[int, int] = (0, 0)


def compares(study: StudyRow) -> bool:
    """Return whether a study trains recipes over the same seeds, whatever these came to."""
    return study.settings.recipes is not None and study.settings.race is None


def differing(first: Recipe, second: Recipe) -> list[DifferingSetting]:
    """Return the settings in which two complete recipes differ; seeds and fingerprints do not count."""
    ones, others = dict(_settings(first)), dict(_settings(second))
    return [
        DifferingSetting(name, ones.get(name, ABSENT), others.get(name, ABSENT))
        for name in dict.fromkeys((*ones, *others))
        if ones.get(name, ABSENT) != others.get(name, ABSENT)
    ]


def pairs_of(trials: Sequence[TrialRow], first: Recipe, second: Recipe) -> list[Pair]:
    """Return the pairs of two recipes among the trials of a study that compares, one for each seed.

    Args:
        first: A complete recipe; its seed and fingerprint do not matter.
        second: Another one.
    """
    digests = {_plain(first): "first", _plain(second): "second"}
    found: dict[int, dict[str, TrialRow]] = {}
    for trial in trials:
        which = digests.get(_plain(trial.recipe))
        if which and trial.state == "complete" and trial.value is not None:
            found.setdefault(trial.recipe.seed, {}).setdefault(which, trial)
    whole = (pair for _, pair in sorted(found.items()) if len(pair) == len(digests))
    return [Pair(pair["first"], pair["second"]) for pair in whole]


def failures_of(trials: Sequence[TrialRow], recipe: Recipe) -> int:
    """Return how many trials of a recipe failed."""
    digest = _plain(recipe)
    return sum(trial.state == "failed" and _plain(trial.recipe) == digest for trial in trials)


def comparison(
    recipes: Mapping[str, Recipe],
    pairs: Sequence[Pair],
    metric: Metric,
    *,
    precision: float,
    failed: tuple[int, int] = (0, 0),
) -> Comparison:
    """Return two recipes beside each other.

    Args:
        recipes: Both by what they are called, the first one first.
    """
    (first, one), (second, other) = recipes.items()
    values = [
        (metric.scaled(p.first.value or 0), metric.scaled(p.second.value or 0)) for p in pairs
    ]
    found = _mean([one - other for one, other in values])
    value = found.value if pairs else None
    logs = [
        log(a / b)
        for p in pairs
        if (a := _per_epoch(p.first)) > 0 and (b := _per_epoch(p.second)) > 0
    ]
    return Comparison(
        first,
        second,
        tuple(differing(one, other)),
        tuple(pairs),
        value,
        found.low,
        found.high,
        verdict_of(value, found.low, found.high, precision, larger=metric.larger),
        exp(median(logs)) if logs else None,
        precision,
        metric,
        failed,
    )


def curves(
    pairs: Sequence[Pair], reports: Mapping[str, Reports], metric: Metric
) -> list[CurvePoint]:
    """Return the mean curves of two recipes and their difference, epoch by epoch.

    Args:
        reports: By study, then by trial number.
    """
    both = [
        (
            {
                report.epoch: report.value
                for report in reports[p.first.study].get(p.first.number, ())
            },
            {
                report.epoch: report.value
                for report in reports[p.second.study].get(p.second.number, ())
            },
        )
        for p in pairs
    ]
    found = []
    for epoch in sorted({epoch for first, _ in both for epoch in first}):
        here = [(a[epoch], b[epoch]) for a, b in both if epoch in a and epoch in b]
        if here:
            firsts, seconds = map(list, zip(*here, strict=True))
            apart = _mean([metric.scaled(a) - metric.scaled(b) for a, b in here])
            found.append(
                CurvePoint(
                    epoch,
                    float(np.mean(firsts)),
                    float(np.mean(seconds)),
                    apart.value,
                    apart.low,
                    apart.high,
                    len(here),
                )
            )
    return found


def _mean(differences: Sequence[float]) -> Estimate:
    if not differences:
        return Estimate(0.0)
    values = np.array([differences], dtype=np.float64)
    found = Fit(np.ones((len(differences), 1))).coefficient(0, values)
    if found.low is None and len(set(differences)) == 1 and len(differences) > 1:
        return Estimate(found.value, found.value, found.value)
    return found


def _per_epoch(trial: TrialRow) -> float:
    return trial.seconds / trial.epochs if trial.epochs else 0.0


def _plain(recipe: Recipe) -> str:
    data = recipe.data.model_copy(update={"fingerprint": ""})
    return recipe.model_copy(update={"seed": 0, "data": data}).digest()


def _settings(recipe: Recipe) -> Iterator[tuple[str, Any]]:
    """Give every setting of a recipe by its name, those of tricks last."""
    for name in Recipe.model_fields:
        value = getattr(recipe, name)
        if name == "data":
            yield from ((f"data.{k}", v) for k, v in value if k != "fingerprint")
        elif name == "architecture_settings":
            yield from ((f"{recipe.architecture}.{k}", v) for k, v in value.items())
        elif name == "code":
            yield from ((f"code of {unit}", digest) for unit, digest in value.items())
        elif name not in ("seed", "tricks"):
            yield name, value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    for trick, settings in sorted(recipe.tricks.items()):
        yield trick, "on"
        yield from ((f"{trick}.{name}", value) for name, value in settings.items())
