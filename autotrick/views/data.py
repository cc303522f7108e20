"""What is known of a study's images: sentences, a table, and warnings, wherever they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autotrick.data.facts import TYPICAL, Facts, recorded, standard_error, warnings
from autotrick.tasks import metric_of
from autotrick.views.table import TextTable
from autotrick.views.text import metric_text

if TYPE_CHECKING:
    from autotrick.records.rows import StudyRow

_SAID_BETTER = {"missing_class", "untrained_class"}
"""Notes of the source that a warning says with its consequence."""
_ERRORS = 2.0
"""How many standard errors above chance a study's best must be to be more than that."""
_MANY = 10_000
"""Weights for each training image from which a network that is not pretrained is told of."""


def data_sentence(facts: Facts) -> str:
    """Return a description of the images."""
    height, width, channels = facts.shape
    splits = ", ".join(f"{sum(counts):,} for {split}" for split, counts in facts.counts.items())
    colour = "grey" if channels == 1 else "in colour"
    carved = "; the validation images were split off the training images" if facts.carved else ""
    classes = f"{len(facts.classes):,} classes, " if facts.classified else ""
    return (
        f"{classes}{width}x{height} pixels, {colour}. Images: "
        f"{splits}{carved}. Decoding version: {facts.decoding}."
    )


def validation_sentence(facts: Facts) -> str:
    """Return how finely the validation images tell accuracies apart; empty where there are no classes."""
    error = facts.validation_error
    if error is None:
        return ""
    return (
        f"An accuracy of {TYPICAL:.0%} on the {facts.validation_images:,} validation images has a standard "
        f"error of {100 * error:.1f} points."
    ).replace("90%", "90 %")


def weights_sentence(parameters: int, facts: Facts, *, pretrained: bool) -> str:
    """Return how many weights are trained for each image, and a warning where there are very many.

    Args:
        parameters: Number of weights that are trained.
        pretrained: Whether they do not start at random.
    """
    images = facts.training_images
    share = parameters / max(images, 1)
    said = f"{parameters:,} weights, {share:,.{0 if share >= 10 else 1}f} for each of {images:,} training images"
    if not many_weights(parameters, facts, pretrained=pretrained):
        return f"{said}."
    return f"{said}: so many learn the images by heart. Take a smaller or a pretrained network, or more images."


def many_weights(parameters: int, facts: Facts, *, pretrained: bool) -> bool:
    """Return whether `weights_sentence` warns."""
    return not pretrained and parameters >= _MANY * facts.training_images


def data_table(facts: Facts, *, limit: int = 30) -> TextTable:
    """Return the number of images of each class and split.

    Args:
        limit: Number of classes that are listed; the others are summed up in one row.
    """
    splits = list(facts.counts)
    rows = [
        (name, *(f"{facts.counts[split][number]:,}" for split in splits))
        for number, name in enumerate(facts.classes[:limit])
    ]
    if (rest := len(facts.classes) - limit) > 0:
        others = (f"{sum(facts.counts[split][limit:]):,}" for split in splits)
        rows.append((f"{rest:,} more classes", *others))
    rows.append(("all", *(f"{sum(facts.counts[split]):,}" for split in splits)))
    return TextTable(("Class", *splits), rows, frozenset(range(1, len(splits) + 1)))


def data_warnings(facts: Facts) -> list[str]:
    """Return what makes results over these images hard to trust, and what was left out or odd."""
    found = warnings(facts)
    notes = [note for note in facts.notes if not found or note.kind not in _SAID_BETTER]
    return [str(note) for note in (*found, *notes)]


def chance_warning(study: StudyRow, best: float | None) -> str:
    """Return the sentence that a study's best is hardly better than chance; empty if it is better.

    Args:
        best: Its best accuracy; None before a trial is complete.
    """
    facts, metric = recorded(study.data), study.value_metric
    if best is None or facts is None or facts.chance is None or metric != metric_of("accuracy"):
        return ""
    images = facts.validation_images
    error = standard_error(facts.chance, images)
    if best > facts.chance + _ERRORS * error:
        return ""
    shown = metric_text(facts.chance, metric)
    return (
        f"The best accuracy, {metric_text(best, metric)}, is within two standard errors of chance: always "
        f"saying the most frequent class gives {shown} \u00b1 {100 * error:.1f} points on these {images:,} "
        "validation images. Nothing was learnt that can be told from luck: look at labels and images, or "
        "try other rates, a larger network or more epochs."
    )
