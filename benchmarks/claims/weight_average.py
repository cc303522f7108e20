"""D35: evaluating the moving average of the weights brings three points."""

from autotrick.recipe import Recipe, Settings
from benchmarks.claims.claim import (
    CIFAR,
    Arm,
    Claim,
    Courses,
    Finding,
    Values,
    final,
    mean,
    paired,
    values,
)

CLAIMED = 3.0
"""Points."""
RATES: dict[str, dict[str, Settings]] = {
    "constant rate": {},
    "falling rate": {"cosine_decay": {}},
}
_BASE = Recipe(
    data=CIFAR,
    architecture="lenet5",
    architecture_settings={"width": 2.0},
    epochs=10,
    batch_size=128,
    base_lr=0.1,
    scaling_exponent=0,
    momentum=0.0,
    tricks={
        "subset": {"fraction": 0.2},
        "random_crop": {},
        "flip": {},
        "brightness": {},
        "contrast": {"spread": 0.8},
        "per_image_standardisation": {},
    },
)


def _arm(rate: str, average: bool) -> Arm:
    own: dict[str, Settings] = {"ema": {}} if average else {}
    recipe = _BASE.model_copy(update={"tricks": _BASE.tricks | RATES[rate] | own})
    return Arm(f"{rate}, {'average' if average else 'plain'}", recipe)


def gains(courses: Courses, rate: str) -> Values:
    """Return (S,) points that the average brings at the end, by seed."""
    return values(courses[f"{rate}, average"], final) - values(courses[f"{rate}, plain"], final)


def judge(courses: Courses) -> list[Finding]:
    """Return what the average brings, beside what is claimed, and where the rate falls."""
    constant, falling = (gains(courses, rate) for rate in RATES)
    return [
        Finding("average - plain, constant rate", mean(constant), "above"),
        Finding(f"the same, beside {CLAIMED:g} points", mean(constant - CLAIMED), "alike"),
        Finding("average - plain, falling rate", mean(falling)),
        Finding(
            "falling rate and plain - constant rate and average",
            paired(courses, "falling rate, plain", "constant rate, average"),
        ),
    ]


WEIGHT_AVERAGE = Claim(
    name="D35",
    title="The moving average of the weights",
    says="Evaluating a moving average of all weights in place of the weights themselves brings about "
    "3 points of accuracy.",
    source="TensorFlow's tutorial on convolutional networks, an exercise, "
    "https://github.com/tensorflow/models/tree/r1.13.0/tutorials/image/cifar10",
    setting="LeNet-5 of twice the width (without the tutorial's response normalisation), 9,500 images "
    "of CIFAR-10 with the tutorial's distortions, parts of 24 pixels, plain gradient descent at 0.1, "
    "batch 128, 10 epochs. The tutorial's rate is constant for 350 epochs; the falling rate is a "
    "cosine. The average halves what it knows in 3 % of the training. With and without it the "
    "trained weights are the same.",
    arms=tuple(_arm(rate, average) for rate in RATES for average in (False, True)),
    judge=judge,
)
