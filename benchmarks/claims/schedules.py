"""A25: cosine decay ends where step decay ends, and goes there more smoothly."""

from autotrick.recipe import Recipe
from benchmarks.claims.claim import (
    FASHION,
    TENTH,
    Arm,
    Claim,
    Courses,
    Finding,
    final,
    jump,
    paired,
    roughness,
)

_BASE = Recipe(
    data=FASHION,
    architecture="lenet5",
    epochs=16,
    batch_size=64,
    base_lr=0.05,
    scaling_exponent=0,
    tricks=TENTH | {"linear_warmup": {"length": 0.1}},
)


def _arm(name: str, decay: str) -> Arm:
    return Arm(name, _BASE.model_copy(update={"tricks": _BASE.tricks | {decay: {}}}))


def judge(courses: Courses) -> list[Finding]:
    """Return end and smoothness of both."""
    return [
        Finding(
            "accuracy after the last epoch, cosine - step",
            paired(courses, "cosine", "step", final),
            "alike",
        ),
        Finding(
            "roughness of the accuracy, cosine - step",
            paired(courses, "cosine", "step", roughness),
            "below",
        ),
        Finding(
            "largest rise within an epoch of the second half, cosine - step",
            paired(courses, "cosine", "step", jump),
            "below",
        ),
    ]


SCHEDULES = Claim(
    name="A25",
    title="Cosine against step decay",
    says="With the same budget and warmup, cosine decay ends at an accuracy like that of step decay, "
    "and accuracy grows more smoothly.",
    source='He et al., "Bag of Tricks for Image Classification with Convolutional Neural Networks", '
    "CVPR 2019, https://arxiv.org/abs/1812.01187",
    setting="LeNet-5, 5,700 images of Fashion-MNIST, 16 epochs, warmup over a tenth of them; the step "
    "is to a tenth at half and at three quarters.",
    arms=(_arm("cosine", "cosine_decay"), _arm("step", "step_decay")),
    judge=judge,
)
