import numpy as np
import pytest
import torch
from torch.nn import functional

from autotrick.tricks.focal_loss import focal_loss


@pytest.mark.parametrize("gamma", [0.5, 2.0, 5.0])
def test_equals_numpy(gamma: float) -> None:
    logits = torch.randn(20, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(20) % 6

    loss = focal_loss(logits, torch.eye(6).double()[labels], gamma)

    p = np.exp(logits.numpy())
    p = (p / p.sum(1, keepdims=True))[np.arange(20), labels.numpy()]
    assert loss.item() == pytest.approx(float(np.mean(-((1 - p) ** gamma) * np.log(p))))


def test_tends_to_cross_entropy() -> None:
    logits, labels = (
        torch.randn(20, 6, generator=torch.Generator().manual_seed(0)),
        torch.arange(20) % 6,
    )

    loss = focal_loss(logits, torch.eye(6)[labels], 1e-9)

    torch.testing.assert_close(loss, functional.cross_entropy(logits, labels))


def test_dense_targets_weigh_each_class_by_its_share() -> None:
    logits = torch.randn(1, 3, generator=torch.Generator().manual_seed(0))
    eye = torch.eye(3)

    mixed = focal_loss(logits, 0.3 * eye[:1] + 0.7 * eye[1:2], 2.0)

    parts = [focal_loss(logits, eye[i : i + 1], 2.0) for i in (0, 1)]
    torch.testing.assert_close(mixed, 0.3 * parts[0] + 0.7 * parts[1])


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_gradient_is_finite_when_all_is_right(gamma: float) -> None:
    logits = torch.tensor([[100.0, -100.0]], requires_grad=True)

    torch.autograd.backward(focal_loss(logits, torch.eye(2)[:1], gamma))

    assert logits.grad is not None and logits.grad.isfinite().all()
