from collections.abc import Callable

import torch
from torch.distributions import Categorical

from autotrick.tricks import Batch, Run
from autotrick.tricks.confidence_penalty import ConfidencePenalty, entropy


def test_entropy_equals_torch() -> None:
    logits = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))

    torch.testing.assert_close(entropy(logits), Categorical(logits=logits).entropy())  # type: ignore[no-untyped-call]


def test_even_predictions_are_rewarded(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    trick, one = ConfidencePenalty(beta=0.5), torch.ones(())

    even = trick.on_loss(one, torch.zeros(4, 8), make_batch(), make_run())

    torch.testing.assert_close(even, 1 - 0.5 * torch.tensor(8.0).log())
