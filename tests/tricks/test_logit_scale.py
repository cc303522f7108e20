import copy
from collections.abc import Callable

import torch
from torch import nn

from autotrick.tricks import Run
from autotrick.tricks.logit_scale import LogitScale


def test_logits_are_multiplied_in_copies_too(make_run: Callable[..., Run]) -> None:
    model, x = nn.Linear(4, 10), torch.randn(3, 4)
    plain = model(x)

    scaled = LogitScale(scale=0.25).on_model(model, make_run())

    assert torch.equal(scaled(x), 0.25 * plain)
    assert torch.equal(copy.deepcopy(scaled).eval()(x), 0.25 * plain)
