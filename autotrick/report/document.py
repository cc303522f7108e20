"""One HTML page that needs no network: sections, tables and figures, in light and dark."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from autotrick.atomic_file import whole_file
from autotrick.errors import ResourceError
from autotrick.report.sections import Drawn, Listed, Part, Pictured, Said, Section
from autotrick.report.theme import CONFIG, stylesheet
from autotrick.report.tiles import Tile
from autotrick.views.table import TextTable

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
class Page:
    """Sections of HTML, and the figures that they refer to."""

    sections: list[str] = field(default_factory=list)
    figures: dict[str, go.Figure] = field(default_factory=dict)

    def add(self, title: str, *parts: str, kind: str = "") -> None:
        """Add a section of HTML parts; empty ones are left out."""
        body = "\n".join(part for part in parts if part)
        self.sections.append(f'<section class="{kind}"><h2>{escape(title)}</h2>\n{body}</section>')

    def section(self, shown: Section) -> None:
        """Add a section that other pages show too."""
        self.add(shown.title, *map(self._part, shown.parts))

    def _part(self, part: Part) -> str:
        match part:
            case Said():
                return bullets(part.texts)
            case Drawn():
                return self.figure(part.figure, part.caption, wide=part.wide)
            case Listed():
                below = note(part.note) if part.note else ""
                table = text_table(part.table, kind=part.kind) + below
                return folded(part.folded, table) if part.folded else table
            case Pictured():
                return _pictures(part)

    def figure(self, drawn: go.Figure, caption: str, *, wide: bool = False, kind: str = "") -> str:
        """Return the HTML of a figure, which the page draws.

        Args:
            wide: Whether it keeps a readable width on a phone, where it is scrolled.
            kind: The class of its looks.
        """
        name = f"figure-{len(self.figures) + 1}"
        self.figures[name] = drawn
        return (
            f'<figure class="{kind}"><div class="{"wide" if wide else ""}"><div class="plot" id="{name}" '
            f'style="height:{drawn.layout.height}px"></div></div>'
            f"<figcaption>{escape(caption)}</figcaption></figure>"
        )


def text_table(table: TextTable, *, kind: str = "") -> str:
    """Return a table, which is scrolled where it is too wide.

    Args:
        kind: The class of its looks.
    """

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


def _pictures(part: Pictured) -> str:
    cells = "".join(
        f'<div><img alt="{escape(each.label)}" src="{each.source}"><b>{escape(each.label)}</b>'
        f"<span>{escape(each.note)}</span></div>"
        for each in part.pictures
    )
    return (
        f'<figure><div class="classes">{cells}</div>'
        f"<figcaption>{escape(part.caption)}</figcaption></figure>"
    )


def folded(title: str, body: str) -> str:
    """Return HTML that is shown on request, under a title."""
    return f"<details><summary>{escape(title)}</summary>{body}</details>"


def bullets(said: Sequence[str]) -> str:
    """Return sentences as a list; empty without any."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in said)
    return f"<ul>{items}</ul>" if said else ""


def note(text: str) -> str:
    """Return a paragraph in small print."""
    return f'<p class="note">{escape(text)}</p>'


def head(tiles: Sequence[Tile], *, answer: Sequence[str] = ()) -> str:
    """Return the answer in sentences, and below it the tiles: a number each, with what it is."""
    boxes = "".join(
        f'<div class="tile"><b>{escape(tile.value)}</b><span>{escape(tile.label)}</span></div>'
        for tile in tiles
    )
    said = "".join(f'<p class="answer">{escape(sentence)}</p>' for sentence in answer)
    return f'{said}<div class="tiles">{boxes}</div>'


def write_document(path: Path, what: str, text: str) -> None:
    """Write a page; an existing file is replaced.

    Args:
        what: What it is called in the message of an error.

    Raises:
        ResourceError: The file cannot be written.
    """
    try:
        with whole_file(path) as partial:
            partial.write_text(text, "utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ResourceError(f"the {what} cannot be written to {path}: {reason}.") from error


def document(title: str, subtitle: str, page: Page) -> str:
    """Return the whole page as HTML.

    Args:
        subtitle: Small print below the title.
    """
    drawn = {
        name: drawn.to_plotly_json() | {"config": CONFIG} for name, drawn in page.figures.items()
    }
    figures = _json(drawn)
    body = "\n".join(page.sections)
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
<p class="soft">{escape(subtitle)}</p></header>
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
