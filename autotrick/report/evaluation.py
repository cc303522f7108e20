"""The page of an evaluation: one HTML file that needs no network."""

import io
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autotrick.analysis.evaluation import (
    Evaluation,
    PredictedImage,
    Robustness,
    Scores,
    confusions,
    weakest,
)
from autotrick.report.confusion import confusion_figure
from autotrick.report.corruptions import robustness_figure
from autotrick.report.document import (
    Page,
    bullets,
    document,
    folded,
    head,
    note,
    text_table,
    write_document,
)
from autotrick.report.reliability import reliability_figure
from autotrick.report.tiles import Tile
from autotrick.views import evaluation as views
from autotrick.views import text
from autotrick.views.table import TextTable

_LARGEST = 160
"""Longer side of a picture, in pixels; larger images are shrunk."""
_WRITTEN = 24
"""Number of classes up to which a table of classes is shown whole."""

Pixels = NDArray[np.uint8]


def write_evaluation(path: Path | str, found: Evaluation) -> None:
    """Write the page of an evaluation; an existing file is replaced.

    Raises:
        ResourceError: The file cannot be written.
    """
    network, page = found.network, Page()
    page.add("In short", _opening(found), bullets([*views.sentences(found)]), kind="summary")
    _classes(page, found.scores)
    _confusion(page, found.scores)
    _calibration(page, found)
    _pictures(page, found)
    if found.robustness is not None:
        _robustness(page, found, found.robustness)
    page.add("How these numbers are computed", _method(found))
    title = f"{network.title} on {found.images}"
    subtitle = (
        f"{network.architecture} after epoch {network.epoch} of {network.epochs}; weights "
        f"{network.weights}; {found.data}."
    )
    write_document(Path(path), "page", document(title, subtitle, page))


def _opening(found: Evaluation) -> str:
    scores, known = found.scores, found.scores.calibration
    ends = text.interval_text(scores.low, scores.high).strip(" ()")
    tiles = [
        Tile(
            text.percent(scores.accuracy), f"of {text.count(scores.images, 'image')} right ({ends})"
        ),
        Tile(text.percent(scores.balanced_accuracy), "balanced: the mean recall of the classes"),
        Tile(f"{scores.macro_f1:.3f}", "mean F1 of the classes"),
        Tile(f"{100 * known.ece:.2f}", "points of calibration error (ECE)"),
        Tile(f"{known.nll:.3f}", "log loss"),
    ]
    if scores.top5 is not None:
        tiles.insert(1, Tile(text.percent(scores.top5), "among the five most probable classes"))
    if found.robustness is not None:
        tiles.append(Tile(text.percent(found.robustness.mean), "under common corruptions"))
    return head(tiles, answer=[views.headline(found)])


def _classes(page: Page, scores: Scores) -> None:
    rows = weakest(scores)
    rows += [row for row in scores.by_class if not row.images]
    parts = [text_table(views.by_class(rows[: views.ROWS if len(rows) > _WRITTEN else None]))]
    if len(rows) > _WRITTEN:
        parts.append(folded(f"All {len(rows)} classes", text_table(views.by_class(rows))))
    caption = (
        "The weakest first, by F1. Recall is the share of a class's images that are found, with its 95 % "
        "interval; precision is the share of what is taken for the class that is of it."
    )
    page.add("Class by class", note(caption), *parts)


def _confusion(page: Page, scores: Scores) -> None:
    pairs = confusions(scores)
    caption = (
        "A row for each class, a column for what its images are taken for. Blue is right, orange is wrong; "
        "the darker, the larger the share of the class. Point at a cell for its numbers."
    )
    few = len(scores.classes) <= _FEW
    drawn = page.figure(confusion_figure(scores), caption, wide=not few, kind="confusion")
    table = text_table(views.confused(pairs[: views.ROWS])) if pairs else ""
    more = len(pairs) - views.ROWS
    rest = note(f"And {text.count(more, 'other pair')} of classes.") if more > 0 else ""
    page.add("What is taken for what", drawn, table, rest)


_FEW = 12
"""Number of classes up to which the figure fits on a phone."""


def _calibration(page: Page, found: Evaluation) -> None:
    caption = (
        "Above, how often the network is right where its probability is in each of 15 ranges of equal width, "
        "with 95 % intervals: on the line, probabilities are what they say; below it the network is too "
        "sure. Below, the share of images in each range."
    )
    page.add(
        "Whether its probabilities can be believed",
        f"<p>{escape(views.calibrated(found))}</p>",
        page.figure(reliability_figure(found.scores.calibration), caption),
    )


