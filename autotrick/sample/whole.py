"""A recorded study as a whole study of Optuna's, in memory or in a storage of its own; and back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import optuna
from optuna.distributions import BaseDistribution
from optuna.exceptions import DuplicatedStudyError, StorageInternalError
from optuna.storages import InMemoryStorage, get_storage
from optuna.trial import FrozenTrial, TrialState

from autotrick.errors import RecordsError
from autotrick.recipe import EpochReport
from autotrick.sample.chooser import empty_study, noted
from autotrick.sample.history import Row
from autotrick.sample.importance import STATES
from autotrick.space import SearchSpace

__all__ = ["StorageInternalError", "whole_study"]


class Recorded(Row, Protocol):
    """A trial with what Optuna has a place for."""

    @property
    def digest(self) -> str: ...

    @property
    def origin(self) -> str: ...

    @property
    def created(self) -> datetime: ...

    @property
    def finished(self) -> datetime | None: ...


class Whole(Protocol):
    """A trial with its epochs."""

    @property
    def trial(self) -> Recorded: ...

    @property
    def reports(self) -> Sequence[EpochReport]: ...


def whole_study(
    space: SearchSpace, trials: Iterable[Whole], *, name: str, storage: str | None = None
) -> optuna.Study:
    """Return recorded trials as a study of Optuna's, with every epoch.

    Args:
        trials: In order of their number, from 0 without gaps.
        storage: URL of an Optuna storage to write to; None for memory.

    Raises:
        RecordsError: The storage has a study of that name.
        SpaceError: A recipe is not of this space.
    """
    place = InMemoryStorage() if storage is None else get_storage(storage)
    try:
        study = empty_study(place, name, None)
    except DuplicatedStudyError as error:
        raise RecordsError(
            f"the Optuna storage has a study {name!r} already. Delete that one first."
        ) from error
    known: dict[str, BaseDistribution] = {}
    study.add_trials(_frozen(space, record, known) for record in trials)
    return study


def _frozen(space: SearchSpace, record: Whole, known: dict[str, BaseDistribution]) -> FrozenTrial:
    row = record.trial
    answers, distributions = noted(space, row.recipe, known)
    state = STATES[row.state] if row.value is not None else _without_value(row)
    has_value = state in (TrialState.COMPLETE, TrialState.PRUNED)
    facts: dict[str, Any] = {"recipe": row.digest, "origin": row.origin}
    return FrozenTrial(
        number=row.number,
        trial_id=row.number,
        state=state,
        value=row.value if has_value else None,
        datetime_start=_local(row.created),
        datetime_complete=_local(row.finished) if row.finished else None,
        params=answers,
        distributions=distributions,
        user_attrs=facts | ({"reason": row.reason} if row.reason else {}),
        system_attrs={},
        intermediate_values={report.epoch: report.accuracy for report in record.reports},
    )


def _without_value(row: Recorded) -> TrialState:
    """Return the state of a trial that has reported nothing: it can only run, or have failed."""
    return TrialState.FAIL if row.finished else TrialState.RUNNING


def _local(moment: datetime) -> datetime:
    """Return a moment as Optuna keeps it: in this machine's zone, without saying so."""
    return moment.astimezone().replace(tzinfo=None)
