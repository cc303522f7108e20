"""Run a recorded trial again and compare the weights bit for bit; if they differ, say why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any

from autotrick import records, trusted_locations
from autotrick.errors import NotFoundError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import AttemptRow, Database
from autotrick.tasks import ACCURACY, metric_of

_MATTER = (
    *("autotrick", "commit", "dirty", "python", "torch", "torchvision", "timm", "numpy", "numba"),
    *("cuda", "device", "gpu", "processor", "vectors"),
)
"""What may change weights. A host's name and its kernel are recorded too, but do not."""

_EVALUATED_OTHERWISE = {
    "random_crop": "random_crop is evaluated on the middle of the images in this version, where a "
    "version of November 2026 shrank whole images"
}
"""Tricks whose evaluation was mended, and how; recorded trials may still have the old values."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A trial and its repetition.

    Attributes:
        trial: The trial's number.
        identical: Whether the weights after every recorded epoch are equal, bit for bit.
        recorded_value: The study's metric on record.
        value: That of the repetition.
        differences: Sentences on what has changed since the trial ran, and on the first epoch that differs.
        metric: Name of the metric that the values are of.
        explained: Whether another machine, other libraries or another evaluation explains a difference.
    """

    trial: int
    identical: bool
    recorded_weights: str
    weights: str
    recorded_value: float
    value: float
    differences: tuple[str, ...]
    explained: bool
    metric: str = ACCURACY.name


def reproduce(
    database: Database,
    study: str,
    number: int,
    *,
    data_dir: Path | str | None = None,
    cache: Path | str | None = None,
    on_epoch: Callable[[EpochReport, EpochReport], None] | None = None,
) -> Reproduction:
    """Train a recorded recipe again, up to its last recorded epoch.

    Args:
        data_dir: None takes the study's.
        cache: None uses the study's data cache.
        on_epoch: Called with each epoch's recorded report and the new one.

    Raises:
        NotFoundError: There is no such trial, or it ended before its first epoch was over.
        DataError: The data set is missing, or not the one that the study was made with.
        ResourceError: The device is missing, or too few threads are available.
        TrainingError: Training failed.
    """
    from autotrick.data import load
    from autotrick.train import Snapshot, environment, train

    row = records.trial(database, study, number)
    recorded = records.reports(database, study, numbers=[number]).get(number, [])
    if not recorded:
        why = f" ({row.reason})" if row.reason else ""
        message = (
            f"trial {number} of study {study!r} is {row.state}{why} and has no epoch on record"
        )
        raise NotFoundError(f"{message}: there is nothing to compare with.")
    recorded_places = records.study(database, study).settings.resources or {}
    data = load(
        row.recipe.data,
        data_dir=data_dir or _path(recorded_places.get("data_dir")),
        cache_dir=cache or trusted_locations.own_folder(recorded_places, "cache"),
    )
    before = _last_environment(records.attempts(database, study, number))
    device = str(before.get("device", "cpu"))

    # What was imported may have its last epoch on record alone.
    by_epoch = {report.epoch: report for report in recorded}

    def compare(snapshot: Snapshot) -> bool:
        found = snapshot.reports[-1]
        if on_epoch and found.epoch in by_epoch:
            on_epoch(by_epoch[found.epoch], found)
        return True

    until = recorded[-1].epoch
    result = train(row.recipe, data, until=until, on_epoch=compare, device=device)
    changes = _changes(before, environment(device))
    apart = _first_apart(by_epoch, result.reports)
    evaluation = _other_evaluation(row.recipe, by_epoch, result.reports)
    return Reproduction(
        trial=number,
        identical=apart is None,
        recorded_weights=recorded[-1].weights,
        weights=result.weights,
        recorded_value=recorded[-1].metrics[row.metric],
        value=result.metrics[row.metric],
        metric=row.metric,
        differences=tuple(sentence for sentence in (*changes, apart, evaluation) if sentence),
        explained=bool(changes or evaluation),
    )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _last_environment(attempts: list[AttemptRow]) -> Mapping[str, Any]:
    known = [attempt.environment for attempt in attempts if attempt.environment]
    return known[-1] if known else {}


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    if not before:
        return ["where the trial ran is not on record"]
    return [
        f"{name} was {before[name]} and is {now.get(name)}"
        for name in _MATTER
        if name in before and before[name] != now.get(name)
    ]


def _other_evaluation(
    recipe: Recipe, recorded: Mapping[int, EpochReport], found: tuple[EpochReport, ...]
) -> str | None:
    """Return a sentence on why equal weights have other values; None if nothing explains it.

    Args:
        recorded: By epoch.
    """
    both = [(recorded[new.epoch], new) for new in found if new.epoch in recorded]
    same = [(old, new) for old, new in both if old.weights == new.weights]
    apart = [old.epoch for old, new in same if not _same_values(old, new)]
    mended = [_EVALUATED_OTHERWISE[name] for name in recipe.tricks if name in _EVALUATED_OTHERWISE]
    if apart:
        why = "; ".join(mended) or "this version evaluates otherwise than the one that recorded it"
        title = metric_of(next(iter(found[0].metrics))).title
        return f"equal weights have another {title} or loss from epoch {apart[0]} on: {why}"
    if mended and "swa" in recipe.tricks and not same:
        return f"swa takes its statistics from what is evaluated, and {'; '.join(mended)}"
    return None


def _same_values(old: EpochReport, new: EpochReport) -> bool:
    return old.metrics == new.metrics and isclose(old.loss, new.loss, rel_tol=1e-5)


def _first_apart(recorded: Mapping[int, EpochReport], found: tuple[EpochReport, ...]) -> str | None:
    """Return a sentence on the first epoch that differs; None if all are equal.

    Args:
        recorded: By epoch.
    """
    for new in found:
        old = recorded.get(new.epoch)
        if old and not old.weights:
            return f"no weights are on record of epoch {old.epoch}: another tool trained the trial"
        if old and old.weights != new.weights:
            return f"weights differ from epoch {old.epoch} on"
    # Tricks that end a trial look at what it came to.
    if len(found) < max(recorded):
        return f"it ended after epoch {len(found)}, and on record after epoch {max(recorded)}"
    return None
