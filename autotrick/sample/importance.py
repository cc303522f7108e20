"""Recorded trials as an Optuna study, and which decisions mattered."""

import warnings
from collections.abc import Iterable
from datetime import UTC, datetime
from threading import Lock

import optuna
from optuna.distributions import BaseDistribution
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, TrialState

from autotrick.sample.history import Row
from autotrick.sample.optuna_bridge import empty_study, noted
from autotrick.space import SearchSpace

STATES = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
    "running": TrialState.RUNNING,
    "waiting": TrialState.RUNNING,
}
"""Ours, as Optuna has them. Waiting trials run too: Optuna's own WAITING means that no parameter is decided yet."""

# Which warnings are shown is one setting of the whole process: pages that are asked for at once would
# undo each other's.
_ONE_AT_A_TIME = Lock()


def as_study(space: SearchSpace, rows: Iterable[Row]) -> optuna.Study:
    """Return recorded trials as an in-memory study of Optuna's, in the order of the rows.

    Raises:
        SpaceError: A recipe is not of this space.
    """
    study = empty_study(InMemoryStorage(), space.name, None)
    known: dict[str, BaseDistribution] = {}
    study.add_trials([_frozen(space, row, known) for row in rows])
    return study


def importances(space: SearchSpace, rows: Iterable[Row]) -> dict[str, float]:
    """Return the share of each decision in what separates the best trials from the others.

    PED-ANOVA (Watanabe, Bansal, Hutter, "PED-ANOVA: Efficiently Quantifying Hyperparameter
    Importance in Arbitrary Subspaces", IJCAI 2023), on complete trials, conditional decisions
    included. Shares sum to 1, the largest first; empty when fewer than two complete trials or equal
    values leave nothing to separate.

    Raises:
        SpaceError: A recipe is not of this space.
    """
    complete = [row for row in rows if row.state == "complete"]
    if len({row.value for row in complete}) < 2:
        return {}
    # Loads scikit-learn's forests, seconds that proposing a recipe does without.
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # With few trials the best tenth and all coincide; the shares are then equal, and say so.
        warnings.simplefilter("ignore", UserWarning)
        return get_param_importances(
            as_study(space, complete), evaluator=PedAnovaImportanceEvaluator()
        )


def _frozen(space: SearchSpace, row: Row, known: dict[str, BaseDistribution]) -> FrozenTrial:
    answers, distributions = noted(space, row.recipe, known)
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