def _pictures(page: Page, found: Evaluation) -> None:
    scores = found.scores
    if scores.mistakes:
        page.add(
            "The most confident mistakes",
            note(
                "Look at the labels first: confident mistakes are often wrong labels. Below each image: what "
                "it was taken for, and its own class."
            ),
            _gallery(scores.mistakes, found),
        )
    page.add(
        "The least certain images",
        note("The predicted class is the most probable one, but its probability is low."),
        _gallery(scores.uncertain, found),
    )
    if scores.surest:
        page.add(
            "The most confident images that it gets right",
            note("What it takes for a clear case."),
            _gallery(scores.surest, found),
        )


def _gallery(rows: Sequence[PredictedImage], found: Evaluation) -> str:
    return f'<div class="gallery">{"".join(_picture(row, found) for row in rows)}</div>'


def _picture(row: PredictedImage, found: Evaluation) -> str:
    name = escape(views.label(row))
    short = escape(views.label(row).rsplit("/", 1)[-1])
    said = f"<b>{escape(row.predicted)}</b> {100 * row.probability:.0f} %"
    truth = f"is {escape(row.true)}, {100 * row.true_probability:.0f} %"
    if row.right:
        truth = "right"
    return (
        f'<figure class="picture {"" if row.right else "wrong"}">{_image(found.pictures[row.row], name)}'
        f'<figcaption>{said}<br>{truth}<br><span class="file" title="{name}">{short}</span></figcaption>'
        "</figure>"
    )


def _robustness(page: Page, found: Evaluation, robust: Robustness) -> None:
    size = (
        f"{robust.images:,} of the images, drawn at random"
        if robust.images < len(found.labels)
        else "all images"
    )
    caption = (
        f"Accuracy by severity, a line for each kind of corruption: their mean. On {size}; severity 0 is the "
        "images as they are."
    )
    table = views.robustness(robust)
    page.add(
        "Under common corruptions",
        f"<p>{escape(views.robust(robust))}</p><p>{escape(views.moved(robust))}</p>",
        page.figure(robustness_figure(robust), caption),
        _with_pictures(table, robust, found),
        note(
            f"The pictures show the first image at severity 3. Strengths are those of {robust.strengths}. Left "
            f"out of the paper's fifteen: {'; '.join(robust.left_out)}. The kind geometry is not of the paper, and "
            "not in the mean."
        ),
    )


def _with_pictures(table: TextTable, robust: Robustness, found: Evaluation) -> str:
    """Return a table of corruptions with a picture of each at the left."""
    cells = [
        f'<td class="look">{_image(found.examples[row.name][2], views.spoken(row.name))}</td>'
        for row in (*robust.rows, *robust.moves)
    ]
    plain = text_table(table).replace("<thead><tr>", '<thead><tr><th class="look"></th>')
    first, *rows = plain.split("<tbody><tr>")[1].split("</tr><tr>")
    body = "</tr><tr>".join(cell + row for cell, row in zip(cells, [first, *rows], strict=True))
    return f"{plain.split('<tbody><tr>')[0]}<tbody><tr>{body}"


def _method(found: Evaluation) -> str:
    parts = [
        (
            "Accuracy",
            "The share of images whose most probable class is their own. Its interval is Wilson's over images: "
            "it says how far another such sample of images would move it, not how far another training would.",
        ),
        (
            "Calibration",
            "ECE is the expected calibration error of Guo et al. (2017): in 15 bins of equal width of the "
            "predicted class's probability, the distance of accuracy and mean probability, weighted by "
            "images. Even true probabilities give some by chance: the mean of 200 draws in which each image "
            "is right with its stated probability. The log loss is the mean negative natural logarithm of the "
            "true class's probability, the Brier score the mean sum of squared distances over all classes, "
            "from 0 to 2.",
        ),
        (
            "Prediction",
            "As the trial was evaluated: averages of weights and test-time augmentation count, where its "
            "recipe has them.",
        ),
    ]
    if found.robustness is not None:
        parts.append(
            (
                "Corruptions",
                "Those of Hendrycks and Dietterich, Benchmarking Neural Network Robustness to Common "
                "Corruptions and Perturbations, ICLR 2019, computed here with NumPy, SciPy and Pillow. Their "
                "draws depend on the image, the corruption and the severity, so that networks can be compared.",
            )
        )
    return "".join(f"<h3>{title}</h3><p>{escape(said)}</p>" for title, said in parts)


def _image(pixels: Pixels, name: str) -> str:
    """Return an image as HTML that holds it; small ones are shown pixel by pixel."""
    plain = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    large = max(plain.size) > _LARGEST
    if large:
        plain.thumbnail((_LARGEST, _LARGEST))
    buffer = io.BytesIO()
    if max(plain.size) > 64:
        plain.save(buffer, "JPEG", quality=88)
    else:
        plain.save(buffer, "PNG", optimize=True)
    kind = "jpeg" if max(plain.size) > 64 else "png"
    data = b64encode(buffer.getvalue()).decode()
    return f'<img alt="{name}" src="data:image/{kind};base64,{data}">'
