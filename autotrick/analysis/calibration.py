"""Whether a network's probabilities can be believed: calibration error, log loss, Brier score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.design.paired import share_interval

BINS = 15
"""Bins of equal width in [0, 1], as in Guo et al."""
_DRAWS = 200
_LEAST = 1e-12
"""Least probability in the log loss: one certain mistake would make it infinite."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The images whose predicted class has a probability in one range.

    Attributes:
        low: Its lower end, exclusive.
        high: Its upper end, inclusive.
        images: Their number.
        confidence: Mean probability of the predicted class; None without images.
        accuracy: Share that was right; None without images.
        accuracy_low: Lower end of the share's 95 % interval (Wilson's).
        accuracy_high: Its upper end.
    """

    low: float
    high: float
    images: int
    confidence: float | None = None
    accuracy: float | None = None
    accuracy_low: float | None = None
    accuracy_high: float | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far probabilities agree with how often they are right.

    Attributes:
        ece: Expected calibration error: mean over the images of the distance between accuracy and mean
            probability in their bin, in [0, 1].
        ece_by_chance: What it would be on average if every probability were right, with as many images.
        confidence: Mean probability of the predicted class.
        nll: Mean negative natural logarithm of the true class's probability.
        brier: Mean over the images of the squared distances between probabilities and truth, summed over
            the classes; in [0, 2].
        bins: BINS bins of equal width.
    """

    ece: float
    ece_by_chance: float
    confidence: float
    nll: float
    brier: float
    bins: tuple[ReliabilityBin, ...]


def calibration(probabilities: Floats, labels: Integers) -> Calibration:
    """Return how well probabilities are calibrated.

    Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
    https://arxiv.org/abs/1706.04599

    Args:
        probabilities: (N, K), N at least 1; each row sums to 1.
        labels: (N,) numbers of the true classes.
    """
    rows = np.arange(len(labels))
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    true = probabilities[rows, labels]
    # The squares of all classes, with (p - 1)^2 in place of p^2 for the true one.
    brier = (probabilities**2).sum(axis=1) - 2 * true + 1
    return Calibration(
        ece=_ece(confidence, right),
        ece_by_chance=_ece_by_chance(confidence),
        confidence=float(confidence.mean()),
        nll=float(-np.log(np.maximum(true, _LEAST)).mean()),
        brier=float(brier.mean()),
        bins=tuple(_bin(i, confidence, right) for i in range(BINS)),
    )


def _places(confidence: Floats) -> Integers:
    """Return the bin of each image; a bin has its upper end."""
    found: Integers = np.ceil(confidence * BINS).astype(np.int64) - 1
    return np.clip(found, 0, BINS - 1)


def _ece(confidence: Floats, right: NDArray[np.bool_]) -> float:
    gaps = np.bincount(_places(confidence), right - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def _ece_by_chance(confidence: Floats) -> float:
    """Return the mean error of draws in which each image is right with the probability stated."""
    rng = np.random.default_rng(0)
    draws = (rng.random(len(confidence)) < confidence for _ in range(_DRAWS))
    return float(np.mean([_ece(confidence, right) for right in draws]))


def _bin(i: int, confidence: Floats, right: NDArray[np.bool_]) -> ReliabilityBin:
    inside = _places(confidence) == i
    low, high, count = i / BINS, (i + 1) / BINS, int(inside.sum())
    if not count:
        return ReliabilityBin(low, high, 0)
    share = float(right[inside].mean())
    ends = share_interval(share, count)
    return ReliabilityBin(low, high, count, float(confidence[inside].mean()), share, *ends)
