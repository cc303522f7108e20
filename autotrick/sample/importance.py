"""Recorded trials as an Optuna study, and which decisions mattered."""

import warnings
from collections.abc import Iterable
from datetime import UTC, datetime
from threading import Lock

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

# Warning filters belong to the whole process: pages rendered at the same time would undo each
# other's.
_ONE_AT_A_TIME = Lock()


def as_study(space: SearchSpace, rows: Iterable[RecordedTrial]) -> optuna.Study:
    """Return recorded trials as an in-memory study of Optuna, in the order of the rows.

    Raises:
        SpaceError: A recipe does not belong to this space.
    """
    study = empty_study(InMemoryStorage(), space.name, None)
    known: dict[str, BaseDistribution] = {}
    study.add_trials([_frozen(space, row, known) for row in rows])
    return study


def importances(space: SearchSpace, rows: Iterable[RecordedTrial]) -> dict[str, float]:
    """Return the share of each decision in what separates the best trials from the others.

    PED-ANOVA (Watanabe, Bansal, Hutter, "PED-ANOVA: Efficiently Quantifying Hyperparameter
    Importance in Arbitrary Subspaces", IJCAI 2023), on complete trials, conditional decisions
    included. Shares sum to 1, the largest first; empty when fewer than two complete trials or equal
    values leave nothing to separate.

    Raises:
        SpaceError: A recipe does not belong to this space.
    """
    complete = [row for row in rows if row.state == "complete"]
    if len({row.value for row in complete}) < 2:
        return {}
    # Loads scikit-learn's forests, which takes seconds and which proposing a recipe does not need.
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # With few trials the best tenth equals all trials; the shares are then equal.
        warnings.simplefilter("ignore", UserWarning)
        return get_param_importances(
            as_study(space, complete), evaluator=PedAnovaImportanceEvaluator()
        )


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
