"""PCA colour: shift images along the principal components of the training colours.

Adds [p1 p2 p3] [a1 l1, a2 l2, a3 l3] to every pixel of an image. p and l are the eigenvectors and
eigenvalues of the channels' covariance, and a is normal with standard deviation alpha. Covariances
are computed on values from 0 to 1 of at most 10,000 evenly chosen training images. Gray images have
one direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Float
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import KRIZHEVSKY_2012_ALEXNET
from autotrick.tricks.rules import Range

SAMPLE = 10_000
CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class PcaColour(Trick):
    """Add a random multiple of each principal component of the training colours to an image."""

    name = "pca_colour"
    papers = (KRIZHEVSKY_2012_ALEXNET.at("section 4.1"),)
    cost = 1.01
    position = 44
    does = frozenset({"colour"})

    alpha: float = setting(
        0.1,
        "Standard deviation of the multiples of the eigenvalues, at least 0.",
        search=Float(0.02, 2.0, log=True),
        neutral=0.0,
        rule=Range(0, 10),
    )

    def on_start(self, run: Run) -> None:
        directions, variances = components(run.images)
        run.state[self.name] = {
            "directions": directions.tolist(),
            "variances": variances.tolist(),
        }

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        if self.name not in run.state:  # outside training, as for a picture of the trick
            self.on_start(run)
        known = run.state[self.name]
        directions, variances = np.array(known["directions"]), np.array(known["variances"])
        multiples = normal(run.stream(self.name).uniform(run.update, samples, 2 * len(variances)))
        offsets = (self.alpha * multiples * variances) @ directions.T
        return pictures.add(255 * offsets)


def components(images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (C, C) directions, one per column, and (C,) variances of colours in [0, 1].

    Each direction's largest component is positive, so that the sign does not depend on the solver.
    """
    every = -(-len(images) // SAMPLE)
    colours = np.asarray(images[::every]).reshape(-1, images.shape[3])
    total, squares = np.zeros(colours.shape[1]), np.zeros((colours.shape[1],) * 2)
    for start in range(0, len(colours), CHUNK):
        part = colours[start : start + CHUNK] / 255.0
        total += part.sum(axis=0)
        squares += part.T @ part
    mean = total / len(colours)
    variances, directions = np.linalg.eigh(squares / len(colours) - np.outer(mean, mean))
    largest = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[largest, np.arange(len(largest))])
    return directions * signs, np.maximum(variances, 0.0)


def normal(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (N, L) normal numbers from (N, 2 L) uniform ones by the Box-Muller method."""
    half = draws.shape[1] // 2
    radius = np.sqrt(-2 * np.log1p(-draws[:, :half]))
    normals: NDArray[np.float64] = radius * np.cos(2 * np.pi * draws[:, half:])
    return normals
