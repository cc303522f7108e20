"""C46: with batch normalisation the first weights matter less."""

import numpy as np

from autotrick.recipe import Recipe, Settings
from benchmarks.claims.claim import (
    DIGITS,
    Arm,
    Claim,
    Courses,
    Finding,
    Values,
    final,
    mean,
    values,
)

SCHEMES = ("default", "xavier", "kaiming", "orthogonal", "truncated_normal")
NORMS = ("batch norm", "no norm")
_BASE = Recipe(
    data=DIGITS,
    architecture="fastnet",
    architecture_settings={"width": 0.25},
    epochs=8,
    batch_size=64,
    base_lr=0.05,
    scaling_exponent=0,
)


def _arm(norm: str, scheme: str) -> Arm:
    tricks: dict[str, Settings] = {} if norm == "batch norm" else {"no_norm": {}}
    if scheme != "default":
        tricks["initialisation"] = {"scheme": scheme}
    return Arm(f"{norm}, {scheme}", _BASE.model_copy(update={"tricks": tricks}))


def finals(courses: Courses, norm: str) -> Values:
    """Return (I, S) accuracies at the end, in points, by scheme and seed."""
    return np.array([values(courses[f"{norm}, {scheme}"], final) for scheme in SCHEMES])


def judge(courses: Courses) -> list[Finding]:
    """Return how far schemes lie apart, with and without, and between two of them."""
    with_it, without = (finals(courses, norm) for norm in NORMS)
    apart = np.ptp(with_it, axis=0) - np.ptp(without, axis=0)
    first, second = SCHEMES.index("kaiming"), SCHEMES.index("xavier")
    both = [found[first] - found[second] for found in (with_it, without)]
    return [
        Finding("spread over the schemes, batch norm - no norm", mean(apart), "below"),
        Finding("kaiming - xavier, batch norm", mean(both[0])),
        Finding("kaiming - xavier, no norm", mean(both[1])),
    ]


FIRST_WEIGHTS = Claim(
    name="C46",
    title="Initialisation with and without batch normalisation",
    says="Batch normalisation makes a network less sensitive to how its first weights are drawn.",
    source='Ioffe, Szegedy, "Batch Normalization", ICML 2015, https://arxiv.org/abs/1502.03167',
    setting="The fast net of a quarter of its width, handwritten digits of 8x8 pixels, 8 epochs, a "
    "constant rate of 0.05; without the norm its gain and shift stay.",
    arms=tuple(_arm(norm, scheme) for norm in NORMS for scheme in SCHEMES),
    judge=judge,
)
