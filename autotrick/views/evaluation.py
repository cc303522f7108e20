"""An evaluation in words and tables, for the terminal and for its page."""

from collections.abc import Iterator, Sequence

from autotrick.analysis.evaluation import (
    ClassScores,
    Confusion,
    CorruptionScores,
    Evaluation,
    PredictedImage,
    Robustness,
    confusions,
    weakest,
)
from autotrick.views import text
from autotrick.views.table import Column, TextTable

ROWS = 12
"""Rows of a table of which only the first ones are shown."""
_CLEAR = 0.02
"""Distance of confidence and accuracy from which words say that a network is too sure, or not enough."""


def headline(found: Evaluation) -> str:
    """Return the accuracy with its interval, and on what: one sentence."""
    scores, network = found.scores, found.network
    ends = text.interval_text(scores.low, scores.high).strip(" ()")
    return (
        f"{network.title}: {text.percent(scores.accuracy)} right (95 % interval {ends}) of "
        f"{text.count(scores.images, 'image')} of {found.images}."
    )


def sentences(found: Evaluation) -> Iterator[str]:
    """Yield what is worth knowing beside the accuracy, one sentence each."""
    scores, network = found.scores, found.network
    if network.state in ("running", "waiting"):
        yield (
            f"The trial is {network.state}: this is its network after epoch {network.epoch} of "
            f"{network.epochs}."
        )
    there = weakest(found.scores)
    parts = [f"balanced over {len(there)} classes {text.percent(scores.balanced_accuracy)}"]
    if scores.top5 is not None:
        parts.append(f"among the five most probable classes {text.percent(scores.top5)}")
    yield f"{'; '.join(parts)}; mean F1 {scores.macro_f1:.3f}.".capitalize().replace("f1", "F1")
    if len(there) > 1 and there[0].f1 != there[-1].f1:
        low, high = there[0], there[-1]
        yield (
            f"The weakest class is {low.name} (F1 {low.f1:.3f}), the best {high.name} (F1 {high.f1:.3f})."
        )
    if pairs := confusions(scores)[:3]:
        said = ", ".join(f"{row.true} for {row.predicted} ({row.images:,})" for row in pairs)
        yield f"Most often it takes {said}."
    yield calibrated(found)
    if found.robustness is not None:
        yield robust(found.robustness)
        yield moved(found.robustness)
    if found.look is not None:
        yield f"This was look {found.look} at the test split; it is recorded with the study."
    yield from found.notes


def calibrated(found: Evaluation) -> str:
    """Return whether the probabilities can be believed, in a sentence."""
    known, accuracy = found.scores.calibration, found.scores.accuracy
    gap = known.confidence - accuracy
    how = "about as sure as it is right"
    if abs(gap) > _CLEAR and known.ece > 1.5 * known.ece_by_chance:
        how = "surer than it is right" if gap > 0 else "less sure than it is right"
    return (
        f"It is {how}: mean probability {text.percent(known.confidence)}, calibration error (ECE) "
        f"{100 * known.ece:.2f} points, where a perfect network would have "
        f"{100 * known.ece_by_chance:.2f} by chance; log loss {known.nll:.3f}, Brier score "
        f"{known.brier:.3f}."
    )


def robust(found: Robustness) -> str:
    """Return the accuracy under corruptions, in a sentence."""
    worst = min(found.rows, key=lambda row: row.mean)
    best = max(found.rows, key=lambda row: row.mean)
    return (
        f"Under {len(found.rows)} common corruptions at five severities the accuracy is "
        f"{text.percent(found.mean)} on average, {text.percent(found.clean)} without: worst under "
        f"{spoken(worst.name)} ({text.percent(worst.mean)}), best under {spoken(best.name)} "
        f"({text.percent(best.mean)})."
    )


def moved(found: Robustness) -> str:
    """Return the accuracy of moved, turned, shrunk and cropped copies, in a sentence."""
    worst = min(found.moves, key=lambda row: row.mean)
    return (
        f"Moved, turned, shrunk or cropped, {text.percent(found.moved)} are right on average: worst under "
        f"{spoken(worst.name)} ({text.percent(worst.mean)})."
    )


def spoken(name: str) -> str:
    """Return a corruption's name as people write it: `jpeg_compression` is JPEG compression."""
    return name.replace("_", " ").replace("jpeg", "JPEG").replace("gaussian", "Gaussian")


def by_class(rows: Sequence[ClassScores]) -> TextTable:
    """Return a row for each class."""
    return TextTable.of(
        (
            Column("Class", lambda row: row.name),
            Column("Images", lambda row: row.images, text.number, numeric=True),
            Column("F1", lambda row: row.f1, _three, numeric=True),
            Column("Recall", lambda row: row.recall, text.percent, numeric=True),
            Column("Precision", lambda row: row.precision, text.percent, numeric=True),
            Column("Recall, 95 % interval", _recall_interval, numeric=True),
        ),
        rows,
    )


def confused(rows: Sequence[Confusion]) -> TextTable:
    """Return a row for each pair of a class and another one that it is taken for."""
    return TextTable.of(
        (
            Column("Class", lambda row: row.true),
            Column("Taken for", lambda row: row.predicted),
            Column("Images", lambda row: row.images, text.number, numeric=True),
            Column("Of the class", lambda row: row.share, text.percent, numeric=True),
        ),
        rows,
    )


def robustness(found: Robustness) -> TextTable:
    """Return a row for each corruption, with the accuracy at each severity."""

    def at(severity: int) -> Column[CorruptionScores]:
        return Column(
            str(severity), lambda row: row.accuracies[severity - 1], _short_percent, numeric=True
        )

    return TextTable.of(
        (
            Column("Corruption", lambda row: spoken(row.name)),
            Column("Kind", lambda row: row.family),
            *map(at, range(1, 6)),
            Column("Mean", lambda row: row.mean, _short_percent, numeric=True),
        ),
        (*found.rows, *found.moves),
    )


def images(rows: Sequence[PredictedImage]) -> TextTable:
    """Return a row for each image, with what is predicted."""
    return TextTable.of(
        (
            Column("Image", label),
            Column("Class", lambda row: row.true),
            Column("Predicted", lambda row: row.predicted),
            Column("Probability", lambda row: row.probability, text.percent, numeric=True),
        ),
        rows,
    )


def label(image: PredictedImage) -> str:
    """Return how people find an image: its file, or its number."""
    return image.name or f"image {image.row}"


def follow_line(found: Evaluation) -> str:
    """Return one line on a checkpoint of a trial that is followed."""
    scores, network = found.scores, found.network
    return (
        f"epoch {network.epoch} of {network.epochs}: {text.percent(scores.accuracy)}"
        f"{text.interval_text(scores.low, scores.high)}, ECE {100 * scores.calibration.ece:.2f} points, "
        f"log loss {scores.calibration.nll:.3f}"
        + (f", corrupted {text.percent(found.robustness.mean)}" if found.robustness else "")
    )


def _recall_interval(row: ClassScores) -> str:
    if row.recall_low is None or row.recall_high is None:
        return text.DASH
    return f"{100 * row.recall_low:.1f} to {100 * row.recall_high:.1f}"


def _three(value: float | None) -> str:
    return text.DASH if value is None else f"{value:.3f}"


def _short_percent(value: float) -> str:
    return f"{100 * value:.1f} %"
