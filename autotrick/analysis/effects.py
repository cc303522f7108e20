"""What each trick changes, with its doubt and its cost.

A verdict rests on whole trials, at the last epoch of their recipes:

1. Where a study has a screen, effects come from its trials alone: their tricks were switched by a
   balanced design and not by what had been seen (`screen_model`). Trials of the search beside them
   would add more bias than they take away doubt.
2. In a study without one, the trials of the search are compared, adjusted for all that varied
   (`search_comparison`). Trials that were stopped early take part through a forecast of their last
   epoch; the effect is that among trials as came to the end. Where less than a fifth did, or too few
   with a trick or without it, its effect is that at the last epoch that at least half of the trials
   reached, and there is no verdict: a trick that starts slowly looks bad early.
3. Trials that diverged are left out and counted (`outcomes`). How often that happens with each trick
   is said beside its effect, and what the effect is with these trials among the others: with the last
   value that they reported, or, where the loss was not a number, with the worst value of the study.
4. Intervals are at 95 %, and for one trick at a time: of twenty tricks that do nothing, one is
   expected to look as if it did. An effect without an interval is not told.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import ceil, exp

from autotrick.analysis.outcomes import Outcome, Reports, outcomes
from autotrick.analysis.screen_model import ScreenModel, screened
from autotrick.analysis.search_comparison import LEAST_SHARE, compare, last_epoch
from autotrick.analysis.trick_effect import PRECISION, Source, TrickEffect, Verdict
from autotrick.design.regression import t_quantile
from autotrick.records.rows import TrialRow, common_metric
from autotrick.tasks import Metric

__all__ = [
    "PRECISION",
    "Reports",
    "Source",
    "TrickEffect",
    "Verdict",
    "common_epoch",
    "effects",
    "screen_of",
]

_ENOUGH = 8
_LEAST_WHOLE = 0.2
"""Share of the trials that must have come to the end: with fewer, those that were stopped are too unlike
them for a forecast (on recorded tables its intervals held the truth in 20 to 75 %)."""
_LEAST_FREEDOM = 2.0


def effects(
    trials: Sequence[TrialRow],
    reports: Reports,
    *,
    epoch: int | None = None,
    precision: float = PRECISION,
) -> list[TrickEffect]:
    """Return the effect of every trick that is on in some trial, most helpful first.

    Those at an earlier epoch come after those, and those without an interval last. The module's docstring gives the method.

    Args:
        trials: Of one study, in any state.
        reports: By trial number, in order of epochs.
        epoch: Compare at this one, counted from 1; None for the last one of each recipe, or as near to
            it as the trials allow.
        precision: Half-width of the interval around 0 in which an effect does not matter, in the unit
            in which people read differences of the metric.
    """
    metric = common_metric(trials)
    names = {name for trial in trials for name in trial.recipe.tricks}
    found = outcomes(trials, reports, metric, epoch)
    rows = _of_screen(found, metric, precision)
    rest = sorted(names - rows.keys())
    if rest:
        aside = {outcome.trial.number for outcome in screened(found)} if rows else set()
        others = [trial for trial in trials if trial.number not in aside]
        rows |= _of_search(rest, others, reports, metric, epoch, precision)
    return sorted(rows.values(), key=lambda row: _order(row, metric))


def _order(row: TrickEffect, metric: Metric) -> tuple[bool, bool, float, str]:
    return row.effect is None, not row.final, -metric.worth(row.effect or 0.0), row.trick


def screen_of(trials: Sequence[TrialRow], reports: Reports) -> ScreenModel | None:
    """Return the model of a study's screen at the last epoch; None if it has no whole trial yet."""
    metric = common_metric(trials)
    return _model(screened(outcomes(trials, reports, metric)), metric)


def _model(found: Sequence[Outcome], metric: Metric) -> ScreenModel | None:
    whole = [outcome for outcome in found if outcome.end and not outcome.diverged]
    model = ScreenModel(whole, metric) if whole else None
    return model if model and model.tricks else None


def _of_screen(
    found: Sequence[Outcome], metric: Metric, precision: float
) -> dict[str, TrickEffect]:
    """Return the effects of the tricks that a screen switches; empty without a screen."""
    trials = screened(found)
    model = _model(trials, metric)
    if model is None:
        return {}
    diverged = [outcome for outcome in trials if outcome.diverged]
    counted = _model(_counted(trials, found, metric), metric) if diverged else None
    last = max(outcome.last.epoch for outcome in trials if outcome.end)
    rows = {}
    for trick in model.tricks:
        on = int(model.on[:, model.tricks.index(trick)].sum())
        row = TrickEffect(trick, on, len(model.trials) - on, 0, last, None, source=Source.SCREEN)
        epochs = max(last, *(trial.recipe.epochs for trial in model.trials))
        row = replace(row, epochs=epochs, precision=precision, larger=metric.larger)
        row = _with_divergence(row, trials)
        with_diverged = counted.effect(trick) if counted and trick in counted.tricks else None
        if with_diverged:
            row = replace(row, effect_with_diverged=with_diverged.value)
        rows[trick] = _measured(row, model)
    return rows


def _measured(row: TrickEffect, model: ScreenModel) -> TrickEffect:
    row = replace(row, against=model.against(row.trick))
    effect = model.effect(row.trick)
    if effect is None or effect.low is None or effect.high is None:
        few = "too few whole trials of the screen yet to tell it apart from the others"
        return replace(row, note=few if effect is None else "too few trials for an interval")
    half = (effect.high - effect.low) / 2
    row = replace(row, effect=effect.value, low=effect.low, high=effect.high)
    row = replace(row, needed=_needed(row, half, len(model.trials), model.freedom))
    cost = model.log_cost(row.trick)
    if cost is None:
        return row
    low, high = (None if end is None else exp(end) for end in (cost.low, cost.high))
    return replace(row, cost=exp(cost.value), cost_low=low, cost_high=high)


