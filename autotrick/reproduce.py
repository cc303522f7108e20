"""Run a recorded trial again and compare the weights bit for bit; if they differ, say why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isclose, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotrick import records, trusted_code, trusted_locations
from autotrick.errors import DataError, NotFoundError
from autotrick.own_code import CodeRecord, registry
from autotrick.recipe import DataRef, EpochReport, Recipe
from autotrick.records import AttemptRow, Database
from autotrick.tasks import ACCURACY, metric_of

if TYPE_CHECKING:
    from autotrick.data import Dataset, Facts
    from autotrick.train import Observer

_MATTER = (
    *("autotrick", "commit", "dirty", "python", "torch", "torchvision", "timm", "numpy", "numba"),
    *("cuda", "device", "gpu", "processor", "vectors"),
)
"""What may change weights. A host's name and its kernel are recorded too, but do not."""

_LIBRARIES = {"torch", "torchvision", "timm", "numpy", "numba", "python"}
_CODE = {"autotrick", "commit", "dirty"}
_EXPLAINS = (
    (_CODE, "another version of autotrick may train or evaluate otherwise: see its CHANGELOG"),
    (_LIBRARIES, "other library versions may add in another order, or draw other numbers"),
    (
        {"processor", "vectors", "device", "gpu", "cuda"},
        "another processor or GPU adds floating-point numbers in another order",
    ),
)
"""What a change of the environment explains."""
_RELATIVE = 0.05
"""Tolerance of a metric that is not a share, as a share of its value."""

_EVALUATED_OTHERWISE = {
    "random_crop": "random_crop is evaluated on the middle of the images in this version, where a "
    "version of November 2026 shrank whole images"
}
"""Tricks whose evaluation was mended, and how; recorded trials may still have the old values."""


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """A metric of a trial and of its repetition, after the last epoch of both.

    Attributes:
        tolerance: Largest difference that counts as equal where another machine or other libraries
            explain it. Of a share of images: twice the standard error of the difference of two
            trainings, for the images of the validation split. Of others: 5 % of the value.
        within: Whether the difference is at most that.
    """

    name: str
    recorded: float
    value: float
    tolerance: float
    within: bool


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
        explanations: Sentences on what the changes in `differences` can do, if weights differ.
        comparisons: Every metric and the loss.
        recorded_value_here: The study's metric of the recorded weights as evaluated here; None without
            a checkpoint.
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
    explanations: tuple[str, ...] = ()
    comparisons: tuple[MetricComparison, ...] = ()
    recorded_value_here: float | None = None


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What is on record of a trial, in a database or a bundle.

    Attributes:
        reports: At least one.
        environment: Where it ran; empty if unknown.
        code_changes: Sentences on what has changed of the user's own code.
    """

    number: int
    recipe: Recipe
    metric: str
    reports: Sequence[EpochReport]
    environment: Mapping[str, Any]
    code_changes: Sequence[str] = ()


OnEpoch = Callable[[EpochReport, EpochReport], None]
"""Called with each epoch's recorded report and the new one."""


def reproduce(  # noqa: PLR0913 -- what to repeat, where its parts are, and how to go about it
    database: Database,
    study: str,
    number: int,
    *,
    data_dir: Path | str | None = None,
    cache: Path | str | None = None,
    code: Path | str | None = None,
    on_epoch: OnEpoch | None = None,
    observer: "Observer | None" = None,
) -> Reproduction:
    """Train a recorded recipe again, up to its last recorded epoch.

    Args:
        data_dir: None takes the study's.
        cache: None uses the study's data cache.
        code: Folder of the user's own code that the study names; None takes the recorded one, if the user
            has searched with that code.
        on_epoch: Called with each epoch's recorded report and the new one.
        observer: Looks on, as in `autotrick.train`.

    Raises:
        CodeError: The study names code that cannot be imported, or that the user has not consented to.
        NotFoundError: There is no such trial, or it ended before its first epoch was over.
        DataError: The data set is missing, or not the one that the study was made with.
        ResourceError: The device is missing, or too few threads are available.
        TrainingError: Training failed.
    """
    from autotrick.data import load

    row = records.trial(database, study, number)
    reports = records.reports(database, study, numbers=[number]).get(number, [])
    if not reports:
        why = f" ({row.reason})" if row.reason else ""
        message = (
            f"trial {number} of study {study!r} is {row.state}{why} and has no epoch on record"
        )
        raise NotFoundError(f"{message}: there is nothing to compare with.")
    held = records.study(database, study)
    recorded_places = held.settings.resources or {}
    record = trusted_code.recorded_code(held.space)
    recipe, code_changes = _with_code(row.recipe, record, study, _path_of(code))
    data = load(
        row.recipe.data,
        data_dir=data_dir or _path_of(recorded_places.get("data_dir")),
        cache_dir=cache or trusted_locations.own_folder(recorded_places, "cache"),
    )
    before = _last_environment(records.attempts(database, study, number))
    recorded = _Recorded(number, recipe, row.metric, reports, before, code_changes)
    return _train_again(recorded, data, on_epoch, observer)


