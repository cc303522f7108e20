"""The effects of a study's tricks, and its combinations of tricks, as `autotrick tricks` prints them."""

from collections.abc import Sequence

from autotrick.analysis.combinations import ranked
from autotrick.analysis.effects import Reports, TrickEffect, effects
from autotrick.analysis.findings import rungs
from autotrick.analysis.warm_start import warm_start
from autotrick.cli.output import console, print_json
from autotrick.cli.tables import print_rows
from autotrick.records.rows import StudyRow, TrialRow, TrickSet
from autotrick.report import sentences
from autotrick.space.recorded import recorded_pruning, recorded_space
from autotrick.views import trick_columns
from autotrick.views.trick import CombinationView, EffectView


def show_effects(
    study: StudyRow, trials: Sequence[TrialRow], reports: Reports, *, as_json: bool
) -> None:
    """Print each trick's effect, whether early epochs mislead, and how a warm start turned out."""
    found = effects(trials, reports)
    views = [EffectView.of(study.name, effect) for effect in found]
    if as_json:
        print_json(view.to_json() for view in views)
        return
    epoch = max((effect.epoch for effect in found), default=0)
    metric = study.value_metric
    title = f"Tricks of {study.name}: change in {metric.title} at epoch {epoch}"
    print_rows(title, trick_columns.effects(metric), views)
    if found and found[0].num_left_out:
        _print_note(f"{found[0].num_left_out} trials with {metric.diverged} are left out")
    for note in _notes(found):
        _print_note(note)
    for sentence in _sentences(study, trials, reports):
        _print_note(sentence)


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
    study: StudyRow, sets: Sequence[TrickSet], *, top: int, as_json: bool
) -> None:
    """Print the combinations of tricks that are best by the bound of their mean."""
    metric = study.value_metric
    found = [CombinationView.of(study.name, row) for row in ranked(sets, metric)[:top]]
    if as_json:
        print_json(view.to_json() for view in found)
    else:
        title = f"Combinations of {study.name}, by the {metric.bound} of their mean"
        print_rows(title, trick_columns.combinations(metric, trick_columns.TRICK_SET_NAMES), found)
