from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from autotrick.tricks import Run
from autotrick.tricks.dropout import Dropout


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.7])
def test_share_of_zeros_is_the_probability(
    make_run: Callable[..., Run], probability: float
) -> None:
    count = 40_000
    model = nn.Sequential(nn.Identity(), nn.Linear(count, 10, bias=False))
    Dropout(probability=probability).on_model(model, make_run())
    seen: list[torch.Tensor] = []
    model[1].register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    torch.manual_seed(0)

    model(torch.ones(1, count))

    band = 4 * np.sqrt(probability * (1 - probability) / count)
    assert (seen[0] == 0).double().mean().item() == pytest.approx(probability, abs=band)
    torch.testing.assert_close(seen[0].max().item(), 1 / (1 - probability))


def test_evaluation_hides_nothing(make_run: Callable[..., Run]) -> None:
    model, plain = nn.Linear(6, 10), nn.Linear(6, 10)
    plain.load_state_dict(model.state_dict())
    Dropout().on_model(model, make_run())

    assert torch.equal(model.eval()(torch.ones(2, 6)), plain(torch.ones(2, 6)))
