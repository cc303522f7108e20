"""The tricks of slot `norm`, against formulas."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from autotrick.tricks import Run, build
from autotrick.tricks.group_norm import divisor

MakeRun = Callable[..., Run]


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    return make_run()


def through(run: Run, name: str, maps: torch.Tensor, **settings: float) -> torch.Tensor:
    """Return maps after the layer that the trick puts in the place of batch normalisation."""
    model = nn.Sequential(nn.Sequential(nn.BatchNorm2d(maps.shape[1])))
    out: torch.Tensor = build(name, settings).on_model(model, run)(maps)
    assert run.notes[f"{name}.layers"] == 1
    return out.detach()


MAPS = torch.randn(6, 8, 5, 4, generator=torch.Generator().manual_seed(0)) * 3 + 1


@pytest.mark.parametrize("groups", [1, 4, 8])
def test_group_norm_equals_numpy(run: Run, groups: int) -> None:
    found = through(run, "group_norm", MAPS, groups=groups)

    parts = MAPS.double().numpy().reshape(6, groups, -1)
    centred = parts - parts.mean(2, keepdims=True)
    expected = centred / np.sqrt(parts.var(2, keepdims=True) + 1e-5)
    np.testing.assert_allclose(found.numpy().reshape(6, groups, -1), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("channels", "groups", "expected"), [(64, 32, 32), (24, 32, 24), (6, 4, 3), (7, 4, 1)]
)
def test_groups_divide_the_channels(channels: int, groups: int, expected: int) -> None:
    assert divisor(channels, groups) == expected


def test_no_norm_keeps_maps_and_their_gain_and_shift(run: Run) -> None:
    model = nn.Sequential(nn.BatchNorm2d(8))
    build("no_norm", {}).on_model(model, run)

    assert torch.equal(model(MAPS), MAPS)
    assert {name: p.shape for name, p in model.named_parameters()} == {
        "0.weight": (8,),
        "0.bias": (8,),
    }


def response(maps: np.ndarray, size: int, alpha: float, beta: float, k: float) -> np.ndarray:
    """The formula of the AlexNet paper, channel by channel."""
    out = np.empty_like(maps)
    for i in range(maps.shape[1]):
        low, high = max(0, i - size // 2), min(maps.shape[1], i + size // 2 + 1)
        energy = (maps[:, low:high] ** 2).sum(1)
        out[:, i] = maps[:, i] / (k + alpha * energy) ** beta
    return out


@pytest.mark.parametrize(
    ("size", "alpha", "beta", "k"),
    [(5, 1e-4, 0.75, 2.0), (9, 0.001 / 9, 0.75, 1.0), (3, 1.0, 0.5, 1.0)],
)
def test_local_response_norm_equals_the_paper(
    run: Run, size: int, alpha: float, beta: float, k: float
) -> None:
    found = through(run, "local_response_norm", MAPS, size=size, alpha=alpha, beta=beta, k=k)

    # The gain starts at k^beta, so that small maps pass unchanged.
    expected = k**beta * response(MAPS.double().numpy(), size, alpha, beta, k)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)


def test_local_response_norm_follows_two_nonlinearities_where_there_is_no_norm(run: Run) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.ReLU(), nn.ReLU())

    build("local_response_norm", {}).on_model(model, run)

    assert [isinstance(layer, nn.Sequential) for layer in model] == [False, True, True, False]


def test_ghost_parts_are_normalised_by_themselves(run: Run) -> None:
    found = through(run, "ghost_batch_norm", MAPS, size=3)

    for part, expected in zip(found.tensor_split(2), MAPS.tensor_split(2), strict=True):
        torch.testing.assert_close(part, nn.BatchNorm2d(8)(expected).detach())


def test_ghost_evaluates_like_batch_norm_after_both_parts(run: Run) -> None:
    model, plain = nn.Sequential(nn.BatchNorm2d(8)), nn.BatchNorm2d(8)
    build("ghost_batch_norm", {"size": 3}).on_model(model, run)
    model(MAPS)
    for part in MAPS.tensor_split(2):
        plain(part)

    assert torch.equal(model.eval()(MAPS), plain.eval()(MAPS))


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_batch_below_two_parts_is_one(run: Run, count: int) -> None:
    found = through(run, "ghost_batch_norm", MAPS[:count], size=3)

    assert torch.equal(found, nn.BatchNorm2d(8)(MAPS[:count]).detach())


def test_batch_norm_itself_is_the_published_formula() -> None:
    norm = nn.BatchNorm2d(8, momentum=0.1)
    found = norm(MAPS).detach().numpy()

    maps = MAPS.double().numpy()
    mean, var = maps.mean((0, 2, 3)), maps.var((0, 2, 3))
    shape = (1, 8, 1, 1)
    expected = (maps - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + 1e-5)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(norm.state_dict()["running_mean"], 0.1 * mean, atol=1e-6)
    norm.eval()
    assert torch.equal(norm(MAPS)[:2], norm(MAPS[:2]))


def test_momentum_reaches_every_norm(run: Run) -> None:
    model = nn.Sequential(nn.BatchNorm2d(8), nn.Sequential(nn.BatchNorm2d(8)))
    build("norm_momentum", {"momentum": 0.25}).on_model(model, run)

    model(MAPS)

    np.testing.assert_allclose(
        model.state_dict()["0.running_mean"], 0.25 * MAPS.mean((0, 2, 3)), atol=1e-6
    )
    assert run.notes["norm_momentum.layers"] == 2
