"""Trials of Optuna and Ray Tune as recorded trials, given a space that says what their parameters mean.

A recipe holds everything that decides a result; another tool's trial holds only what was varied. The space
supplies the rest: what is fixed, and what each parameter means. Parameters that the space does not have are
an error, because the recipe could not show that the trial depended on them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite, isnan, nan
from pathlib import Path
from typing import Any

from autotrick.errors import NotFoundError, RecordsError, SpaceError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import TrialRecord, TrialRow
from autotrick.records.rows import FinalState
from autotrick.sample.optuna_import import ForeignTrial, UndecidedError, recipe_of
from autotrick.space import SearchSpace
from autotrick.tasks import Metric
from autotrick.user_files import parse_json, read_json

_TIMES = ("timestamp", "time_this_iter_s", "time_total_s")
_CENTURIES = 1e10


def ray_trials(folder: Path, metric: str) -> list[ForeignTrial]:
    """Return the trials of a Ray Tune experiment, in the order in which they started.

    Only JSON files and the times of failures are read; unpickling other files would execute code.

    Args:
        folder: The experiment's folder, which has a folder for each trial.
        metric: Key under which values were reported, once per epoch.

    Raises:
        NotFoundError: There are no trials in the folder.
        RecordsError: A file is damaged, or reports lack the metric.
    """
    try:
        # Trials of a searcher have random names.
        found = [_ray_trial(path.parent, metric) for path in sorted(folder.glob("*/params.json"))]
    except OSError as error:
        raise RecordsError(
            f"{error.filename or folder} cannot be read: {error.strerror or error}."
        ) from error
    if not found:
        raise NotFoundError(f"no trials of Ray Tune in {folder}: no */params.json.")
    return sorted(found, key=lambda trial: trial.created)


def trial_records(space: SearchSpace, trials: Iterable[ForeignTrial]) -> Iterator[TrialRecord]:
    """Yield another tool's trials as the database takes them, numbered from 0.

    A trial that failed without a report, before all its parameters were decided, is left out because it
    does not make a recipe.

    Raises:
        SpaceError: Parameters do not belong to the space, or a trial has more epochs than its recipe.
        RecordsError: Values are not of the metric that the space looks for.
    """
    number = 0
    for trial in trials:
        try:
            recipe = recipe_of(space, trial.params)
        except SpaceError as error:
            if trial.state == "failed" and not trial.curve and isinstance(error, UndecidedError):
                continue
            raise SpaceError(f"trial {trial.label}: {error}") from error
        yield _record(number, trial, recipe, space.objective.metric)
        number += 1


def _record(number: int, trial: ForeignTrial, recipe: Recipe, metric: Metric) -> TrialRecord:
    """Return another tool's trial as the database takes it.

    What the other tool did not record stays unknown: losses and learning rates are NaN, and there are no
    weights. A trial that ended before the recipe's last epoch counts as pruned.
    """
    curve = {epoch: value for epoch, value in trial.curve.items() if not isnan(value)}
    if max(curve, default=0) > recipe.epochs:
        raise SpaceError(
            f"trial {trial.label}: it reported epoch {max(curve)}, but the space gives it "
            f"{recipe.epochs} epochs. Set the number of epochs in the space."
        )
    if curve and min(curve) < 1:
        raise SpaceError(
            f"trial {trial.label}: steps must be epochs counted from 0 or 1, but it reported other steps."
        )
    if not curve and trial.value is not None:
        curve = {recipe.epochs: trial.value}
    last = curve[max(curve)] if curve and trial.value is None else trial.value
    state = trial.state or ("complete" if max(curve, default=0) >= recipe.epochs else "pruned")
    row = TrialRow(
        id=0,
        study="",
        number=number,
        state=_state(state, curve),
        recipe=recipe,
        digest=recipe.digest(),
        origin=f"imported: {trial.label}",
        value=None if last is None else _possible(metric, trial, last),
        epochs=max(curve, default=0),
        seconds=trial.seconds,
        attempts=0,
        parameters=None,
        weights=None,
        reason=None,
        created=trial.created,
        finished=trial.finished,
        metric=metric.name,
    )
    each = trial.seconds / max(1, len(curve))
    reports = tuple(_report(metric, trial, epoch, curve[epoch], each) for epoch in sorted(curve))
    return TrialRecord(row, reports, ())


def _state(state: str, curve: Mapping[int, float]) -> FinalState:
    """Return the state; a trial without any value has failed, whatever the tool calls it."""
    found: dict[str, FinalState] = {"complete": "complete", "pruned": "pruned"}
    return found.get(state, "failed") if curve else "failed"


def _possible(metric: Metric, trial: ForeignTrial, value: float) -> float:
    if isfinite(value) and metric.possible(value):
        return value
    article = "an" if metric.title[0] in "aeiou" else "a"
    raise RecordsError(
        f"trial {trial.label}: {article} {metric.title} must be {metric.range}, but got {value:g}. Other "
        "metrics and percentages cannot be imported."
    )


def _report(
    metric: Metric, trial: ForeignTrial, epoch: int, value: float, seconds: float
) -> EpochReport:
    return EpochReport(
        epoch=epoch,
        metrics={metric.name: _possible(metric, trial, value)},
        loss=nan,
        train_loss=nan,
        lr=nan,
        seconds=seconds,
        weights="",
    )


def _ray_trial(folder: Path, metric: str) -> ForeignTrial:
    params = _json(folder / "params.json")
    results = list(_results(folder / "result.json", metric))
    times = [result["timestamp"] for result in results]
    started = folder.stat().st_mtime if not times else times[0] - results[0]["time_this_iter_s"]
    return ForeignTrial(
        label=f"ray {folder.name[:40]}",
        params=_flat(params),
        state="failed" if _failed(folder, results) else "",
        value=None,
        curve=_curve(results, metric),
        seconds=results[-1]["time_total_s"] if results else 0.0,
        created=datetime.fromtimestamp(started, UTC),
        finished=datetime.fromtimestamp(max(times, default=started), UTC),
    )


def _failed(folder: Path, results: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a trial ended with a failure; after a failure it may have been restarted."""
    try:
        errors = (folder / "error.txt").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return False
    # One clock writes them in one format, so the later moment is the greater text.
    moments = re.findall(r"^Failure # \d+ \(occurred at ([\d_-]+)\)", errors, re.MULTILINE)
    return not moments or not results or max(moments) >= results[-1]["date"]


