"""The loss of a trial without a loss trick, against its formula."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from autotrick.data import Dataset
from autotrick.recipe import Recipe
from autotrick.train import train
from autotrick.tricks import Batch, Run, Trick

MakeRecipe = Callable[..., Recipe]
SwitchOn = Callable[[type[Trick]], None]

SEEN: list[tuple[Tensor, Tensor, float]] = []


@dataclass(frozen=True, kw_only=True)
class Watcher(Trick):
    """Keeps what the loss was made of."""

    name = "watcher"
    position = 1

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        SEEN.append((logits.detach(), batch.labels, float(loss.detach())))
        return loss


@pytest.mark.parametrize("epsilon", [0.0, 0.1])
def test_is_minus_the_logarithm_of_the_softmax(
    digits: Dataset, make_recipe: MakeRecipe, switch_on: SwitchOn, epsilon: float
) -> None:
    switch_on(Watcher)
    SEEN.clear()
    tricks: dict[str, Any] = {"watcher": {}, "label_smoothing": {"epsilon": epsilon}}

    result = train(make_recipe(epochs=1, tricks=tricks), digits)

    for logits, labels, loss in SEEN:
        z = logits.double().numpy()
        minus_log_p = np.log(np.exp(z).sum(axis=1, keepdims=True)) - z
        q = (1 - epsilon) * np.eye(10)[labels.numpy()] + epsilon / 10
        assert loss == pytest.approx((q * minus_log_p).sum(axis=1).mean(), abs=1e-5)
    assert len(SEEN) == 4
    assert result.reports[0].train_loss == pytest.approx(np.mean([row[2] for row in SEEN]))
