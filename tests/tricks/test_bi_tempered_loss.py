import numpy as np
import pytest
import torch
from torch.nn import functional

from autotrick.tricks.bi_tempered_loss import bi_tempered_loss, tempered_softmax


def by_bisection(logits: np.ndarray, t: float) -> np.ndarray:
    """Return the tempered softmax of one row, the normaliser found by halving an interval."""

    def total(level: float) -> float:
        return float(np.sum((1 + (1 - t) * (logits - level)) ** (1 / (1 - t))))

    low, high = logits.max(), logits.max() + len(logits) ** 4 + 1.0
    for _ in range(300):
        middle = (low + high) / 2
        low, high = (middle, high) if total(middle) > 1 else (low, middle)
    return np.asarray((1 + (1 - t) * (logits - low)) ** (1 / (1 - t)))


@pytest.mark.parametrize("t", [1.05, 1.2, 2.0, 4.0])
@pytest.mark.parametrize("spread", [0.1, 3.0, 100.0])
def test_softmax_equals_bisection(t: float, spread: float) -> None:
    logits = spread * torch.randn(
        5, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )

    p = tempered_softmax(logits, t)

    expected = [by_bisection(row, t) for row in logits.numpy()]
    np.testing.assert_allclose(p.numpy(), expected, atol=1e-9)
    torch.testing.assert_close(p.sum(1), torch.ones(5, dtype=torch.float64))


@pytest.mark.parametrize(("t1", "t2"), [(0.8, 1.2), (0.2, 2.0), (1.0, 1.3), (0.5, 1.0)])
def test_loss_equals_numpy(t1: float, t2: float) -> None:
    logits = torch.randn(6, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    labels = np.arange(6) % 4

    loss = bi_tempered_loss(logits, torch.eye(4).double()[labels], t1, t2)

    if t2 == 1:
        p = logits.softmax(1).numpy()
    else:
        p = np.stack([by_bisection(row, t2) for row in logits.numpy()])
    right = p[np.arange(6), labels]
    log = np.log(right) if t1 == 1 else (right ** (1 - t1) - 1) / (1 - t1)
    expected = -log - (1 - (p ** (2 - t1)).sum(1)) / (2 - t1)
    assert loss.item() == pytest.approx(expected.mean(), abs=1e-7)


def test_gradient_is_that_of_the_solution() -> None:
    logits = torch.randn(3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    targets = 0.9 * torch.eye(5).double()[:3] + 0.02

    assert torch.autograd.gradcheck(
        lambda x: bi_tempered_loss(x, targets, 0.8, 1.4), (logits.requires_grad_(),)
    )


def test_at_one_it_is_the_divergence() -> None:
    logits, labels = (
        torch.randn(6, 4, generator=torch.Generator().manual_seed(0)),
        torch.arange(6) % 4,
    )

    loss = bi_tempered_loss(logits, torch.eye(4)[labels], 1.0, 1.0)

    torch.testing.assert_close(loss, functional.cross_entropy(logits, labels))


def test_a_wrong_label_costs_a_bounded_amount() -> None:
    logits, target = torch.tensor([[1e4, 0.0]]), torch.tensor([[0.0, 1.0]])

    loss = bi_tempered_loss(logits, target, 0.5, 1.0)

    assert loss.item() <= 1 / (1 - 0.5)
