"""A31: AdaBound is fast, smooth, and bears many learning rates."""

from collections.abc import Callable, Sequence

import numpy as np

from autotrick.recipe import Recipe, Settings
from benchmarks.claims.claim import (
    FASHION,
    TENTH,
    Arm,
    Claim,
    Course,
    Courses,
    Expected,
    Finding,
    Values,
    final,
    first,
    mean,
    roughness,
    values,
)

FACTORS = (0.1, 0.316, 1.0, 3.16, 10.0)
"""On the usual rate."""
USUAL = {"sgd": 0.1, "adam": 1e-3, "adabound": 1e-3, "adabound final": 0.1}
"""The catalogue's defaults; the last one is AdaBound's final rate, while its first one stays."""
_BASE = Recipe(
    data=FASHION,
    architecture="lenet5",
    epochs=4,
    batch_size=64,
    base_lr=USUAL["sgd"],
    scaling_exponent=0,
    tricks=TENTH,
)


def rates(optimizer: str) -> list[float]:
    """Return an optimizer's grid."""
    return [float(f"{USUAL[optimizer] * factor:.3g}") for factor in FACTORS]


def names(optimizer: str) -> list[str]:
    """Return the names of an optimizer's arms, in order of rates."""
    return [f"{optimizer} {rate:g}" for rate in rates(optimizer)]


def _arm(optimizer: str, name: str, rate: float) -> Arm:
    trick, _, which = optimizer.partition(" ")
    settings: Settings = {} if trick == "sgd" else {f"{which}_lr" if which else "lr": rate}
    base_lr = rate if trick == "sgd" else _BASE.base_lr
    change = {"tricks": _BASE.tricks | {trick: settings}, "base_lr": base_lr}
    return Arm(name, _BASE.model_copy(update=change))


def finals(courses: Courses, optimizer: str) -> Values:
    """Return (R, S) accuracies at the end, in points, by rate and seed."""
    return np.array([values(courses[name], final) for name in names(optimizer)])


def spread(courses: Courses, optimizer: str) -> Values:
    """Return (S,): how far the best and the worst rate lie apart."""
    apart: Values = np.ptp(finals(courses, optimizer), axis=0)
    return apart


def shortfall(courses: Courses, optimizer: str) -> Values:
    """Return (S,): how far a rate is below the best one, on average over the grid."""
    found = finals(courses, optimizer)
    lost: Values = found.max(axis=0) - found.mean(axis=0)
    return lost


def best(courses: Courses, optimizer: str) -> Sequence[Course]:
    """Return the courses of the rate that ends highest on average."""
    place = int(finals(courses, optimizer).mean(axis=1).argmax())
    return courses[names(optimizer)[place]]


def _at_best(courses: Courses, one: str, other: str, measure: Callable[[Course], float]) -> Values:
    return values(best(courses, one), measure) - values(best(courses, other), measure)


def judge(courses: Courses) -> list[Finding]:
    """Return what rates change of each optimizer, and speed, end and smoothness at the best rates."""
    found = []
    for one, other in (("adabound", "adam"), ("adabound", "sgd"), ("adabound final", "sgd")):
        for what, measure in (("spread over the rates", spread), ("mean shortfall", shortfall)):
            difference = measure(courses, one) - measure(courses, other)
            found.append(Finding(f"{what}, {one} - {other}", mean(difference), "below"))
    compared: tuple[tuple[str, str, str, Callable[[Course], float], Expected], ...] = (
        ("after the first epoch", "adabound", "adam", first, "alike"),
        ("after the first epoch", "adabound", "sgd", first, "above"),
        ("after the first epoch", "adabound final", "sgd", first, "above"),
        ("after the last epoch", "adabound", "adam", final, "above"),
        ("after the last epoch", "adabound", "sgd", final, "alike"),
        ("after the last epoch", "adabound final", "sgd", final, "alike"),
        ("roughness", "adabound", "adam", roughness, "below"),
    )
    for what, one, other, of_course, expected in compared:
        difference = _at_best(courses, one, other, of_course)
        what = f"{what}, {one} - {other}, each at its best rate"
        found.append(Finding(what, mean(difference), expected))
    return found


def remark(courses: Courses) -> str:
    """Return the best rates, and what to know of AdaBound's."""
    ends = {one: finals(courses, one).mean(axis=1) for one in USUAL}
    rate = {one: rates(one)[int(found.argmax())] for one, found in ends.items()}
    listed = ", ".join(f"{one} {best:g}" for one, best in rate.items())
    return (
        "AdaBound moves by its rate times the mean gradient, SGD with momentum 0.9 by ten times that "
        "in the long run, so that AdaBound's usual final rate of 0.1 is SGD's 0.01. Its bounds close "
        f"with the length of the training (gamma 78). The best rates: {listed}."
    )


LEARNING_RATES = Claim(
    name="A31",
    title="AdaBound over learning rates",
    says="AdaBound learns as fast as Adam, ends as high as SGD, more smoothly, and depends less on the "
    "learning rate than either.",
    source='Luo et al., "Adaptive Gradient Methods with Dynamic Bound of Learning Rate", ICLR 2019, '
    "https://arxiv.org/abs/1902.09843",
    setting="LeNet-5, 5,700 images of Fashion-MNIST, 4 epochs, a constant rate; each optimizer at "
    "its usual rate times 0.1, 0.316, 1, 3.16 and 10, and AdaBound so at its final rate too.",
    arms=tuple(
        _arm(optimizer, name, rate)
        for optimizer in USUAL
        for name, rate in zip(names(optimizer), rates(optimizer), strict=True)
    ),
    judge=judge,
    remark=remark,
)
