"""Recorded trials as an Optuna study."""

from collections.abc import Iterable
from datetime import UTC, datetime

import optuna
from optuna.distributions import BaseDistribution
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, TrialState

from autotrick.sample.observations import RecordedTrial
from autotrick.sample.optuna_bridge import decisions_of, empty_study
from autotrick.space import SearchSpace

STATES = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
    "running": TrialState.RUNNING,
    "waiting": TrialState.RUNNING,
}
"""Trial states as Optuna names them; its WAITING means that no parameter is decided yet."""


def as_study(space: SearchSpace, rows: Iterable[RecordedTrial]) -> optuna.Study:
    """Return recorded trials as an in-memory study of Optuna, in the order of the rows.

    Raises:
        SpaceError: A recipe does not belong to this space.
    """
    study = empty_study(InMemoryStorage(), space.name, None)
    known: dict[str, BaseDistribution] = {}
    study.add_trials([_frozen(space, row, known) for row in rows])
    return study


def _frozen(
    space: SearchSpace, row: RecordedTrial, known: dict[str, BaseDistribution]
) -> FrozenTrial:
    answers, distributions = decisions_of(space, row.recipe, known)
    state = STATES[row.state]
    worth = None if row.value is None else space.objective.metric.worth(row.value)
    value = worth if state in (TrialState.COMPLETE, TrialState.PRUNED) else None
    now = datetime.now(UTC).replace(tzinfo=None)
    return FrozenTrial(
        number=row.number,
        trial_id=row.number,
        state=state,
        value=value,
        datetime_start=now,
        datetime_complete=now if state.is_finished() else None,
        params=answers,
        distributions=distributions,
        user_attrs={},
        system_attrs={},
        intermediate_values={} if worth is None else {row.epochs: worth},
    )
