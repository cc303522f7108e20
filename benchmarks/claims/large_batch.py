"""A09: at equal epochs a larger batch ends lower; its gradient is the same with less variance."""

from collections.abc import Mapping

import numpy as np

from autotrick.data import Dataset
from autotrick.recipe import Recipe
from benchmarks.claims.claim import FASHION, Arm, Claim, Courses, Finding, mean, paired, values

SIZES = (8, 32, 128)
"""Batches whose gradients' variance is measured."""
_RATE = 0.01
"""Of the smallest batch."""
_SMALLEST = 64
_BASE = Recipe(
    data=FASHION,
    architecture="lenet5",
    epochs=6,
    batch_size=_SMALLEST,
    base_lr=_RATE,
    scaling_exponent=0,
    tricks={"subset": {"fraction": 0.2}},
)


def _scaled(batch: int, warmup: bool = False) -> Recipe:
    """Return the recipe whose rate grows as the batch does."""
    tricks = _BASE.tricks | ({"linear_warmup": {"length": 0.2}} if warmup else {})
    at_256 = _RATE * 256 / _SMALLEST
    change = {"batch_size": batch, "base_lr": at_256, "scaling_exponent": 1, "tricks": tricks}
    return _BASE.model_copy(update=change)


def variance(recipe: Recipe, data: Dataset) -> dict[str, float]:
    """Return the variance of the first update's gradient by size of the batch: `variance 8` and so on.

    It is the mean square of the distance from the mean gradient, over the batches of an epoch, summed
    over all weights.
    """
    import torch
    from torch.nn import functional

    from autotrick.train.prepare import Stages, order, prepare
    from autotrick.tricks import assemble

    stages = Stages(assemble(recipe))
    run = prepare(recipe, data, stages, torch.device("cpu"))
    samples, weights = order(run, stages), list(run.model.parameters())
    found = {}
    for size in SIZES:
        count = len(samples) // size
        total, square = torch.zeros(sum(w.numel() for w in weights)).double(), 0.0
        for rows in np.split(samples[: count * size], count):
            logits = run.model(run.normalised(run.images[rows]))
            loss = functional.cross_entropy(logits, torch.from_numpy(run.labels[rows]))
            parts = torch.autograd.grad(loss, weights)
            gradient = torch.cat([part.flatten() for part in parts]).double()
            total += gradient
            square += float(gradient @ gradient)
        found[f"variance {size}"] = (square - float(total @ total) / count) / (count - 1)
    return found


def slope(measured: Mapping[str, float]) -> float:
    """Return the exponent with which the variance grows with the batch: -1 is 1 / batch."""
    logs = np.log([measured[f"variance {size}"] for size in SIZES])
    return float(np.polyfit(np.log(SIZES), logs, 1)[0])


def judge(courses: Courses) -> list[Finding]:
    """Return what the batch costs, what linear scaling brings, and how the variance falls."""
    smallest = str(_SMALLEST)
    steps = values(courses[smallest], lambda course: slope(course.measured))
    return [
        Finding("batch 256 - 64, same rate", paired(courses, "256", smallest), "below"),
        Finding("batch 1024 - 64, same rate", paired(courses, "1024", smallest), "below"),
        Finding("batch 256 - 64, rate scaled", paired(courses, "256 scaled", smallest)),
        Finding("batch 1024 - 64, rate scaled", paired(courses, "1024 scaled", smallest)),
        Finding(
            "batch 1024 - 64, rate scaled, with warmup",
            paired(courses, "1024 scaled, warmup", smallest),
        ),
        *(
            Finding(
                f"batch {size}, rate scaled - same rate",
                paired(courses, f"{size} scaled", size),
                "above",
            )
            for size in ("256", "1024")
        ),
        Finding(
            "exponent of the gradient's variance over the batch, beside -1",
            mean(steps + 1),
            "alike",
            unit="",
            within=0.1,
        ),
    ]


LARGE_BATCH = Claim(
    name="A09",
    title="Large batches at equal epochs",
    says="With the same epochs a larger batch ends at a lower accuracy; the expected gradient is the "
    "same and its variance falls as 1 / batch, so that the learning rate may grow with the batch.",
    source='He et al., "Bag of Tricks for Image Classification with Convolutional Neural Networks", '
    "CVPR 2019, https://arxiv.org/abs/1812.01187; Goyal et al., 2017, https://arxiv.org/abs/1706.02677",
    setting="LeNet-5, 11,400 images of Fashion-MNIST, 6 epochs (of 178 updates at batch 64, of 11 at 1024), "
    "a constant rate of 0.01 at batch 64; "
    "'scaled' has a rate that grows as the batch does, 'warmup' reaches it after a fifth of the "
    "updates. From 0.02 at batch 64, tried before with another seed, batch 1024 with the scaled rate "
    "fell to chance, with warmup too.",
    arms=(
        Arm(str(_SMALLEST), _BASE, measure=variance),
        *(Arm(str(b), _BASE.model_copy(update={"batch_size": b})) for b in (256, 1024)),
        *(Arm(f"{b} scaled", _scaled(b)) for b in (256, 1024)),
        Arm("1024 scaled, warmup", _scaled(1024, warmup=True)),
    ),
    judge=judge,
)
