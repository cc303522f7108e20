"""All that a report says about a study, computed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autotrick.analysis.answer import Answer, answer
from autotrick.analysis.combinations import Combination, combinations
from autotrick.analysis.effects import PRECISION, TrickEffect, effects
from autotrick.analysis.importance import LEAST_TRIALS, Importance, importance
from autotrick.analysis.imputation import Epoch
from autotrick.analysis.interactions import Interaction, interactions
from autotrick.analysis.parallel_coordinates import Parallel, parallel
from autotrick.analysis.progress import Curves, History, history, learning_curves
from autotrick.analysis.rungs import RungFindings, rung_epochs, rung_findings
from autotrick.analysis.summary import Summary, always_on, summarize
from autotrick.analysis.tradeoff import Tradeoff, tradeoff
from autotrick.analysis.warm_start import WarmStartOutcome, warm_start
from autotrick.errors import SpaceError
from autotrick.objective import Objective
from autotrick.recipe import EpochReport
from autotrick.records.rows import Point, TrialRow, common_metric
from autotrick.space import Pruning, SearchSpace


@dataclass(frozen=True, slots=True)
class Findings:
    """The numbers behind the figures and the tables.

    Attributes:
        importances: Empty with few trials, when the trials cannot tell of any setting that it matters,
            or when the space is not known.
        answer: None while the study says nothing yet.
        interactions: Empty without a screen.
        importances_unclear: Whether they are empty because the trials cannot tell.
    """

    summary: Summary
    history: History
    effects: list[TrickEffect]
    combinations: list[Combination]
    importances: list[Importance]
    curves: Curves
    rungs: RungFindings
    parallel: Parallel
    tradeoff: Tradeoff
    warm_start: WarmStartOutcome
    answer: Answer | None = None
    interactions: Sequence[Interaction] = ()
    importances_unclear: bool = False


def find(
    trials: Sequence[TrialRow],
    reports: Mapping[int, Sequence[EpochReport]],
    space: SearchSpace | None,
    *,
    heritage: Mapping[str, Any] | None = None,
) -> Findings:
    """Return everything there is to say about a study.

    Args:
        reports: By trial number, in order of epochs.
        space: What was searched; None leaves the importances out.
        heritage: What is recorded that the study took over from earlier ones.
    """
    ranked, unclear = _importances(trials, space)
    metric = space.objective.metric if space else common_metric(trials)
    points = {
        number: [
            Point(report.epoch, report.metrics[metric.name], report.seconds) for report in rows
        ]
        for number, rows in reports.items()
    }
    precision = space.study.precision if space else PRECISION
    always = always_on(trials)
    found = [row for row in effects(trials, points, precision=precision) if row.trick not in always]
    return Findings(
        summarize(trials),
        history(trials),
        found,
        combinations(trials, points),
        ranked,
        learning_curves(trials, reports),
        rungs(trials, points, space.pruning if space else Pruning()),
        parallel(trials, first=[row.name for row in ranked]),
        tradeoff(trials, space.objective if space else Objective()),
        warm_start(heritage or {}, trials, space),
        answer(trials, points, precision=precision, found=found),
        interactions(trials, points),
        importances_unclear=unclear,
    )


def rungs(
    trials: Sequence[TrialRow], reports: Mapping[int, Sequence[Epoch]], pruning: Pruning
) -> RungFindings:
    """Return what the rungs of a study foretell; also of one that stops no trial."""
    last = max((trial.recipe.epochs for trial in trials), default=1)
    return rung_findings(trials, reports, rung_epochs(pruning.first, pruning.factor, last))


def _importances(
    trials: Sequence[TrialRow], space: SearchSpace | None
) -> tuple[list[Importance], bool]:
    """Return the importances, and whether there are none because the trials cannot tell."""
    if space is None:
        return [], False
    try:
        ranked = importance(trials, space)
    except SpaceError:
        # The recipes are of an older version of the space; the rest of the report stands.
        return [], False
    enough = sum(trial.state == "complete" for trial in trials) >= LEAST_TRIALS
    return ranked, enough and not ranked
