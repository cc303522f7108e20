"""A study's report: one HTML file that needs no network."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from autotrick.analysis.findings import Findings, find
from autotrick.analysis.progress import winner
from autotrick.analysis.tradeoff import tradeoff
from autotrick.atomic_file import whole_file
from autotrick.data import Facts, recorded
from autotrick.errors import ResourceError
from autotrick.recipe import EpochReport
from autotrick.records.rows import RejectionRow, StudyRow, TrialRow
from autotrick.report import captions, tables
from autotrick.report.curves import curves_figure
from autotrick.report.history import history_figure
from autotrick.report.importance import importance_figure
from autotrick.report.linked import linked_sections
from autotrick.report.methods import method
from autotrick.report.opening import Opening, compares_tricks, opening
from autotrick.report.parallel import parallel_figure
from autotrick.report.rungs import rungs_figure
from autotrick.report.samples import Samples, samples_figure
from autotrick.report.sections import Drawn, Listed, Part, Said, Section, trick_sections
from autotrick.report.sentences import rungs
from autotrick.report.theme import CONFIG, stylesheet
from autotrick.report.tradeoff import tradeoff_figure
from autotrick.space import SearchSpace
from autotrick.views.linked import Linked
from autotrick.views.table import TextTable
from autotrick.views.text import moment

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; "
    "script-src 'unsafe-inline' 'unsafe-eval'"
)
"""The page fetches nothing. One of the figures compiles its drawing code (`unsafe-eval`)."""


_LONG = 30
"""Length from which a table's cell gets a least width, which matters on a phone."""


_SHORT = 18
"""Length up to which a table's cell stays on one line."""