def _curve(results: Iterable[Mapping[str, Any]], metric: str) -> dict[int, float]:
    """Return the values by epoch; if the trial was restarted, those of the last run."""
    curve: dict[int, float] = {}
    for result in results:
        epoch = result["training_iteration"]
        curve = {e: value for e, value in curve.items() if e < epoch} | {epoch: result[metric]}
    return curve


def _json(path: Path) -> dict[str, Any]:
    found = read_json(path, RecordsError)
    if not isinstance(found, dict):
        raise RecordsError(f"{path} is not what Ray Tune writes: it does not hold an object.")
    return found


def _results(path: Path, metric: str) -> Iterator[dict[str, Any]]:
    """Yield the reports of a trial; the last line may be cut off because a process was killed."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    lines = text.splitlines(keepends=True)
    for i, line in enumerate(line for line in lines if line.endswith("\n")):
        try:
            result = parse_json(line, f"report {i + 1}", RecordsError)
            kept = {key: _seconds(key, result[key]) for key in _TIMES}
            kept["training_iteration"] = _counted(result["training_iteration"])
            yield kept | {"date": str(result.get("date", "")), metric: float(result[metric])}
        except (KeyError, TypeError, ValueError, OverflowError, RecordsError) as error:
            raise RecordsError(
                f"{path}: report {i + 1} has no metric {metric!r}, or is not Ray Tune's: {error}. "
                "Name the metric with --metric."
            ) from error


def _seconds(name: str, value: Any) -> float:
    """Return a duration, or a time since 1970, in seconds; raise ValueError beyond 300 years."""
    seconds = float(value)
    if not 0 <= seconds < _CENTURIES:
        raise ValueError(f"{name} is {seconds:g}")
    return seconds


def _counted(value: Any) -> int:
    epoch = int(value)
    if epoch < 1:
        raise ValueError(f"epochs are counted from 1, but got {epoch}")
    return epoch


def _flat(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested parameters under dotted names, as in spaces."""
    found: dict[str, Any] = {}
    for name, value in params.items():
        if isinstance(value, dict):
            found |= {f"{name}.{key}": entry for key, entry in _flat(value).items()}
        else:
            found[name] = value
    return found
