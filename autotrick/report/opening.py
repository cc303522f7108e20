"""What the page of a study opens with: the answer, tiles, a summary, and notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autotrick.analysis.findings import Findings
from autotrick.records.rows import StudyRow, TrialRow
from autotrick.report import captions
from autotrick.report.answer import answer_sentences, asks_about_tricks, no_screen
from autotrick.report.sentences import sentences
from autotrick.report.tiles import Tile, tiles
from autotrick.views.data import chance_warning
from autotrick.views.linked import Linked


@dataclass(frozen=True, slots=True)
class Opening:
    """The head of a page.

    Attributes:
        answer: Sentences; empty for a study of given recipes.
        tiles: The numbers to see first.
        said: A summary in a few sentences.
        notes: What one has to know to read it right.
    """

    answer: Sequence[str]
    tiles: Sequence[Tile]
    said: Sequence[str]
    notes: Sequence[str]


def opening(
    study: StudyRow,
    found: Findings,
    trials: Sequence[TrialRow],
    linked: Linked,
    origins: Mapping[str, str],
) -> Opening:
    """Return what the page of a study opens with.

    Args:
        linked: What the studies that belong to it found.
        origins: Where the settings of tricks came from that came from a file, by trick.
    """
    confirmed, metric = linked.confirmed, found.summary.metric
    asks = asks_about_tricks(study)
    said = answer_sentences(found.answer, found.effects, metric, confirmed)
    best = found.summary.best
    chance = chance_warning(study, best.value if best else None)
    notes = [chance, linked.looks, no_screen(trials) if asks else ""]
    return Opening(
        said if asks else said[:-1] if confirmed else [],
        tiles(found, confirmed, compared=asks),
        [*sentences(found), *captions.origins(origins)],
        [note for note in notes if note],
    )


def compares_tricks(study: StudyRow) -> bool:
    """Return whether the effects of tricks over all its trials say something about a study."""
    return asks_about_tricks(study) or study.purpose == "list"
