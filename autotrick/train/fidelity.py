"""Reduce the cost of early epochs: fewer images or smaller ones.

Klein, Falkner, Bartels, Hennig, Hutter, "Fast Bayesian Optimization of Machine Learning
Hyperparameters on Large Datasets", AISTATS 2017. https://arxiv.org/abs/1605.07079 (a part of the data)
Chrabaszcz, Loshchilov, Hutter, "A Downsampled Variant of ImageNet as an Alternative to the CIFAR
datasets", 2017. https://arxiv.org/abs/1707.08819 (smaller images)

Differs: a trial that continues keeps its weights and sees more data, instead of starting again.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from autotrick.tricks import Run
from autotrick.tricks.surgery import expect


def kept(run: Run, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the samples, in order, that the run's current epoch sees.

    Every class gets its share, and an epoch has at least one full batch. Later epochs see everything
    that earlier ones see.
    """
    share = run.recipe.share("data", run.epoch)
    if share == 1:
        return order
    count = max(round(share * len(run.labels)), run.recipe.batch_size)
    return order[_ranks(run)[order] < count]


def _ranks(run: Run) -> NDArray[np.int64]:
    """Return each image's (N,) rank in an order whose every prefix has all classes' shares."""
    shuffled = run.stream("fidelity").generator().permutation(len(run.labels))
    places = np.empty(len(shuffled))
    strata = run.task.strata(run.labels)
    for stratum in range(int(strata.max()) + 1):
        rows = shuffled[strata[shuffled] == stratum]
        places[rows] = (np.arange(len(rows)) + 0.5) / max(1, len(rows))
    ranks = np.empty(len(shuffled), np.int64)
    ranks[np.argsort(places, kind="stable")] = np.arange(len(shuffled))
    return ranks


def check(run: Run) -> None:
    """Raise RecipeError if the network cannot take the smallest images.

    Raises:
        RecipeError: It cannot.
    """
    smallest = run.seen_size()
    if smallest != run.image_size:
        expect(run, "pruning.fidelity", smallest, "set it to 'data'")


def updates(run: Run) -> float:
    """Return the trial's updates, counting those on small images by their share of the pixels."""
    whole = run.image_size[0] * run.image_size[1]
    found = 0.0
    for epoch, (first, following) in enumerate(pairwise(run.starts)):
        run.epoch = epoch
        height, width = run.seen_size()
        found += (following - first) * height * width / whole
    return found


def marks(run: Run) -> dict[str, float]:
    """Return the entries of the epoch's report about omitted data; empty if there can be none."""
    if run.recipe.fidelity is None:
        return {}
    of = run.recipe.fidelity.of
    if of == "image_size":
        return {"image_side": max(run.seen_size())}
    return {"data_share": run.recipe.share(of, run.epoch)}
