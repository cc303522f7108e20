"""What a classifier gets right on labelled images, from its probabilities alone."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autotrick.analysis.calibration import Calibration, calibration
from autotrick.design.paired import share_interval

SHOWN = 24
"""Number of mistakes, and of uncertain images, that are kept."""
_TOP = 5

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClassScores:
    """One class.

    Attributes:
        name: Of the class.
        images: Number of its images.
        predicted: How many images were taken for it.
        recall: Share of its images that were found; None without images.
        recall_low: Lower end of the recall's 95 % interval (Wilson's).
        recall_high: Its upper end.
        precision: Share of the images taken for it that are of it; None if there are none.
        f1: Harmonic mean of recall and precision; None without images.
    """

    name: str
    images: int
    predicted: int
    recall: float | None
    recall_low: float | None
    recall_high: float | None
    precision: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Images of one class that were taken for another.

    Attributes:
        true: Name of their class.
        predicted: Name of the other one.
        images: Their number.
        share: Of the images of their class.
    """

    true: str
    predicted: str
    images: int
    share: float


@dataclass(frozen=True, slots=True)
class PredictedImage:
    """One image with what is predicted for it.

    Attributes:
        row: Its place in the split, from 0.
        true: Name of its class.
        predicted: Name of the most probable class.
        probability: Of that class.
        true_probability: Of its own class.
        name: Name of its file; empty where it has none.
    """

    row: int
    true: str
    predicted: str
    probability: float
    true_probability: float
    name: str = ""

    @property
    def right(self) -> bool:
        """Whether the most probable class is its own."""
        return self.true == self.predicted


@dataclass(frozen=True, slots=True)
class CorruptionScores:
    """The accuracy under one corruption.

    Attributes:
        name: Of the corruption.
        family: noise, blur, weather, digital or geometry.
        accuracies: At severities 1 to 5, in [0, 1].
    """

    name: str
    family: str
    accuracies: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean over the severities."""
        return float(np.mean(self.accuracies))


@dataclass(frozen=True, slots=True)
class Robustness:
    """The accuracy under the common corruptions.

    Attributes:
        images: Number of images, drawn from the split at random.
        clean: Accuracy on these images as they are.
        strengths: Whose strengths the severities have: `CIFAR-10-C` or `ImageNet-C`.
        rows: The paper's, in its order.
        moves: Those of moved, turned, shrunk and cropped copies, which are not of the paper.
        left_out: Corruptions of the paper that were not tried.
    """

    images: int
    clean: float
    strengths: str
    rows: tuple[CorruptionScores, ...]
    moves: tuple[CorruptionScores, ...]
    left_out: tuple[str, ...]

    @property
    def mean(self) -> float:
        """Mean accuracy over the paper's corruptions and severities."""
        return float(np.mean([row.mean for row in self.rows]))

    @property
    def moved(self) -> float:
        """Mean accuracy over moves and severities."""
        return float(np.mean([row.mean for row in self.moves]))


@dataclass(frozen=True, slots=True)
class Scores:
    """What a classifier gets right on labelled images.

    Attributes:
        classes: Names of the K classes.
        images: Number of images.
        accuracy: In [0, 1].
        low: Lower end of its 95 % interval over images (Wilson's).
        high: Its upper end.
        balanced_accuracy: Mean recall of the classes that have images.
        macro_f1: Mean F1 of the classes that have images.
        top5: Share of images whose class is among the five most probable; None for up to five classes.
        by_class: In the order of `classes`.
        confusion: (K, K) number of images by true class, a row each, and predicted class.
        calibration: Whether the probabilities can be believed.
        mistakes: The most confident mistakes, the most probable first.
        uncertain: The images whose predicted class is least probable, the least one first.
        surest: The most confident images that it gets right, the most probable first.
    """

    classes: tuple[str, ...]
    images: int
    accuracy: float
    low: float
    high: float
    balanced_accuracy: float
    macro_f1: float
    top5: float | None
    by_class: tuple[ClassScores, ...]
    confusion: Integers
    calibration: Calibration
    mistakes: tuple[PredictedImage, ...]
    uncertain: tuple[PredictedImage, ...]
    surest: tuple[PredictedImage, ...]


