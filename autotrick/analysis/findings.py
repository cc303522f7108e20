"""All that a report says about a study, computed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autotrick.analysis.combinations import Combination, combinations
from autotrick.analysis.effects import TrickEffect, effects
from autotrick.analysis.importance import Importance, importance
from autotrick.analysis.progress import Curves, History, history, learning_curves
from autotrick.analysis.summary import Summary, summarize
from autotrick.analysis.varied import Parallel, parallel
from autotrick.errors import SpaceError
from autotrick.recipe import EpochReport
from autotrick.records.rows import TrialRow
from autotrick.space import SearchSpace


@dataclass(frozen=True, slots=True)
class Findings:
    """The numbers behind the figures and the tables.

    Attributes:
        importances: Empty with few trials, or when the space is not known.
    """

    summary: Summary
    history: History
    effects: list[TrickEffect]
    combinations: list[Combination]
    importances: list[Importance]
    curves: Curves
    parallel: Parallel


def find(
    trials: Sequence[TrialRow],
    reports: Mapping[int, Sequence[EpochReport]],
    space: SearchSpace | None,
) -> Findings:
    """Return everything there is to say about a study.

    Args:
        reports: By trial number, in order of epochs.
        space: What was searched; None leaves the importances out.
    """
    ranked = _importances(trials, space)
    return Findings(
        summarize(trials),
        history(trials),
        effects(trials, reports),
        combinations(trials),
        ranked,
        learning_curves(trials, reports),
        parallel(trials, first=[row.name for row in ranked]),
    )


def _importances(trials: Sequence[TrialRow], space: SearchSpace | None) -> list[Importance]:
    if space is None:
        return []
    try:
        return importance(trials, space)
    except SpaceError:
        # The recipes are of an older version of the space; the rest of the report stands.
        return []
