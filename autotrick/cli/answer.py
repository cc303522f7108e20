"""The answer of a study at the head of what a command prints."""

from collections.abc import Sequence

from autotrick.analysis.answer import answer
from autotrick.analysis.effects import Reports, TrickEffect, effects
from autotrick.cli.output import console, headed
from autotrick.cli.trial_pages import compared
from autotrick.records import Database, StudyRow, TrialRow
from autotrick.report.answer import answer_sentences, no_screen
from autotrick.space.recorded import recorded_space
from autotrick.views.text import ASCII


def print_answer(
    study: StudyRow, trials: Sequence[TrialRow], reports: Reports, found: Sequence[TrickEffect]
) -> None:
    """Print what to use, what it gains, and what is not worth it.

    Args:
        found: The effects of all tricks.
    """
    precision = found[0].precision if found else 0.5
    told = answer(trials, reports, precision=precision, found=found)
    first, *rest = answer_sentences(told, found, study.value_metric)
    out = console()
    out.print(headed(first.translate(ASCII)))
    for sentence in rest:
        out.print(sentence.translate(ASCII))
    if note := no_screen(trials):
        out.print(note, style="dim")
    out.print()


def print_answer_of(database: Database, study: StudyRow) -> None:
    """Print the answer of a study whose trials are still to be read."""
    trials, curves, _ = compared(database, study.name, every=False)
    space, _ = recorded_space(study.space)
    precision = space.study.precision if space else 0.5
    print_answer(study, trials, curves, effects(trials, curves, precision=precision))
