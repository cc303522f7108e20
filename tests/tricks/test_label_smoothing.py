from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from autotrick.errors import TrickError
from autotrick.tricks import Run
from autotrick.tricks.label_smoothing import LabelSmoothing, smooth


def test_true_class_gets_its_share_too() -> None:
    smoothed = smooth(torch.eye(10)[:1], 0.1)

    torch.testing.assert_close(smoothed, torch.tensor([[0.91] + [0.01] * 9]))


def test_wrong_classes_alone_share_epsilon() -> None:
    smoothed = smooth(torch.eye(10)[:1], 0.1, true_class_too=False)

    torch.testing.assert_close(smoothed, torch.tensor([[0.9] + [0.1 / 9] * 9]))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("epsilon", [0.02, 0.1, 0.2, 0.9])
def test_loss_equals_torch(epsilon: float, reduction: str) -> None:
    logits = torch.randn(64, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = torch.arange(64) % 10
    targets = smooth(torch.eye(10).double()[labels], epsilon)

    ours = functional.cross_entropy(logits, targets, reduction=reduction)

    theirs = functional.cross_entropy(logits, labels, label_smoothing=epsilon, reduction=reduction)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


@pytest.mark.parametrize("variant", ["k", "k-1"])
def test_loss_is_the_closed_form_for_each_example(variant: str) -> None:
    logits = np.random.default_rng(0).normal(size=(32, 10))
    labels = np.arange(32) % 10
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    right = log_p[np.arange(32), labels]
    own, other = (0.1 / 10, 0.1 / 10) if variant == "k" else (0.0, 0.1 / 9)
    expected = -((0.9 + own) * right + other * (log_p.sum(axis=1) - right))

    targets = smooth(torch.eye(10).double()[labels], 0.1, true_class_too=variant == "k")
    ours = functional.cross_entropy(torch.from_numpy(logits), targets, reduction="none")

    np.testing.assert_allclose(ours.numpy(), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("true_class_too", [True, False])
def test_commutes_with_mixing(true_class_too: bool) -> None:
    rows = torch.eye(7).double()
    first, second = rows[[1]], rows[[4]]

    mixed_first = smooth(0.3 * first + 0.7 * second, 0.15, true_class_too=true_class_too)

    parts = [smooth(row, 0.15, true_class_too=true_class_too) for row in (first, second)]
    torch.testing.assert_close(mixed_first, 0.3 * parts[0] + 0.7 * parts[1], rtol=0, atol=1e-15)


@given(epsilon=st.floats(0, 0.999), classes=st.integers(2, 200), true_class_too=st.booleans())
def test_targets_stay_distributions(epsilon: float, classes: int, true_class_too: bool) -> None:
    smoothed = smooth(torch.eye(classes)[:2], epsilon, true_class_too=true_class_too)

    assert (smoothed >= 0).all()
    torch.testing.assert_close(smoothed.sum(dim=1), torch.ones(2))


@pytest.mark.parametrize(("variant", "wrong"), [("k", 0.02), ("k-1", 0.025)])
def test_variant_is_a_setting(make_run: Callable[..., Run], variant: str, wrong: float) -> None:
    trick = LabelSmoothing(epsilon=0.1, variant=variant)

    smoothed = trick.on_target(torch.eye(5), make_run(classes=5))

    assert smoothed[0, 1].item() == pytest.approx(wrong)


def test_unknown_variant_is_refused() -> None:
    with pytest.raises(
        TrickError, match=r"`variant is one of k, k-1` must hold, but got variant='K'"
    ):
        LabelSmoothing(variant="K")