def score(
    probabilities: Floats, labels: Integers, classes: Sequence[str], names: Sequence[str] = ()
) -> Scores:
    """Return what predictions get right.

    Args:
        probabilities: (N, K), N at least 1; each row sums to 1.
        labels: (N,) numbers of the true classes.
        classes: Names of the K classes.
        names: Names of the N images; empty where they have none.
    """
    predicted = probabilities.argmax(axis=1)
    confusion = np.zeros((len(classes),) * 2, np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    share = float((predicted == labels).mean())
    by_class = tuple(_of_class(name, i, confusion) for i, name in enumerate(classes))
    there = [row for row in by_class if row.images]

    def shown(rows: Integers) -> tuple[PredictedImage, ...]:
        return tuple(
            PredictedImage(
                row=row,
                true=classes[labels[row]],
                predicted=classes[predicted[row]],
                probability=float(probabilities[row, predicted[row]]),
                true_probability=float(probabilities[row, labels[row]]),
                name=names[row] if names else "",
            )
            for row in rows[:SHOWN].tolist()
        )

    sure = np.argsort(probabilities.max(axis=1), kind="stable")
    wrong = sure[::-1][(predicted != labels)[sure[::-1]]]
    right = sure[::-1][(predicted == labels)[sure[::-1]]]
    return Scores(
        classes=tuple(classes),
        images=len(labels),
        accuracy=share,
        **dict(zip(("low", "high"), share_interval(share, len(labels)), strict=True)),
        balanced_accuracy=float(np.mean([row.recall or 0.0 for row in there])),
        macro_f1=float(np.mean([row.f1 or 0.0 for row in there])),
        top5=_top(probabilities, labels),
        by_class=by_class,
        confusion=confusion,
        calibration=calibration(probabilities, labels),
        mistakes=shown(wrong),
        uncertain=shown(sure),
        surest=shown(right),
    )


def confusions(found: Scores) -> list[Confusion]:
    """Return which classes are taken for which, the most images first."""
    wrong = found.confusion - np.diag(np.diag(found.confusion))
    pairs = np.argwhere(wrong)
    rows = [
        Confusion(
            found.classes[true],
            found.classes[other],
            int(wrong[true, other]),
            float(wrong[true, other] / found.by_class[true].images),
        )
        for true, other in pairs.tolist()
    ]
    return sorted(rows, key=lambda row: (-row.images, -row.share, row.true, row.predicted))


def weakest(found: Scores) -> list[ClassScores]:
    """Return the classes that have images, the one with the lowest F1 first."""
    there = [row for row in found.by_class if row.images]
    return sorted(there, key=lambda row: (row.f1 or 0.0, row.recall or 0.0, row.name))


def _of_class(name: str, i: int, confusion: Integers) -> ClassScores:
    images, predicted, right = confusion[i].sum(), confusion[:, i].sum(), confusion[i, i]
    recall = float(right / images) if images else None
    low, high = share_interval(recall, int(images)) if recall is not None else (None, None)
    return ClassScores(
        name,
        int(images),
        int(predicted),
        recall,
        low,
        high,
        precision=float(right / predicted) if predicted else None,
        # 2 right / (images + predicted) is the harmonic mean, and 0 where both are.
        f1=float(2 * right / (images + predicted)) if images else None,
    )


def _top(probabilities: Floats, labels: Integers) -> float | None:
    if probabilities.shape[1] <= _TOP:
        return None
    best = np.argpartition(-probabilities, _TOP - 1, axis=1)[:, :_TOP]
    return float((best == labels[:, None]).any(axis=1).mean())


@dataclass(frozen=True, slots=True)
class EvaluatedNetwork:
    """A network that was evaluated.

    Attributes:
        study: Name of its study; None if it was read from a file.
        trial: Its number; None likewise.
        state: State of the trial; None likewise.
        path: The file that it was read from; None if it was trained again.
        architecture: Name of its architecture.
        epoch: Number of epochs that it was trained for.
        epochs: Number of epochs of its recipe.
        weights: 16 hex digits that name its weights.
    """

    study: str | None
    trial: int | None
    state: str | None
    path: str | None
    architecture: str
    epoch: int
    epochs: int
    weights: str

    @property
    def title(self) -> str:
        """How people call it: `trial 7 of photos`."""
        return self.path or "" if self.study is None else f"trial {self.trial} of {self.study}"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a network gets right on labelled images.

    Attributes:
        network: The network.
        split: `validation`, `test`, or the path of a folder.
        data: Name of the data set, as spaces write it.
        scores: What it gets right.
        robustness: Under the common corruptions; None if that was not asked for.
        notes: What one has to know to read it right; sentences.
        look: Number of the look at the test split that this was; None on other images.
        probabilities: (N, K) of the classes.
        labels: (N,) numbers of the true classes.
        pictures: The images of `scores.mistakes`, `uncertain` and `surest` by row, (H, W, C) uint8.
        examples: By corruption, one image at severities 1 to 5, (5, H, W, C) uint8.
    """

    network: EvaluatedNetwork
    split: str
    data: str
    scores: Scores
    robustness: Robustness | None
    notes: tuple[str, ...]
    look: int | None
    probabilities: Floats = field(repr=False, compare=False)
    labels: Integers = field(repr=False, compare=False)
    pictures: Mapping[int, NDArray[np.uint8]] = field(repr=False, compare=False)
    examples: Mapping[str, NDArray[np.uint8]] = field(repr=False, compare=False)

    @property
    def images(self) -> str:
        """How people call the images: `the validation split`."""
        named = self.split in ("validation", "test")
        return f"the {self.split} split" if named else self.split

    def to_json(self) -> dict[str, Any]:
        """Return all but pictures and single predictions as plain JSON values."""
        found = asdict(self.scores) | {"confusion": self.scores.confusion.tolist()}
        robust = self.robustness
        return {
            **asdict(self.network),
            "split": self.split,
            "data": self.data,
            "look": self.look,
            **found,
            "robustness": None
            if robust is None
            else asdict(robust) | {"mean": robust.mean, "moved": robust.moved},
            "notes": list(self.notes),
        }
