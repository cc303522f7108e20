"""Average the predictions of several networks: their probabilities, or their logits.

The mean of probabilities lets a network count by how sure it is. The mean of logits is the normalised
geometric mean of probabilities: a class that one network rules out stays out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from autotrick.tasks import Task

Average = Literal["probabilities", "logits"]
AVERAGES: tuple[Average, ...] = get_args(Average)


def averaged(
    logits: Sequence[NDArray[np.float64]], task: Task, how: Average = "probabilities"
) -> NDArray[np.float64]:
    """Return the (N, K) probabilities that networks predict together.

    Args:
        logits: (N, K) of each network, at least one.
        task: Makes probabilities of them.
        how: What is averaged.
    """
    if how == "logits":
        return probabilities(np.mean(logits, axis=0), task)
    found: NDArray[np.float64] = np.mean([probabilities(each, task) for each in logits], axis=0)
    return found


def probabilities(logits: NDArray[np.float64], task: Task) -> NDArray[np.float64]:
    """Return the (N, K) probabilities of one network's logits."""
    found: NDArray[np.float64] = task.probabilities(torch.from_numpy(logits)).numpy()
    return found
