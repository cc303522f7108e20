"""Sections of a study's page: what is said, drawn and listed, whatever shows it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from autotrick.analysis.findings import Findings
from autotrick.records.rows import TrialRow
from autotrick.report import captions, tables
from autotrick.report.effects import effects_figure
from autotrick.report.interactions import interaction_sentences, interactions_figure
from autotrick.views.table import TextTable
from autotrick.views.text import count

_LONG = 24
"""Number of rows beyond which a table is folded up."""


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences, as a list."""

    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure with its caption.

    Attributes:
        name: Tells it from the other figures of the page.
        wide: Whether it keeps a readable width on a phone, where it is scrolled.
    """

    name: str
    figure: go.Figure
    caption: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A table.

    Attributes:
        note: Below it.
        folded: Title under which it is folded up; empty if it is shown at once.
        kind: The class of its looks.
    """

    table: TextTable
    note: str = ""
    folded: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A labelled picture.

    Attributes:
        note: Below the label.
        source: A data URL; empty for no picture.
    """

    label: str
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Pictured:
    """Labelled pictures with a caption."""

    pictures: Sequence[Picture]
    caption: str


Part = Said | Drawn | Listed | Pictured


@dataclass(frozen=True, slots=True)
class Section:
    """A title with what is below it."""

    title: str
    parts: Sequence[Part]


def trick_sections(found: Findings, trials: Sequence[TrialRow]) -> Iterator[Section]:
    """Yield what each trick changes, what they do beside one another, and their combinations."""
    metric = found.summary.metric
    if found.effects:
        yield Section("What each trick changes", [*_effects(found), *_design(found, trials)])
    if said := interaction_sentences(found.interactions, metric):
        parts: list[Part] = [Said(said)]
        if any(row.claimed for row in found.interactions):
            drawn = interactions_figure(found.interactions, metric)
            caption = captions.interactions(found.interactions)
            parts.append(Drawn("interactions", drawn, caption, wide=True))
        yield Section("Tricks beside one another", parts)
    if found.combinations:
        table = tables.combinations(found.combinations, metric)
        note = captions.combinations(found.combinations, metric)
        yield Section("Combinations of tricks", [Listed(table, note)])


def _effects(found: Findings) -> Iterator[Part]:
    rows, metric = found.effects, found.summary.metric
    told = any(row.low is not None for row in rows)
    if told:
        yield Drawn("effects", effects_figure(rows, metric), captions.effects(rows, metric))
    else:
        yield Said(
            [f"No interval yet, for any of the {count(len(rows), 'trick')}: too few trials."]
        )
    folded = "" if told and len(rows) <= _LONG else "The numbers of all tricks"
    yield Listed(tables.tricks(rows, metric), tables.remark(rows), folded)


def _design(found: Findings, trials: Sequence[TrialRow]) -> Iterator[Part]:
    """Yield the design table of a screen, if there is one."""
    design = tables.screen(trials, found.summary.metric)
    if design.rows:
        note = captions.screen(len(design.rows))
        yield Listed(design, note, "The design of the screen", "design")
