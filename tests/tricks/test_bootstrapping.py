from collections.abc import Callable

import pytest
import torch
from torch.nn import functional

from autotrick.tricks import Batch, Run
from autotrick.tricks.bootstrapping import Bootstrapping


@pytest.mark.parametrize("kind", ["soft", "hard"])
def test_equals_cross_entropy_with_the_mixed_target(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch], kind: str
) -> None:
    batch, logits = make_batch(6, classes=4), torch.randn(6, 4)
    plain = functional.cross_entropy(logits, batch.targets)

    loss = Bootstrapping(beta=0.8, kind=kind).on_loss(plain, logits, batch, make_run())

    p = logits.softmax(1)
    belief = p if kind == "soft" else torch.eye(4)[p.argmax(1)]
    expected = functional.cross_entropy(logits, 0.8 * batch.targets + 0.2 * belief)
    torch.testing.assert_close(loss, expected)


def test_soft_gradient_is_that_of_entropy_minimisation(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    batch, logits = make_batch(3, classes=4), torch.randn(3, 4, requires_grad=True)
    zero = torch.zeros((), requires_grad=True)

    loss = Bootstrapping(beta=0.9).on_loss(zero, logits, batch, make_run())

    (ours,) = torch.autograd.grad(loss, logits)
    entropy = torch.distributions.Categorical(logits=logits).entropy().mean()  # type: ignore[no-untyped-call]
    (expected,) = torch.autograd.grad(0.1 * entropy, logits)
    torch.testing.assert_close(ours, expected)
