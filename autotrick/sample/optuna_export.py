"""A recorded study as a study of Optuna, in memory or in an Optuna storage."""

import os
import socket
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

import optuna
from optuna.distributions import BaseDistribution
from optuna.exceptions import DuplicatedStudyError, ExperimentalWarning, StorageInternalError
from optuna.storages import BaseStorage, InMemoryStorage, get_storage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from autotrick.domain import Scalar
from autotrick.errors import RecordsError
from autotrick.measures import MEASURES
from autotrick.objective import Objective
from autotrick.recipe import EpochReport
from autotrick.sample.batch_halving import HalvedRecipes
from autotrick.sample.observations import RecordedTrial
from autotrick.sample.optuna_bridge import decisions_of, empty_study
from autotrick.sample.optuna_study import STATES
from autotrick.space import SearchSpace

__all__ = ["MARK", "StorageInternalError", "unfinished", "whole_study"]

MARK = "autotrick"
"""The attribute of an exported study: the process that writes it, or that it is finished."""
_WHOLE = "whole"


class TrialDetails(RecordedTrial, Protocol):
    """A recorded trial with all that an Optuna study can hold."""

    @property
    def digest(self) -> str: ...

    @property
    def origin(self) -> str: ...

    @property
    def created(self) -> datetime: ...

    @property
    def finished(self) -> datetime | None: ...

    @property
    def lr(self) -> float | None: ...


class TrialWithReports(Protocol):
    """A recorded trial with its epochs."""

    @property
    def trial(self) -> TrialDetails: ...

    @property
    def reports(self) -> Sequence[EpochReport]: ...


def whole_study(
    space: SearchSpace, trials: Iterable[TrialWithReports], *, name: str, storage: str | None = None
) -> optuna.Study:
    """Return recorded trials as a study of Optuna, with every epoch; an interrupted one is deleted.

    Its values are those of the space's objective: a metric, the reward, or each of several measures in
    its own direction. A trial with half the batch has the answers of the trial that it replaces.

    Args:
        trials: In order of their number, from 0 without gaps.
        storage: URL of the Optuna storage to write to; None for memory.

    Raises:
        RecordsError: The storage has a study of that name.
        SpaceError: A recipe does not belong to this space.
    """
    place = InMemoryStorage() if storage is None else get_storage(storage)
    _clear(place, name)
    try:
        study = empty_study(place, name, None, _directions(space.objective))
    except DuplicatedStudyError as error:
        raise RecordsError(
            f"the Optuna storage has a study {name!r} already. Delete that one first."
        ) from error
    try:
        if storage is not None:
            study.set_user_attr(MARK, _writer())
        with warnings.catch_warnings(category=ExperimentalWarning, action="ignore"):
            study.set_metric_names(_names(space.objective))
        study.add_trials(_all_frozen(space, trials))
        if storage is not None:
            study.set_user_attr(MARK, _WHOLE)
    except BaseException:
        place.delete_study(study._study_id)
        raise
    return study


def _clear(place: BaseStorage, name: str) -> None:
    """Delete what a killed export left under this name, because it would stop the next one.

    Raises:
        RecordsError: Another process is writing it.
    """
    for study in place.get_all_studies():
        if study.study_name != name:
            continue
        mark = study.user_attrs.get(MARK)
        # Killed before it wrote the mark: the study is empty.
        empty = not study.user_attrs and place.get_n_trials(study._study_id) == 0
        if not (empty or unfinished(mark)):
            return
        if (pid := _alive(mark)) is not None:
            raise RecordsError(f"the study {name!r} is being written there by process {pid}. Wait.")
        place.delete_study(study._study_id)


def unfinished(mark: object) -> bool:
    """Return whether a study's mark says that its export was interrupted."""
    return isinstance(mark, dict)


def _writer() -> dict[str, Any]:
    return {"host": socket.gethostname(), "pid": os.getpid()}


def _alive(mark: object) -> int | None:
    """Return the process of this machine that a mark names, if it is alive and another one."""
    if not isinstance(mark, dict) or mark.get("host") != socket.gethostname():
        return None
    pid = mark.get("pid")
    if not isinstance(pid, int) or pid <= 0 or pid == os.getpid():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except (OSError, OverflowError):
        return pid
    return pid


def _names(objective: Objective) -> list[str]:
    return list(objective.objectives) if objective.reward is None else ["reward"]


def _directions(objective: Objective) -> list[StudyDirection]:
    if objective.reward:
        return [StudyDirection.MAXIMIZE]
    larger = (MEASURES[name].larger for name in objective.objectives)
    return [StudyDirection.MAXIMIZE if more else StudyDirection.MINIMIZE for more in larger]


def _values(objective: Objective, row: TrialDetails) -> list[float] | None:
    """Return a trial's values in the order of the directions; None if they are not known."""
    if objective.single:
        return None if row.value is None else [row.value]
    if row.state != "complete" or objective.value(row.measures) is None:
        return None
    if objective.reward is None:
        return [float(row.measures[name]) for name in objective.objectives]
    score = objective.score(row.measures)
    return None if score is None else [score]


def _all_frozen(space: SearchSpace, trials: Iterable[TrialWithReports]) -> Iterator[FrozenTrial]:
    known: dict[str, BaseDistribution] = {}
    halves = HalvedRecipes(space)
    for record in trials:
        row = record.trial
        yield _frozen(space, record, decisions_of(space, halves.original_recipe(row.recipe), known))
        if row.state == "failed":
            halves.record_failure(row.recipe, row.reason)


def _frozen(
    space: SearchSpace,
    record: TrialWithReports,
    decided: tuple[dict[str, Scalar], dict[str, BaseDistribution]],
) -> FrozenTrial:
    row = record.trial
    answers, distributions = decided
    values = _values(space.objective, row)
    state = STATES[row.state]
    if row.value is None or (state == TrialState.COMPLETE and values is None):
        # Optuna accepts no value here for other states.
        state = TrialState.FAIL if row.finished else TrialState.RUNNING
    facts: dict[str, Any] = {"recipe": row.digest, "origin": row.origin, "lr": row.lr}
    facts["accumulation"] = row.recipe.accumulation
    return FrozenTrial(
        number=row.number,
        trial_id=row.number,
        state=state,
        value=None,
        values=values if state in (TrialState.COMPLETE, TrialState.PRUNED) else None,
        datetime_start=_local(row.created),
        datetime_complete=_local(row.finished) if row.finished else None,
        params=answers,
        distributions=distributions,
        user_attrs=facts | ({"reason": row.reason} if row.reason else {}),
        system_attrs={},
        intermediate_values={
            report.epoch: report.metrics[space.objective.metric.name] for report in record.reports
        },
    )


def _local(moment: datetime) -> datetime:
    """Return a moment as Optuna stores it: naive, in this machine's time zone."""
    return moment.astimezone().replace(tzinfo=None)
