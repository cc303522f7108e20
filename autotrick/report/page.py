"""A study's report: one HTML file that needs no network."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from autotrick.analysis.findings import Findings, find
from autotrick.analysis.progress import winner
from autotrick.analysis.tradeoff import tradeoff
from autotrick.data import Dataset
from autotrick.recipe import EpochReport
from autotrick.records.rows import RejectionRow, StudyRow, TrialRow
from autotrick.report import captions, tables
from autotrick.report.curves import curves_figure
from autotrick.report.data_section import data_section
from autotrick.report.document import (
    Page,
    bullets,
    document,
    head,
    note,
    text_table,
    write_document,
)
from autotrick.report.history import history_figure
from autotrick.report.importance import importance_figure
from autotrick.report.linked import linked_sections
from autotrick.report.methods import method
from autotrick.report.opening import Opening, compares_tricks, opening
from autotrick.report.parallel import parallel_figure
from autotrick.report.rungs import rungs_figure
from autotrick.report.samples import Samples, samples_figure
from autotrick.report.sections import trick_sections
from autotrick.report.sentences import rungs
from autotrick.report.tradeoff import tradeoff_figure
from autotrick.space import SearchSpace
from autotrick.views.linked import Linked
from autotrick.views.text import moment


def write(  # noqa: PLR0913 -- a study's parts, which callers have at hand one by one
    path: Path | str,
    study: StudyRow,
    trials: Sequence[TrialRow],
    reports: Mapping[int, Sequence[EpochReport]],
    space: SearchSpace | None,
    *,
    images: Samples | None = None,
    environment: Mapping[str, Any] | None = None,
    refusals: Sequence[RejectionRow] = (),
    linked: Linked | None = None,
    data: Dataset | None = None,
) -> None:
    """Write a study's report; an existing file is replaced.

    Args:
        trials: All trials of the study, in any state.
        reports: Epoch reports by trial number, in order of epochs.
        space: The space that was searched; None leaves out the importances.
        images: The winner's images by label of their row, (N, H, W, C) uint8: without tricks, and as
            it was trained on them.
        environment: Where the winner ran: versions, git commit, device, threads.
        refusals: Proposals that the constraints rejected.
        linked: What the studies that belong to this one found.
        data: The study's images, of which some of every class are shown; None where they are not here.

    Raises:
        ResourceError: The file cannot be written.
    """
    found = find(trials, reports, space, heritage=study.settings.warm_start)
    page, belongs = Page(), linked or Linked()
    _overview(page, opening(study, found, trials, belongs, space.origins if space else {}))
    for section in (
        *(trick_sections(found, trials) if compares_tricks(study) else ()),
        *linked_sections(belongs, found.summary.metric),
    ):
        page.section(section)
    _progress(page, found)
    _constraints(page, space.constraints.bounds if space else {}, trials, refusals)
    _winner(page, study, trials, images, environment)
    if about := data_section(study, data):
        page.section(about)
    _more(page, found)
    write_document(Path(path), "report", _document(study, page))


def _overview(page: Page, start: Opening) -> None:
    page.add(
        "In short",
        head(start.tiles, answer=start.answer),
        bullets(start.said),
        "".join(map(note, start.notes)),
        kind="summary",
    )


def _progress(page: Page, found: Findings) -> None:
    if found.history.points:
        drawn = history_figure(found.history, found.summary.baseline)
        page.add("Progress", page.figure(drawn, captions.history(found.history)))
    if found.tradeoff.spots:
        drawn = tradeoff_figure(found.tradeoff)
        page.add(
            f"What {found.summary.metric.title} costs",
            page.figure(drawn, captions.tradeoff(found.tradeoff)),
        )


def _constraints(
    page: Page,
    bounds: Mapping[str, float],
    trials: Sequence[TrialRow],
    refusals: Sequence[RejectionRow],
) -> None:
    if bounds or refusals:
        table = text_table(tables.constraints(bounds, trials, refusals))
        page.add("Constraints", table, note(captions.constraints(len(refusals))))


def _winner(
    page: Page,
    study: StudyRow,
    trials: Sequence[TrialRow],
    images: Samples | None,
    environment: Mapping[str, Any] | None,
) -> None:
    best = winner(trials)
    if best is None:
        return
    found = study.objective
    if found.several:
        numbers = {spot.number for spot in tradeoff(trials, found).spots if spot.best}
        page.add(
            "Pareto set",
            text_table(tables.leaderboard([t for t in trials if t.number in numbers], found)),
            note(captions.pareto(len(numbers), found.metric)),
        )
    page.add(
        "Leaderboard",
        text_table(tables.leaderboard(trials, found)),
        note(captions.leaderboard(found)) if not found.single else "",
    )
    parts = [table for table in tables.recipe(best.recipe) if table.rows]
    settings = "".join(text_table(table, kind="pairs") for table in parts)
    written = json.dumps(best.recipe.model_dump(mode="json"), indent=2)
    page.add(
        f"The winner's recipe: trial {best.number}",
        f'<div class="beside">{settings}</div>',
        '<details><summary>as JSON</summary><button class="copy" data-of="recipe">copy</button>'
        f'<pre id="recipe">{escape(written)}</pre></details>',
    )
    if images:
        page.add(
            "The winner's images",
            page.figure(
                samples_figure(images), captions.samples(images, best.recipe.tricks), wide=True
            ),
        )
    command = f"autotrick reproduce {study.name} {best.number}"
    page.add(
        "Reproduce it",
        f"<pre>{escape(command)}</pre>",
        f"<p>{escape(captions.reproduce(best))}</p>",
        text_table(tables.environment(environment), kind="pairs") if environment else "",
    )


def _more(page: Page, found: Findings) -> None:
    if found.importances:
        drawn = importance_figure(found.importances)
        page.add(
            "Which settings matter", page.figure(drawn, captions.importance(found.importances))
        )
    elif found.importances_unclear:
        page.add("Which settings matter", f"<p>{captions.no_importance()}</p>")
    if found.curves.curves:
        page.add(
            "Learning curves",
            page.figure(curves_figure(found.curves), captions.curves(found.curves)),
        )
    _rungs(page, found)
    if found.parallel.axes:
        drawn = parallel_figure(found.parallel)
        page.add(
            "Settings side by side",
            page.figure(drawn, captions.parallel(found.parallel), wide=True),
        )
    notes = "".join(
        f"<h3>{escape(topic)}</h3><p>{escape(text)}</p>"
        for topic, text in method(found.summary.metric)
    )
    page.add("How these numbers are computed", notes)


def _rungs(page: Page, found: Findings) -> None:
    said = rungs(found.rungs, found.summary.metric)
    told = any(row.rho is not None for row in found.rungs.agreements)
    if said:
        drawn = page.figure(rungs_figure(found.rungs), captions.rungs()) if told else ""
        page.add("What early epochs predict", bullets(said), drawn)


def _document(study: StudyRow, page: Page) -> str:
    subtitle = (
        f"Study {study.name}, started {moment(study.created)} UTC; space {study.space_digest}."
    )
    return document(study.question or study.name, subtitle, page)
