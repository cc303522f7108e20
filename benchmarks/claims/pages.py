"""Write what was found of every claim as one page, and draw two of them.

The page is made from the courses that are kept in `benchmarks/tables/claims`, by `docs/make.py` too,
so that it says what they say.
"""

from collections.abc import Sequence
from functools import partial
from math import sqrt
from statistics import mean

import numpy as np
import plotly.graph_objects as go

from autotrick.report.theme import BLUE, GREY, ORANGE, figure
from benchmarks import picture
from benchmarks.children import ROOT
from benchmarks.claims import learning_rates
from benchmarks.claims.claim import Claim, Course, Courses, Finding, final, values, verdict
from benchmarks.claims.training import Record

PAGE = ROOT / "docs" / "claims.md"
PICTURES = ROOT / "docs" / "img"
_HEAD = """<!-- Made by `make docs`; edit the code instead. -->

# Published claims, tried

Each claim comes from a paper behind one of autotrick's tricks, and was tried as a small study: recipes side by
side, trained by `autotrick.train_recipe` with the same {seeds} seeds each, so that two recipes of one seed
share initial weights (where the network is the same) and the order of images. Differences are within a seed,
in points of validation accuracy. The interval is Student's, at 95 %; with {seeds} seeds it is wide, and "not
clear" does not refute a claim. The claims are about large networks and long training; here networks are small
and training is short. What counts as a confirmation was written down before the recorded seeds were trained.
A few recipes were tried with another seed before, to see that they learn.

```sh
python -m benchmarks claims --data-dir DIR    # Fashion-MNIST, CIFAR-10; {seconds} s of one core
python -m benchmarks claims A25               # one of them
```
"""


def page(claims: Sequence[tuple[Claim, Record | None]]) -> str:
    """Return the page of all claims; those without record were not tried yet."""
    records = [(claim, record) for claim, record in claims if record]
    seeds = {len(courses) for _, record in records for courses in record.courses.values()}
    seconds = sum(record.seconds for _, record in records)
    text = _HEAD.format(seeds=min(seeds, default=0), seconds=f"{seconds:,}")
    text += "\n| claim | what | reproduced here? |\n|---|---|---|\n"
    for claim, record in records:
        held = verdict(claim.judge(record.courses))
        text += f"| {claim.name} | [{claim.title}](#{_anchor(claim)}) | {held} |\n"
    for claim, tried in claims:
        if not tried:
            text += f"| {claim.name} | {claim.title} | not tried yet |\n"
    return text + "".join(_section(claim, record) for claim, record in records)


def _anchor(claim: Claim) -> str:
    kept = (letter for letter in _heading(claim).lower() if letter.isalnum() or letter in " -")
    return "".join(kept).replace(" ", "-")


def _heading(claim: Claim) -> str:
    return f"{claim.name}: {claim.title}"


def _section(claim: Claim, record: Record) -> str:
    text = f"\n## {_heading(claim)}\n\n"
    text += f"**The claim:** {claim.says} ({claim.source})\n\n**Here:** {claim.setting}"
    text += f" {claim.remark(record.courses)}\n\n" if claim.remark else "\n\n"
    text += "| finding | difference | 95 % interval | the claim | as claimed? |\n"
    text += "|---|---|---|---|---|\n"
    text += "".join(_finding(found) for found in claim.judge(record.courses))
    if claim.name in FIGURES:
        text += f"\n![{claim.title}](img/claim_{claim.name}.png)\n"
    text += (
        "\n| recipe | accuracy at the end (%) | standard deviation | after epoch 1 | diverged |\n"
    )
    text += "|---|---|---|---|---|\n"
    text += "".join(_arm(name, courses) for name, courses in record.courses.items())
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    return text + f"\n{versions}; {record.seconds} seconds.\n"


def _finding(found: Finding) -> str:
    estimate, unit = found.estimate, f" {found.unit}" if found.unit else ""
    ends = "none"
    if estimate.low is not None and estimate.high is not None:
        ends = f"{estimate.low:+.2f} to {estimate.high:+.2f}"
    said = {"above": "> 0", "below": "< 0", "alike": f"within {found.within:g}", "": "-"}
    return (
        f"| {found.what} | {estimate.value:+.2f}{unit} | {ends} | {said[found.expected]} | "
        f"{found.held or '-'} |\n"
    )


def _arm(name: str, courses: Sequence[Course]) -> str:
    ends = values(courses, final)
    starts = mean(course.first for course in courses)
    failed = sum(bool(course.failure) for course in courses)
    spread = f"{ends.std(ddof=1):.2f}" if len(ends) > 1 else "-"
    return f"| {name} | {ends.mean():.2f} | {spread} | {starts:.2f} | {failed} of {len(ends)} |\n"


def schedules_figure(courses: Courses) -> go.Figure:
    """Draw accuracy and learning rate at each epoch's end: seeds thin, their mean thick."""
    made = figure(height=520)
    for name, colour in (("cosine", BLUE), ("step", ORANGE)):
        listed = courses[name]
        epochs = list(range(1, len(listed[0].accuracy) + 1))
        for course in listed:
            made.add_scatter(
                x=epochs,
                y=[100 * accuracy for accuracy in course.accuracy],
                mode="lines",
                line={"color": colour, "width": 1},
                opacity=0.4,
                showlegend=False,
            )
        middle = 100 * np.mean([course.accuracy for course in listed], axis=0)
        bold = {"color": colour, "width": 3}
        made.add_scatter(x=epochs, y=middle, mode="lines", line=bold, name=name)
        made.add_scatter(
            x=epochs, y=listed[0].lr, yaxis="y2", mode="lines", line=bold, showlegend=False
        )
    made.update_layout(
        xaxis={"title": {"text": "Epoch"}, "anchor": "y2", "dtick": 1},
        yaxis={"title": {"text": "Validation accuracy (%)"}, "domain": [0.4, 1]},
        yaxis2={
            "title": {"text": "Learning rate"},
            "domain": [0, 0.3],
            "rangemode": "tozero",
        },
    )
    return made


def rates_figure(courses: Courses) -> go.Figure:
    """Draw accuracy at the end against the rate, a line an optimizer, with standard errors."""
    made = figure(height=460)
    looks = {
        "sgd": (GREY, "solid", "SGD with momentum"),
        "adam": (ORANGE, "solid", "Adam"),
        "adabound": (BLUE, "solid", "AdaBound, its first rate"),
        "adabound final": (BLUE, "dot", "AdaBound, its final rate"),
    }
    for optimizer, (colour, dash, label) in looks.items():
        found = learning_rates.finals(courses, optimizer)
        made.add_scatter(
            x=learning_rates.FACTORS,
            y=found.mean(axis=1),
            error_y={"array": found.std(axis=1, ddof=1) / sqrt(found.shape[1]), "thickness": 1.5},
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 3},
            name=label,
        )
    made.update_xaxes(
        type="log",
        tickvals=learning_rates.FACTORS,
        title_text="Learning rate, as a factor of the usual one",
    )
    made.update_yaxes(title_text="Validation accuracy at the end (%)")
    return made


FIGURES = {"A25": schedules_figure, "A31": rates_figure}


def draw(claim: Claim, courses: Courses) -> None:
    """Write a claim's figure as a picture, where it has one and Chromium is installed."""
    if claim.name in FIGURES:
        file = PICTURES / f"claim_{claim.name}.png"
        made = partial(FIGURES[claim.name], courses)
        picture.draw(made, file, f"claims: no picture of {claim.name}")
