"""Accuracy on mixed training images, against the papers' sums."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from torch import Tensor

from autotrick.data import Dataset
from autotrick.recipe import Recipe
from autotrick.train import train
from autotrick.tricks import Batch, Run, Trick

MakeRecipe = Callable[..., Recipe]
SwitchOn = Callable[[type[Trick]], None]
Parts = list[tuple[float, NDArray[np.int64]]]

SEEN: dict[tuple[int, int], float] = {}


def mixup_parts(run: Run, count: int) -> Parts:
    rng = run.generator("mixup")
    partner = rng.permutation(count)
    weight = rng.beta(0.4, 0.4)
    return [(weight, np.arange(count)), (1 - weight, partner)]


def ricap_parts(run: Run, count: int) -> Parts:
    rng = run.generator("ricap")
    rng.random((4, 2))
    partners = [rng.permutation(count) for _ in range(4)]
    y, x = rng.beta(0.3, 0.3, 2)
    h, w = round(16 * y), round(16 * x)
    areas = [h * w, h * (16 - w), (16 - h) * w, (16 - h) * (16 - w)]
    return [(area / 256, partner) for area, partner in zip(areas, partners, strict=True)]


@dataclass(frozen=True, kw_only=True)
class Watcher(Trick):
    """Works out acc = sum W_k acc(out, c_k) of every batch when it is first seen."""

    name = "watcher"
    position = 1
    parts: ClassVar[Callable[[Run, int], Parts]]

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        found, labels = logits.argmax(1).numpy(), batch.labels.numpy()
        accuracy = sum(
            share * float((found == labels[partner]).mean())
            for share, partner in type(self).parts(run, len(labels))
        )
        SEEN.setdefault((run.update, run.forward), accuracy)
        return loss


@pytest.mark.parametrize(
    ("trick", "parts", "others"),
    [
        ("ricap", ricap_parts, {}),
        ("mixup", mixup_parts, {"alpha": 0.4}),
    ],
    ids=["ricap", "mixup"],
)
@pytest.mark.parametrize(
    "further",
    [{}, {"label_smoothing": {"epsilon": 0.2}}, {"sam": {}}],
    ids=["alone", "with smoothing", "with a second pass"],
)
def test_is_the_weighted_sum_of_the_papers(
    digits: Dataset,
    make_recipe: MakeRecipe,
    switch_on: SwitchOn,
    trick: str,
    parts: Callable[[Run, int], Parts],
    others: dict[str, Any],
    further: dict[str, Any],
) -> None:
    switch_on(Watcher)
    Watcher.parts = staticmethod(parts)
    SEEN.clear()
    tricks = {trick: others, "watcher": {}, **further}

    result = train(make_recipe(epochs=1, accumulation=2, tricks=tricks), digits)

    assert len(SEEN) == 4
    expected = np.mean(list(SEEN.values()))
    assert 0 < expected < 1
    assert result.reports[0].extra["mixed_accuracy"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "tricks",
    [{}, {"label_smoothing": {}}, {"mixup": {"alpha": 0.0}}, {"cutmix": {"probability": 0.0}}],
    ids=str,
)
def test_is_not_there_where_no_image_is_mixed(
    digits: Dataset, make_recipe: MakeRecipe, tricks: dict[str, Any]
) -> None:
    result = train(make_recipe(epochs=1, tricks=tricks), digits)

    assert "mixed_accuracy" not in result.reports[0].extra


def test_batches_that_are_not_mixed_do_not_count(
    digits: Dataset, make_recipe: MakeRecipe, switch_on: SwitchOn
) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Sometimes(Trick):
        name = "sometimes"
        slot = "mix"

        def on_batch(self, batch: Batch, run: Run) -> Batch:
            if run.update == 1:
                batch.targets = 0.25 * batch.targets + 0.075
            return batch

    switch_on(Sometimes)

    result = train(make_recipe(epochs=1, tricks={"sometimes": {}}), digits)

    # Of a row of the mixed batch, one class has 0.325 and nine have 0.075: right ones count 0.325.
    mixed = result.reports[0].extra["mixed_accuracy"]
    right = 32 * (mixed - 0.075) / 0.25
    assert right == pytest.approx(round(right), abs=1e-4)