@dataclass(slots=True)
class _Page:
    """Sections of HTML, and the figures that they refer to."""

    sections: list[str] = field(default_factory=list)
    figures: dict[str, go.Figure] = field(default_factory=dict)

    def add(self, title: str, *parts: str, kind: str = "") -> None:
        body = "\n".join(part for part in parts if part)
        self.sections.append(f'<section class="{kind}"><h2>{escape(title)}</h2>\n{body}</section>')

    def section(self, shown: Section) -> None:
        """Add a section that other pages show too."""
        self.add(shown.title, *map(self._part, shown.parts))

    def _part(self, part: Part) -> str:
        match part:
            case Said():
                return _list(part.texts)
            case Drawn():
                return self.figure(part.figure, part.caption, wide=part.wide)
            case Listed():
                note = _note(part.note) if part.note else ""
                table = _table(part.table, kind=part.kind) + note
                return _folded(part.folded, table) if part.folded else table

    def figure(self, drawn: go.Figure, caption: str, *, wide: bool = False) -> str:
        name = f"figure-{len(self.figures) + 1}"
        self.figures[name] = drawn
        return (
            f'<figure><div class="{"wide" if wide else ""}"><div class="plot" id="{name}" '
            f'style="height:{drawn.layout.height}px"></div></div>'
            f"<figcaption>{escape(caption)}</figcaption></figure>"
        )


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

    Raises:
        ResourceError: The file cannot be written.
    """
    found = find(trials, reports, space, heritage=study.settings.warm_start)
    page, belongs = _Page(), linked or Linked()
    _overview(page, opening(study, found, trials, belongs, space.origins if space else {}))
    for section in (
        *(trick_sections(found, trials) if compares_tricks(study) else ()),
        *linked_sections(belongs, found.summary.metric),
    ):
        page.section(section)
    _progress(page, found)
    _constraints(page, space.constraints.bounds if space else {}, trials, refusals)
    _winner(page, study, trials, images, environment)
    _data(page, recorded(study.data))
    _more(page, found)
    try:
        with whole_file(Path(path)) as partial:
            partial.write_text(_document(study, page), "utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ResourceError(f"the report cannot be written to {path}: {reason}.") from error


def _overview(page: _Page, head: Opening) -> None:
    boxes = "".join(
        f'<div class="tile"><b>{escape(tile.value)}</b><span>{escape(tile.label)}</span></div>'
        for tile in head.tiles
    )
    page.add(
        "In short",
        "".join(f'<p class="answer">{escape(sentence)}</p>' for sentence in head.answer),
        f'<div class="tiles">{boxes}</div>',
        _list(head.said),
        "".join(map(_note, head.notes)),
        kind="summary",
    )


def _progress(page: _Page, found: Findings) -> None:
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
    page: _Page,
    bounds: Mapping[str, float],
    trials: Sequence[TrialRow],
    refusals: Sequence[RejectionRow],
) -> None:
    if bounds or refusals:
        table = _table(tables.constraints(bounds, trials, refusals))
        page.add("Constraints", table, _note(captions.constraints(len(refusals))))


def _winner(
    page: _Page,
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
            _table(tables.leaderboard([t for t in trials if t.number in numbers], found)),
            _note(captions.pareto(len(numbers), found.metric)),
        )
    page.add(
        "Leaderboard",
        _table(tables.leaderboard(trials, found)),
        _note(captions.leaderboard(found)) if not found.single else "",
    )
    parts = [table for table in tables.recipe(best.recipe) if table.rows]
    settings = "".join(_table(table, kind="pairs") for table in parts)
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
        _table(tables.environment(environment), kind="pairs") if environment else "",
    )


def _data(page: _Page, facts: Facts | None) -> None:
    """Describe the images of the study, and list what was left out."""
    if facts is None:
        return
    page.add(
        "The images",
        f"<p>{escape(captions.images(facts))}</p>",
        _table(tables.images(facts)),
        _list([str(note) for note in facts.notes]),
    )


def _more(page: _Page, found: Findings) -> None:
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


def _rungs(page: _Page, found: Findings) -> None:
    said = rungs(found.rungs, found.summary.metric)
    told = any(row.rho is not None for row in found.rungs.agreements)
    if said:
        drawn = page.figure(rungs_figure(found.rungs), captions.rungs()) if told else ""
        page.add("What early epochs predict", _list(said), drawn)


def _table(table: TextTable, *, kind: str = "") -> str:
    def cell(tag: str, index: int, text: str) -> str:
        kind = "number" if index in table.numeric else "long" if len(text) > _LONG else ""
        kind = "short" if not kind and len(text) <= _SHORT else kind
        return f'<{tag} class="{kind}">{escape(text)}</{tag}>'

    head = "".join(cell("th", i, text) for i, text in enumerate(table.head))
    rows = "".join(
        f"<tr>{''.join(cell('td', i, text) for i, text in enumerate(row))}</tr>"
        for row in table.rows
    )
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{body}</details>"


def _list(said: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in said)
    return f"<ul>{items}</ul>" if said else ""


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def _document(study: StudyRow, page: _Page) -> str:
    title = study.question or study.name
    drawn = {
        name: drawn.to_plotly_json() | {"config": CONFIG} for name, drawn in page.figures.items()
    }
    figures = _json(drawn)
    body = "\n".join(page.sections)
    started = f"{moment(study.created)} UTC"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(title)}</title>
<style>{stylesheet("page.css")}{stylesheet("figures.css")}</style>
</head>
<body>
<header><h1>{escape(title)}</h1>
<p class="soft">Study {escape(study.name)}, started {started}; space {escape(study.space_digest)}.</p></header>
<main>
{body}
</main>
<footer><p class="soft">Written by autotrick.</p></footer>
<script type="application/json" id="figures">{figures}</script>
<script>{get_plotlyjs()}</script>
<script>{stylesheet("page.js")}</script>
</body>
</html>
"""


def _json(figures: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the script element it stands in."""
    from plotly.utils import PlotlyJSONEncoder

    text = json.dumps(figures, cls=PlotlyJSONEncoder, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
