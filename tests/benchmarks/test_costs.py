"""Declared costs against the arithmetic that torch counts: exact, where seconds are not."""

from functools import cache

import pytest
from torch.utils.flop_counter import FlopCounterMode

from autotrick.tricks import TRICKS, Trick
from benchmarks.costs import ratio, recipe, updates
from benchmarks.tiles import images

BATCH = 2
RESIDUAL = {"stochastic_depth", "zero_init_norm"}
"""Tricks that act on residual branches alone."""
UNCOUNTED = {
    "local_response_norm": "sums over neighbouring channels are no matrix products",
    "subset": "it rounds to whole images of every class, of which there are few here",
}
"""Tricks whose time is not in the products that torch counts, and why."""
CHANGING = ("on_model", "on_order", "on_batch", "on_loss", "on_gradient")
"""Stages that can change how much the network computes; the others work beside it."""
COUNTED = [
    name
    for name, kind in TRICKS.items()
    if name not in UNCOUNTED
    and any(getattr(kind, stage) is not getattr(Trick, stage) for stage in CHANGING)
]


@cache
def arithmetic(architecture: str, *tricks: str) -> int:
    """Return the operations in the products of a whole trial, forward and backward."""
    asked = recipe({trick: {} for trick in tricks}, architecture, {"width": 0.25}, BATCH)
    with FlopCounterMode(display=False) as counter:
        for _ in updates(asked, images(3 * BATCH)):
            pass
    return int(counter.get_total_flops())


@pytest.mark.parametrize("name", COUNTED)
def test_declared_cost_agrees_with_the_arithmetic(name: str) -> None:
    kind = TRICKS[name]
    architecture = "resnet20" if name in RESIDUAL else "fastnet"

    counted = arithmetic(architecture, *sorted(kind.needs), name) / arithmetic(architecture)

    assert 1 / 2 <= kind.cost / counted <= 2
    if not 0.9 < counted < 1.1:  # more or fewer passes, or images, explain the cost
        assert kind.cost == pytest.approx(counted, rel=0.25)


def test_passes_are_counted() -> None:
    plain = arithmetic("fastnet")

    assert arithmetic("fastnet", "sam") == 2 * plain
    assert arithmetic("fastnet", "dual_cutout") == 2 * plain
    assert arithmetic("fastnet", "jsd_consistency") == 3 * plain
    # A teacher's forward pass is a third of an update; in the first of four epochs there is none.
    assert arithmetic("fastnet", "distillation") == pytest.approx(1.25 * plain, rel=0.01)


def test_two_trials_take_turns() -> None:
    plain = recipe({}, "lenet5", {}, BATCH)

    assert 0 < ratio(plain, plain, images(2 * BATCH)) < 100
    assert len(list(updates(plain, images(2 * BATCH)))) == 8
