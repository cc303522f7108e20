from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from autotrick.errors import TrickError
from autotrick.tricks import Run
from autotrick.tricks.initialisation import Initialisation

MakeRun = Callable[..., Run]


def drawn(run: Run, **settings: Any) -> Any:
    model = nn.Sequential(nn.Conv2d(64, 96, 3), nn.ReLU(), nn.Linear(512, 256))
    Initialisation(**settings).on_model(model, run)
    return model


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
@pytest.mark.parametrize(
    ("scheme", "conv", "linear"),
    [
        ("xavier", np.sqrt(2 / (576 + 864)), np.sqrt(2 / (512 + 256))),
        ("kaiming", np.sqrt(2 / 576), np.sqrt(2 / 512)),  # 0.0589 for 3 x 3 x 64
    ],
)
def test_standard_deviations(
    make_run: MakeRun, scheme: str, distribution: str, conv: float, linear: float
) -> None:
    model = drawn(make_run(), scheme=scheme, distribution=distribution)

    assert model[0].weight.std().item() == pytest.approx(conv, rel=0.02)
    assert model[2].weight.std().item() == pytest.approx(linear, rel=0.02)
    edge = model[2].weight.abs().max().item() / linear
    assert edge <= np.sqrt(3) + 1e-6 if distribution == "uniform" else edge > 3
    assert not model[0].bias.any()


def test_orthogonal_rows_are_at_right_angles(make_run: MakeRun) -> None:
    weight = drawn(make_run(), scheme="orthogonal", gain=2.0)[2].weight.detach()

    torch.testing.assert_close(weight @ weight.T, 4 * torch.eye(256), rtol=0, atol=1e-4)


def test_truncated_normal_stays_within_two_deviations(make_run: MakeRun) -> None:
    weight = drawn(make_run(), scheme="truncated_normal", std=0.04)[0].weight.detach()

    assert weight.abs().max() <= 0.08
    # Cut off at two deviations a normal variable keeps 0.8796 of its own.
    assert weight.std().item() == pytest.approx(0.04 * 0.8796, rel=0.02)


def test_dirac_hands_its_input_on(make_run: MakeRun) -> None:
    images = torch.randn(2, 64, 6, 6)

    conv = drawn(make_run(), scheme="dirac")[0]

    assert torch.equal(conv(images)[:, :64], images[:, :, 1:-1, 1:-1])
    assert conv.weight[64:].any()


def test_the_seed_decides_and_a_further_layer_moves_no_other(make_run: MakeRun) -> None:
    first, again, other = (drawn(make_run(seed=seed))[0].weight for seed in (1, 1, 2))
    longer: Any = nn.Sequential(
        nn.Conv2d(64, 96, 3), nn.ReLU(), nn.Linear(9, 9), nn.Linear(512, 256)
    )
    Initialisation().on_model(longer, make_run(seed=1))

    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(first, longer[0].weight)


def test_zeros_are_refused_because_units_would_stay_alike() -> None:
    with pytest.raises(TrickError, match=r"zeros would keep all units alike"):
        Initialisation(scheme="zeros")

    model = nn.Sequential(nn.Linear(4, 3), nn.Sigmoid(), nn.Linear(3, 2))
    for p in model.parameters():
        nn.init.zeros_(p)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    for _ in range(10):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(torch.eye(4)), torch.tensor([0, 1, 1, 1]))
        torch.autograd.backward(loss)
        optimizer.step()
    rows = model.state_dict()["0.weight"]
    assert torch.equal(rows[0], rows[1]) and torch.equal(rows[0], rows[2]) and rows.any()