def reproduce_bundle(
    path: Path | str,
    *,
    data_dir: Path | str | None = None,
    cache: Path | str | None = None,
    code: Path | str | None = None,
    on_epoch: OnEpoch | None = None,
    observer: "Observer | None" = None,
) -> Reproduction:
    """Train the recipe of a bundle, which `autotrick bundle` wrote on another machine.

    Args:
        data_dir: Folder of the data sets. Where the recipe names a folder or a file by a path that is not
            on this machine, it is looked for here by its last name, or `data_dir` itself is taken.
        cache: None uses the user's data cache.
        code: Folder of the code that the bundle names, which is imported only from there, or if the user
            has searched with it on this machine.
        on_epoch: Called with each epoch's recorded report and the new one.
        observer: Looks on, as in `autotrick.train`.

    Raises:
        CodeError: The bundle names code that cannot be imported, or that the user has not consented to.
        NotFoundError: There is no such file.
        RecordsError: It is not a bundle, or is damaged.
        DataError: The data set is missing or another one; the message says what differs.
        ResourceError: The device is missing, or too few threads are available.
        TrainingError: Training failed.
    """
    from autotrick.export.bundle import read_bundle
    from autotrick.train.score_checkpoint import score_checkpoint

    with read_bundle(Path(path)) as bundle:
        row = bundle.record.trial
        recipe, changes = _with_code(row.recipe, bundle.code, bundle.study, _path_of(code))
        data = _data_of(row.recipe.data, bundle.facts, _path_of(data_dir), _path_of(cache))
        before = _last_environment(list(bundle.record.tries))
        reports = bundle.record.reports
        recorded = _Recorded(row.number, recipe, bundle.metric, reports, before, changes)
        found = _train_again(recorded, data, on_epoch, observer)
        if bundle.checksum is None or changes:
            return found
        with bundle.checkpoint() as inside:
            here = score_checkpoint(inside, data, data.validation)
        return replace(found, recorded_value_here=here.metrics[bundle.metric])


def _train_again(
    recorded: _Recorded,
    data: "Dataset",
    on_epoch: OnEpoch | None,
    observer: "Observer | None" = None,
) -> Reproduction:
    from autotrick.train import Snapshot, environment, train

    recipe, reports = recorded.recipe, recorded.reports
    device = str(recorded.environment.get("device", "cpu"))
    # What was imported may have its last epoch on record alone.
    by_epoch = {report.epoch: report for report in reports}

    def compare(snapshot: Snapshot) -> bool:
        found = snapshot.reports[-1]
        if on_epoch and found.epoch in by_epoch:
            on_epoch(by_epoch[found.epoch], found)
        return True

    until = reports[-1].epoch
    result = train(recipe, data, until=until, on_epoch=compare, device=device, observer=observer)
    changes = _changed(recorded.environment, environment(device))
    apart = _first_apart(by_epoch, result.reports)
    evaluation = _other_evaluation(recipe, by_epoch, result.reports)
    said = [*recorded.code_changes, *_changes(recorded.environment, changes)]
    sentences = (*said, apart, evaluation)
    return Reproduction(
        trial=recorded.number,
        identical=apart is None,
        recorded_weights=reports[-1].weights,
        weights=result.weights,
        recorded_value=reports[-1].metrics[recorded.metric],
        value=result.metrics[recorded.metric],
        metric=recorded.metric,
        differences=tuple(sentence for sentence in sentences if sentence),
        explained=bool(said or evaluation),
        explanations=_explanations(changes) if apart else (),
        comparisons=_comparisons(reports[-1], result.reports[-1], len(data.validation)),
    )


