"""Measure a trained network's cost and robustness.

Robustness is the mean of the task's first metric (of classes the accuracy) on the validation images
over a *small subset* of the corruptions of Hendrycks, Dietterich, "Benchmarking Neural Network
Robustness to Common Corruptions and Perturbations", ICLR 2019. https://arxiv.org/abs/1903.12261

Uses those of the paper's nineteen corruptions that `autotrick.augment` implements (Gaussian noise,
impulse noise, Gaussian blur, brightness, contrast), at severities 1, 3 and 5 with the strengths of
CIFAR-10-C: fifteen evaluations of the validation split. The noise of an image depends only on its
index in the split, so that networks are compared on the same pixels.

Differs: reports the task's metric instead of the paper's mean corruption error, which divides by
AlexNet's. Brightness is added to every channel instead of in HSV. Two of the five corruptions belong to the
paper's validation set. The numbers cannot be compared with those of papers, only with each other.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from statistics import mean, median

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from autotrick.data import Split
from autotrick.models.describe import describe
from autotrick.random_streams import Stream
from autotrick.train.evaluate import predictor, score
from autotrick.train.prepare import Stages, network_for_evaluation
from autotrick.tricks import Pictures, Run

SEVERITIES = (1, 3, 5)

CORRUPTIONS = {
    "gaussian_noise": (0.04, 0.06, 0.08, 0.09, 0.10),
    "impulse_noise": (0.01, 0.02, 0.03, 0.05, 0.07),
    "gaussian_blur": (0.4, 0.6, 0.7, 0.8, 1.0),
    "brightness": (0.05, 0.10, 0.15, 0.20, 0.30),
    "contrast": (0.75, 0.50, 0.40, 0.30, 0.15),
}
(
    "Strength at severities 1 to 5: standard deviation, probability per pixel, pixels, share of the "
    "range to add, factor of the distance from the mean."
)

_WARM_UP, _LEAST, _MOST, _LIMIT_S = 5, 10, 100, 1.0

Images = NDArray[np.uint8]


def measure(run: Run, stages: Stages, split: Split, names: Collection[str]) -> dict[str, float]:
    """Return the named measures of the network used for prediction; the run does not change.

    Args:
        names: Any of `multiply_adds`, `latency_ms` and `robustness`; others are ignored.
    """
    kept = dict(run.metrics)
    found: dict[str, float] = {}
    if "multiply_adds" in names:
        found["multiply_adds"] = multiply_adds(run)
    if {"latency_ms", "robustness"} & set(names):
        model = network_for_evaluation(run, stages)
        if "latency_ms" in names:
            found["latency_ms"] = latency_ms(run, stages, model, split)
        if "robustness" in names:
            found["robustness"] = _robustness(run, stages, model, split)
    run.metrics = kept
    return found


def multiply_adds(run: Run) -> int:
    """Return the multiply-adds of convolutions and linear layers for one image."""
    return describe(run.model, (run.channels, *run.image_size)).multiply_adds


def latency_ms(run: Run, stages: Stages, model: nn.Module, split: Split) -> float:
    """Return the median time in ms to predict one image that is already on the device."""
    predict = predictor(run, stages, model)
    image = run.normalised(split.images[:1])
    seconds: list[float] = []
    with torch.inference_mode():
        for _ in range(_WARM_UP):
            predict(image)
        begun = time.perf_counter()
        while len(seconds) < _LEAST or (
            len(seconds) < _MOST and time.perf_counter() - begun < _LIMIT_S
        ):
            _wait(run.device)
            start = time.perf_counter()
            predict(image)
            _wait(run.device)
            seconds.append(time.perf_counter() - start)
    return 1000 * median(seconds)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _robustness(run: Run, stages: Stages, model: nn.Module, split: Split) -> float:
    def found(name: str, severity: int) -> float:
        images = corrupted(split.images, name, severity)
        metrics, _ = score(run, stages, model, Split(images, split.labels))
        return metrics[run.task.metric.name]

    return mean(found(name, severity) for name in CORRUPTIONS for severity in SEVERITIES)


def corrupted(images: Images, name: str, severity: int) -> Images:
    """Return a corrupted copy of images.

    Args:
        images: (N, H, W, C).
        name: One of CORRUPTIONS.
        severity: 1 to 5.
    """
    copy = Pictures(np.array(images, order="C"))
    strength = np.full(len(copy), CORRUPTIONS[name][severity - 1])
    keys = Stream(severity, name).bits(0, np.arange(len(copy)), 1)[:, 0]
    match name:
        case "gaussian_noise":
            copy.add_noise(keys, 255 * strength)
        case "impulse_noise":
            copy.salt_and_pepper(keys, strength)
        case "gaussian_blur":
            copy.blur(strength)
        case "brightness":
            copy.add(np.repeat(255 * strength[:, None], copy.channels, axis=1))
        case _:
            copy.scale_contrast(strength)
    return copy.to_numpy()