def _of_search(
    names: Sequence[str],
    trials: Sequence[TrialRow],
    reports: Reports,
    metric: Metric,
    epoch: int | None,
    precision: float,
) -> dict[str, TrickEffect]:
    """Return the effects of tricks among trials that no design switched."""
    found = outcomes(trials, reports, metric, epoch)
    if epoch is not None:
        return _compared(names, found, metric, epoch, precision)
    rows: dict[str, TrickEffect] = {}
    if _enough_whole(found):
        rows = _compared(names, found, metric, None, precision)
        names = [name for name, row in rows.items() if row.low is None]
    if not names:
        return rows
    early = _earlier_epoch(found)
    then = _compared(names, outcomes(trials, reports, metric, early), metric, early, precision)
    return rows | {name: row for name, row in then.items() if not rows or row.low is not None}


def _enough_whole(found: Sequence[Outcome]) -> bool:
    """Return whether enough trials came to the end for a forecast of the others."""
    kept = [outcome.end is not None for outcome in found if not outcome.diverged]
    return bool(kept) and sum(kept) >= _LEAST_WHOLE * len(kept)


def _compared(
    names: Sequence[str],
    found: Sequence[Outcome],
    metric: Metric,
    epoch: int | None,
    precision: float,
) -> dict[str, TrickEffect]:
    kept = [outcome for outcome in found if not outcome.diverged]
    if not any(outcome.end for outcome in kept):
        return {
            name: TrickEffect(name, 0, 0, 0, epoch or 0, None, note="no reports yet", epochs=1)
            for name in names
        }
    compared = compare(kept, metric, epoch)
    diverged = len(found) - len(kept)
    counted = compare(_counted(found, found, metric), metric, epoch) if diverged else None
    rows = {}
    for name in names:
        row = _with_divergence(compared.effect(name), found)
        row = replace(row, precision=precision, larger=metric.larger)
        if row.low is not None and row.high is not None:
            total = row.num_with + row.num_without
            needed = _needed(row, (row.high - row.low) / 2, total, total - len(names))
            row = replace(row, needed=needed)
            with_diverged = counted.effect(name).effect if counted else None
            row = replace(row, effect_with_diverged=with_diverged)
        rows[name] = row
    return rows


def _earlier_epoch(found: Sequence[Outcome]) -> int:
    """Return the epoch to compare at where a verdict is not possible."""
    curves = {outcome.trial.number: outcome.curve for outcome in found}
    early = common_epoch(curves)
    if early < max((last_epoch(outcome) for outcome in found), default=0):
        return early
    # Half of the trials came to the end, but too few with some trick: most of them have earlier epochs.
    counts = Counter(report.epoch for curve in curves.values() for report in curve)
    most = (1 - LEAST_SHARE) * len(curves)
    return max((epoch for epoch, count in counts.items() if count >= most), default=early)


def common_epoch(reports: Reports) -> int:
    """Return the last epoch that at least half of the trials, and at least eight, reported.

    With fewer than eight trials, all of them must have; 0 if there are no reports, or no such epoch.
    """
    curves = [curve for curve in reports.values() if curve]
    need = max(ceil(len(curves) / 2), min(len(curves), _ENOUGH))
    counts = Counter(report.epoch for curve in curves for report in curve)
    return max((epoch for epoch, count in counts.items() if count >= need), default=0)


def _with_divergence(row: TrickEffect, found: Sequence[Outcome]) -> TrickEffect:
    """Return the row with the shares of the trials that diverged."""
    on = [o.diverged for o in found if row.trick in o.trial.recipe.tricks]
    off = [o.diverged for o in found if row.trick not in o.trial.recipe.tricks]
    return replace(
        row,
        num_left_out=sum(on) + sum(off),
        diverged_with=sum(on) / len(on) if on else None,
        diverged_without=sum(off) / len(off) if off else None,
    )


def _counted(found: Sequence[Outcome], every: Sequence[Outcome], metric: Metric) -> list[Outcome]:
    """Return trials with a value in place of that of those that diverged.

    It is the last one that they reported, or the worst of all where the loss was not a number.
    """
    values = [report for outcome in every for report in outcome.curve]
    worst = min(values, key=lambda report: metric.worth(report.value))
    made = []
    for outcome in found:
        if outcome.diverged:
            lost = outcome.trial.state == "failed"
            end = worst if lost or not outcome.curve else outcome.last
            curve = outcome.curve or (worst,)
            outcome = Outcome(outcome.trial, curve, end)
        made.append(outcome)
    return made


def _needed(row: TrickEffect, half: float, num: int, freedom: float) -> int | None:
    """Return about how many more trials it takes until the interval leaves 0 or is inside the precision.

    Args:
        half: Half-width of the interval.
        num: Trials behind it.
        freedom: Degrees of freedom behind it.
    """
    if row.verdict is not Verdict.UNCLEAR or not row.final or row.effect is None:
        return None
    wanted = max(abs(row.effect), row.precision - abs(row.effect))
    error = half / t_quantile(max(_LEAST_FREEDOM, round(freedom, 1)))
    total = float(num)
    for _ in range(4):
        quantile = t_quantile(max(_LEAST_FREEDOM, round(total - num + freedom)))
        total = max(num + 1.0, num * (error * quantile / wanted) ** 2)
    return ceil(total - num)