def _comparisons(
    recorded: EpochReport, found: EpochReport, images: int
) -> tuple[MetricComparison, ...]:
    """Return the metrics and the loss of both; a bundle's may have others than this version."""
    pairs = [
        (name, value, found.metrics[name])
        for name, value in recorded.metrics.items()
        if name in found.metrics
    ]
    pairs.append(("loss", recorded.loss, found.loss))
    made = []
    for name, old, new in pairs:
        tolerance = _tolerance(name, old, images)
        made.append(MetricComparison(name, old, new, tolerance, abs(new - old) <= tolerance))
    return tuple(made)


def _tolerance(name: str, value: float, images: int) -> float:
    """Return how far a metric may be from its recorded value on another machine."""
    metric = metric_of(name)
    if name == "loss" or (metric.least, metric.most) != (0, 1):
        return _RELATIVE * abs(value)
    # With one right and one wrong image more, so that 0 and 1 have a tolerance too.
    share = (value * images + 1) / (images + 2)
    return 2 * sqrt(2 * share * (1 - share) / images)


def _data_of(
    ref: DataRef, facts: "Facts | None", data_dir: Path | None, cache: Path | None
) -> "Dataset":
    """Return the data set of a bundle.

    Raises:
        DataError: It is missing or another one; the message says what differs.
    """
    from autotrick.data import load

    placed = _placed(ref, data_dir)
    try:
        return load(placed, data_dir=data_dir, cache_dir=cache)
    except DataError as error:
        apart = _facts_apart(placed, facts, data_dir, cache)
        if not apart:
            raise
        raise DataError(f"{error} What differs: {'; '.join(apart)}.") from None


def _placed(ref: DataRef, data_dir: Path | None) -> DataRef:
    """Return a reference to files that are elsewhere on this machine."""
    kind, _, named = ref.name.partition(":")
    path = Path(named)
    if data_dir is None or not path.is_absolute() or path.exists():
        return ref
    inside = data_dir / path.name
    return ref.model_copy(
        update={"name": f"{kind}:{(inside if inside.exists() else data_dir).absolute()}"}
    )


def _facts_apart(
    ref: DataRef, facts: "Facts | None", data_dir: Path | None, cache: Path | None
) -> list[str]:
    """Return in words how the data set here differs from that of a bundle, if one is here."""
    from autotrick.data import describe, load

    try:
        options = ref.model_copy(update={"fingerprint": ""})
        here = describe(load(options, data_dir=data_dir, cache_dir=cache))
    except DataError:
        return []
    if facts is None:
        return []
    found = []
    for what, was, now in (
        ("classes", list(facts.classes), list(here.classes)),
        ("shape of images", facts.shape, here.shape),
        ("version of decoding", facts.decoding, here.decoding),
    ):
        if was != now:
            found.append(f"{what}: {was} recorded, {now} here")
    for split in facts.counts.keys() & here.counts.keys() if not found else ():
        for name, was_, now_ in zip(
            facts.classes, facts.counts[split], here.counts[split], strict=True
        ):
            if was_ != now_:
                found.append(f"{split} images of {name}: {was_:,} recorded, {now_:,} here")
    return found or ["not the counts of classes, so the pixels, the labels or the split"]


def _explanations(changes: Sequence[tuple[str, Any, Any]]) -> tuple[str, ...]:
    changed = {name for name, _, _ in changes}
    return tuple(
        f"{', '.join(sorted(changed & names))}: {sentence}"
        for names, sentence in _EXPLAINS
        if changed & names
    )


def _path_of(path: Path | str | None) -> Path | None:
    return Path(path) if path else None


def _with_code(
    recipe: Recipe, record: CodeRecord, study: str, folder: Path | None
) -> tuple[Recipe, list[str]]:
    """Return a recipe with the code of today, and sentences on what has changed of it."""
    changed = trusted_code.bring(record, study=study, folder=folder)
    today = {unit: registry.unit_digest(unit) or digest for unit, digest in recipe.code.items()}
    said = [f"your own code differs: {trusted_code.sentence_on(changed)}"] if changed else []
    return recipe.model_copy(update={"code": today}), said


def _last_environment(attempts: list[AttemptRow]) -> Mapping[str, Any]:
    known = [attempt.environment for attempt in attempts if attempt.environment]
    return known[-1] if known else {}


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return name, recorded and present value of all that may change weights and did change."""
    return [
        (name, before[name], now.get(name))
        for name in _MATTER
        if name in before and before[name] != now.get(name)
    ]


def _changes(before: Mapping[str, Any], changes: Sequence[tuple[str, Any, Any]]) -> list[str]:
    if not before:
        return ["where the trial ran is not on record"]
    return [f"{name} was {was} and is {now}" for name, was, now in changes]


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
