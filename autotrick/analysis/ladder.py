"""What each trick adds to those before it, and how a gain divides between network and tricks.

All recipes of a ladder have the same seeds, so every difference is one of pairs: its mean over seeds
with Student's interval at 95 %. Each is for one difference by itself. What a trick adds depends on
those before it; the effect of a trick among all combinations is what `autotrick tricks` says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median, stdev

from autotrick.design.regression import Estimate, t_quantile
from autotrick.records.rows import TrialRow
from autotrick.tasks import Metric

PURPOSE = "ladder"
"""What such a study is for, as its record says."""
NO_TRICKS = "no tricks"
ALL = "all tricks"
PLUS = "+ "
_TWO = 2


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A recipe of a ladder.

    Attributes:
        label: What it adds, or the other network and whether it has the tricks.
        value: Mean of the study's metric over the seeds; None before the first whole trial.
        gain: What it adds to the recipe before it, in points, over paired seeds; None for the first
            one, and without a pair.
        total: The same over the recipe without tricks.
        cost: Seconds per epoch as a factor of those without tricks; None if unknown.
        parameters: Number of trainable weights; None until known.
        seeds: Number of whole trials.
        failed: Number of failed ones.
    """

    label: str
    value: float | None
    gain: Estimate | None
    total: Estimate | None
    cost: float | None
    parameters: int | None
    seeds: int
    failed: int


@dataclass(frozen=True, slots=True)
class Split:
    """A gain over the plain recipe, divided between another network and the tricks, in points.

    Attributes:
        network: The other network's label.
        by_network: The other network without tricks minus the trial's without.
        by_tricks: The trial's network with all tricks minus it without.
        together: The other network with all tricks minus the trial's without.
        instead: The trial's network with all tricks minus the other one without: whether tricks on
            this network replace that one.
    """

    network: str
    by_network: Estimate | None
    by_tricks: Estimate | None
    together: Estimate | None
    instead: Estimate | None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of a ladder, and its splits.

    Attributes:
        steps: Without tricks, then with one more each.
        others: Other networks without and with all tricks.
    """

    steps: tuple[LadderStep, ...]
    others: tuple[LadderStep, ...]
    splits: tuple[Split, ...]


def ladder_of(labels: Sequence[str], trials: Sequence[TrialRow], metric: Metric) -> Ladder:
    """Return what the trials of a ladder's study say.

    Args:
        labels: Of its recipes, in order.
        trials: Of the study, whose origin is their label.
    """
    values: dict[str, dict[int, float]] = {label: {} for label in labels}
    for trial in trials:
        if trial.state == "complete" and trial.value is not None and trial.origin in values:
            values[trial.origin][trial.recipe.seed] = metric.scaled(trial.value)
    rows = {label: [t for t in trials if t.origin == label] for label in labels}
    own = [label for label in labels if label == NO_TRICKS or label.startswith(PLUS)]
    steps = [
        _step(label, before, values, rows) for label, before in zip(own, ["", *own], strict=False)
    ]
    further = [label for label in labels if label not in own]
    others = [_step(label, "", values, rows) for label in further]
    networks = dict.fromkeys(label.rsplit(": ", 1)[0] for label in further)
    splits = [_split(network, own[-1], values) for network in networks]
    return Ladder(tuple(steps), tuple(others), tuple(splits))


def paired(first: Mapping[int, float], second: Mapping[int, float]) -> Estimate | None:
    """Return the mean of second minus first over the seeds that both have; None without any.

    The interval takes two pairs that differ.
    """
    found = [second[seed] - first[seed] for seed in sorted(first.keys() & second.keys())]
    if not found:
        return None
    mean = fmean(found)
    if len(found) < _TWO or (spread := stdev(found)) == 0:
        return Estimate(mean)
    reach = t_quantile(len(found) - 1) * spread / sqrt(len(found))
    return Estimate(mean, mean - reach, mean + reach)


def _step(
    label: str,
    before: str,
    values: Mapping[str, Mapping[int, float]],
    rows: Mapping[str, Sequence[TrialRow]],
) -> LadderStep:
    whole = [t for t in rows[label] if t.state == "complete" and t.value is not None]
    plain = _seconds(rows[NO_TRICKS])
    mine = _seconds(rows[label])
    return LadderStep(
        label,
        fmean(t.value for t in whole if t.value is not None) if whole else None,
        paired(values[before], values[label]) if before else None,
        None if label == NO_TRICKS else paired(values[NO_TRICKS], values[label]),
        mine / plain if mine and plain else None,
        next((t.parameters for t in whole if t.parameters), None),
        len(whole),
        sum(t.state == "failed" for t in rows[label]),
    )


def _seconds(rows: Sequence[TrialRow]) -> float | None:
    found = [t.seconds / t.epochs for t in rows if t.epochs and t.state == "complete"]
    return median(found) if found else None


def _split(network: str, last: str, values: Mapping[str, Mapping[int, float]]) -> Split:
    plain, tricks = values[NO_TRICKS], values[last]
    other, both = values[f"{network}: {NO_TRICKS}"], values[f"{network}: {ALL}"]
    return Split(
        network,
        by_network=paired(plain, other),
        by_tricks=paired(plain, tricks),
        together=paired(plain, both),
        instead=paired(other, tricks),
    )
