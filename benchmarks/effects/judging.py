"""Hold what the analysis says of a recorded study against what is true.

The true effect of a trick is the mean over the trials that the estimate rests on of what switching the
trick alone would change in the true value at the last epoch: on with the settings that it had in these
trials, against off (its slot empty). So a screen is held against the average around its base, over the
other tricks as its design balances them, and a search against the average over the trials that it made:
like with like. Trainings that diverge are left out on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Protocol

import numpy as np

from autotrick.analysis.answer import answer
from autotrick.analysis.combinations import combinations
from autotrick.analysis.effects import Source, TrickEffect, Verdict, effects
from autotrick.analysis.importance import Importance, importance
from autotrick.design.regression import Array
from autotrick.recipe import Recipe
from autotrick.records.rows import TrialRow
from autotrick.space import SearchSpace
from autotrick.tricks import TRICKS
from benchmarks.effects.recording import Study, Truth

TOP = 3


class Known(Truth, Protocol):
    """A truth that says what each recipe and each set of tricks is worth."""

    @property
    def best(self) -> float:
        """Return the highest true value in percent."""

    def kind(self, trick: str) -> str:
        """Return what kind of trick it is."""

    def value(self, recipe: Recipe) -> float | None:
        """Return the true final value in percent; None of a recipe that cannot be, or diverges."""

    def regret(self, tricks: frozenset[str], around: Recipe) -> float:
        """Return by how many points a set of tricks falls short of the best one beside a recipe."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a study says of one trick, and what is true.

    Attributes:
        kind: Of trick.
        true: Its effect at the last epoch, in points.
        effect: As estimated; None without a number.
        low: Lower end of its interval, or None; so is `high`.
        early: Whether it was compared before the last epoch.
    """

    kind: str
    true: float
    effect: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    early: bool

    @property
    def claimed(self) -> int:
        """Return 1 if it is said to help, -1 if it is said to harm, else 0."""
        return {Verdict.HELPS: 1, Verdict.HARMS: -1}.get(self.verdict, 0)


@dataclass(frozen=True, slots=True)
class Shares:
    """How the importances of a study compare with the true shares.

    Attributes:
        rank: Spearman's correlation over all decisions.
        null: Whether something that does nothing is among the first three.
        covered: Share of the intervals that hold the truth.
        half_width: Median, of shares in [0, 1].
    """

    rank: float
    null: bool
    covered: float
    half_width: float


@dataclass(frozen=True, slots=True)
class Judged:
    """All that is held against the truth of one study.

    Attributes:
        regret: Points by which the recommended set of tricks falls short of the best one beside the
            same rate, batch and network: those of the screen, or of the best trial where there is none.
        best_regret: Points by which the true value of the best recorded trial's recipe falls short of
            the best there is.
        epochs: Spent.
        shares: None where no importances are drawn, or their truth is not known.
    """

    cases: Sequence[Case]
    regret: float
    best_regret: float
    epochs: int
    shares: Shares | None


def judged(truth: Known, space: SearchSpace, study: Study) -> Judged:
    """Return what the analysis says of a study, held against the truth.

    Args:
        space: That the study searched.
    """
    found = effects(study.trials, study.reports)
    cases = [case for row in found if (case := _case(truth, study, row))]
    whole = [t for t in study.trials if t.state == "complete" and t.value is not None]
    best = max(whole, key=lambda trial: trial.value or 0.0)
    return Judged(
        cases,
        truth.regret(recommended(study, found), _around(study, found, best)),
        truth.best - (truth.value(best.recipe) or 0.0),
        study.epochs,
        _shares(truth, importance(study.trials, space)),
    )


def recommended(study: Study, found: Sequence[TrickEffect]) -> frozenset[str]:
    """Return the tricks to use: the answer's with a screen, else the combination that comes first."""
    if any(row.source is Source.SCREEN for row in found):
        said = answer(study.trials, study.reports, found=found)
        return frozenset(said.use) if said else frozenset()
    return frozenset(combinations(study.trials, study.reports)[0].tricks)


def _around(study: Study, found: Sequence[TrickEffect], best: TrialRow) -> Recipe:
    """Return the recipe beside which the recommended tricks are used: of a screen, else the best."""
    if any(row.source is Source.SCREEN for row in found):
        return next(trial.recipe for trial in study.trials if trial.phase == "screen")
    return best.recipe


def _case(truth: Known, study: Study, row: TrickEffect) -> Case | None:
    behind = [trial.recipe for trial in _behind(study.trials, row)]
    true = true_effect(truth, row.trick, behind)
    if true is None:
        return None
    kind = truth.kind(row.trick)
    return Case(kind, true, row.effect, row.low, row.high, row.verdict, early=not row.final)


def _behind(trials: Sequence[TrialRow], row: TrickEffect) -> list[TrialRow]:
    """Return the trials that an estimate rests on."""
    screened = [trial for trial in trials if trial.phase == "screen"]
    used = screened if row.source is Source.SCREEN else trials
    return [trial for trial in used if trial.state in ("complete", "pruned")]


def true_effect(truth: Known, trick: str, recipes: Sequence[Recipe]) -> float | None:
    """Return what switching a trick alone changes over these recipes, in points.

    Returns:
        None if no recipe has the trick, or none can be switched.
    """
    settings = [recipe.tricks[trick] for recipe in recipes if trick in recipe.tricks]
    if not settings:
        return None
    changes = []
    for i, recipe in enumerate(recipes):
        others = {name: on for name, on in recipe.tricks.items() if not _rivals(name, trick)}
        own = recipe.tricks.get(trick, settings[i % len(settings)])
        on = truth.value(recipe.model_copy(update={"tricks": others | {trick: own}}))
        off = truth.value(recipe.model_copy(update={"tricks": others}))
        if on is not None and off is not None:
            changes.append(on - off)
    return fmean(changes) if changes else None


def _rivals(name: str, trick: str) -> bool:
    slot = TRICKS[trick].slot
    return name == trick or (slot is not None and TRICKS[name].slot == slot)


def _shares(truth: Known, found: Sequence[Importance]) -> Shares | None:
    true: dict[str, float] | None = getattr(truth, "shares", None)
    if not found or true is None:
        return None
    by_name = {row.name: row for row in found}
    told = [by_name[name].share if name in by_name else 0.0 for name in true]
    first = sorted(found, key=lambda row: -row.share)[:TOP]
    covered = [row.low - 1e-9 <= true.get(row.name, 0.0) <= row.high + 1e-9 for row in found]
    return Shares(
        _spearman(told, list(true.values())),
        any(true.get(row.name, 0.0) == 0.0 for row in first),
        fmean(covered),
        float(np.median([(row.high - row.low) / 2 for row in found])),
    )


def _spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the correlation of the ranks; equal numbers share theirs."""
    a, b = (_ranks(np.asarray(values)) for values in (first, second))
    if min(np.ptp(a), np.ptp(b)) == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _ranks(values: Array) -> Array:
    return np.array([(values < v).sum() + ((values == v).sum() - 1) / 2 for v in values])
