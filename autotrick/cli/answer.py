"""The answer of a study at the head of what a command prints."""

from collections.abc import Sequence

from autotrick.analysis.answer import answer
from autotrick.analysis.effects import Reports, TrickEffect, effects
from autotrick.cli.output import console, headed
from autotrick.cli.trial_pages import compared
from autotrick.records import Database, StudyRow, TrialRow
from autotrick.report.answer import NO_SCREEN, answer_sentences, no_screen, only_searched
from autotrick.space.recorded import recorded_precision
from autotrick.views.linked import Linked, linked
from autotrick.views.text import ASCII


def print_answer(
    study: StudyRow,
    trials: Sequence[TrialRow],
    reports: Reports,
    found: Sequence[TrickEffect],
    belongs: Linked,
    *,
    ended: bool = False,
) -> None:
    """Print what to use, what it gains, and what is not worth it.

    Args:
        found: The effects of all tricks.
        belongs: What the studies that belong to this one found.
        ended: Whether the search has ended just now, so that no earlier version printed anything.
    """
    told = answer(trials, reports, precision=recorded_precision(study.space), found=found)
    first, *rest = answer_sentences(told, found, study.value_metric, belongs.confirmed)
    out = console()
    out.print(headed(first.translate(ASCII)))
    for sentence in rest:
        out.print(sentence.translate(ASCII))
    screen = NO_SCREEN if ended and only_searched(trials) else no_screen(trials)
    for note in (belongs.looks, screen):
        if note:
            out.print(note.translate(ASCII), style="dim")
    out.print()


def print_answer_of(database: Database, study: StudyRow) -> None:
    """Print the answer of a study whose trials are still to be read."""
    trials, curves, _ = compared(database, study.name, every=False)
    found = effects(trials, curves, precision=recorded_precision(study.space))
    print_answer(study, trials, curves, found, linked(database, study), ended=True)
