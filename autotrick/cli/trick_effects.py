"""The effects of a study's tricks, and its combinations of tricks, as `autotrick tricks` prints them."""

from collections.abc import Sequence

from autotrick.analysis.combinations import ranked
from autotrick.analysis.effects import (
    Reports,
    TrickEffect,
    effects,
    screen_of,
)
from autotrick.analysis.findings import rungs
from autotrick.analysis.interactions import interactions
from autotrick.analysis.prediction import prediction_of
from autotrick.analysis.warm_start import warm_start
from autotrick.cli.answer import print_answer
from autotrick.cli.output import console, print_json
from autotrick.cli.tables import print_rows
from autotrick.records.rows import StudyRow, TrialRow, TrickSet
from autotrick.report import sentences
from autotrick.report.answer import asks_about_tricks
from autotrick.space.recorded import recorded_precision, recorded_pruning, recorded_space
from autotrick.tasks import Metric
from autotrick.views import trick_columns
from autotrick.views.linked import Linked
from autotrick.views.text import count, interval, percent, points
from autotrick.views.trick import CombinationView, EffectView


def show_effects(
    study: StudyRow,
    trials: Sequence[TrialRow],
    reports: Reports,
    belongs: Linked,
    *,
    as_json: bool,
) -> None:
    """Print the answer, each trick's effect, whether early epochs mislead, and how a warm start did.

    Args:
        belongs: What the studies that belong to this one found.
    """
    precision = recorded_precision(study.space)
    found = effects(trials, reports, precision=precision)
    views = [EffectView.of(study.name, effect) for effect in found]
    if as_json:
        print_json(view.to_json() for view in views)
        return
    if asks_about_tricks(study):
        print_answer(study, trials, reports, found, belongs)
    epoch = max((effect.epoch for effect in found), default=0)
    last = max((effect.epochs for effect in found), default=0)
    when = f"epoch {epoch}" if epoch >= last else f"epoch {epoch} of {last}, not the end"
    metric = study.value_metric
    title = f"Tricks of {study.name}: change in {metric.title} at {when}"
    print_rows(title, trick_columns.effects(metric), views)
    said = [*_diverged(found, metric), *_notes(found), *_together(trials, reports, metric)]
    for note in [*said, *_sentences(study, trials, reports)]:
        _print_note(note)


def _diverged(found: Sequence[TrickEffect], metric: Metric) -> list[str]:
    """Return how many trials diverged, and which effects would be others with them."""
    if not any(effect.num_left_out for effect in found):
        return []
    worst = max(effect.num_left_out for effect in found)
    said = [
        f"{count(worst, 'trial')} diverged ({metric.diverged}, or a loss that is not a number) and "
        "are left out"
    ]
    for effect in found:
        both = effect.effect_with_diverged, effect.effect
        if None not in both and abs((both[0] or 0) - (both[1] or 0)) > effect.precision:
            said.append(
                f"{effect.trick}: {percent(effect.diverged_with)} diverged with it and "
                f"{percent(effect.diverged_without)} without; the effect with these trials is "
                f"{points(effect.effect_with_diverged)}{metric.difference_unit}"
            )
    return said


def _together(trials: Sequence[TrialRow], reports: Reports, metric: Metric) -> list[str]:
    """Return a sentence for each interaction that is claimed."""
    return [
        f"{row.first} + {row.second}: together {points(row.effect)}{metric.difference_unit} "
        f"({interval(row.low, row.high)}) beside the sum of both"
        + (": these two do the same job" if row.same_job else "")
        for row in interactions(trials, reports)
        if row.claimed
    ]


def _notes(found: Sequence[TrickEffect]) -> list[str]:
    """Return each note on effects once, with the tricks that it is about."""
    noted: dict[str, list[str]] = {}
    for effect in found:
        noted.setdefault(effect.note, []).append(effect.trick)
    return [
        f"{note}: {'all tricks' if len(tricks) == len(found) else ', '.join(tricks)}"
        for note, tricks in noted.items()
        if note
    ]


def _sentences(study: StudyRow, trials: Sequence[TrialRow], reports: Reports) -> list[str]:
    """Return what early epochs predict, and how a warm start turned out."""
    pruning = recorded_pruning(study.space)
    said = sentences.rungs(rungs(trials, reports, pruning), study.value_metric) if pruning else []
    taken_over = study.settings.warm_start
    if taken_over and len(trials) == study.trials:  # a random part of the trials cannot tell
        space, _ = recorded_space(study.space)
        said += sentences.warm_start(warm_start(taken_over, trials, space))
    return said


def _print_note(text: str) -> None:
    console().print(f"  {text}", style="dim")


def show_combinations(
    study: StudyRow,
    sets: Sequence[TrickSet],
    screen: Sequence[TrialRow],
    reports: Reports,
    *,
    top: int,
    as_json: bool,
) -> None:
    """Print the combinations of tricks that are best by the bound of their value.

    Args:
        screen: The trials of the study's screen.
        reports: Of these, by trial number.
    """
    metric = study.value_metric
    rows = ranked(sets, metric, prediction_of(screen_of(screen, reports)))[:top]
    found = [CombinationView.of(study.name, row) for row in rows]
    if as_json:
        print_json(view.to_json() for view in found)
        return
    predicted = any(row.predicted is not None for row in rows)
    what = "value predicted around the base of the screen" if predicted else "mean"
    title = f"Combinations of {study.name}, by the {metric.bound} of their {what}"
    names = trick_columns.TRICK_SET_NAMES
    print_rows(title, trick_columns.combinations(metric, names, predicted=predicted), found)
