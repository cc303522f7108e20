from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from autotrick.tricks import Run, build
from autotrick.tricks.whitening import Whitening, whiteners

MakeRun = Callable[..., Run]


def start(run: Run, filters: int, kernel: int, **settings: Any) -> Any:
    model = nn.Sequential(nn.Conv2d(run.channels, filters, kernel), nn.ReLU())
    Whitening(**settings).on_model(model, run)
    return model[0]


def test_what_the_filters_see_is_uncorrelated_and_of_variance_one(make_run: MakeRun) -> None:
    run = make_run(size=(12, 12))
    conv = start(run, 24, 2, eps=1e-6)

    seen = functional.conv2d(run.normalised(run.images), conv.weight[:12])

    flat = seen.transpose(0, 1).flatten(1).double()
    torch.testing.assert_close(
        flat @ flat.T / flat.shape[1], torch.eye(12).double(), atol=1e-3, rtol=0
    )
    assert torch.equal(conv.weight[12:], -conv.weight[:12])
    assert not conv.weight.requires_grad and conv.bias.requires_grad


def test_filters_are_numpys_eigenvectors_by_falling_variance(make_run: MakeRun) -> None:
    run = make_run(channels=1, size=(12, 12))
    images = run.normalised(run.images).numpy()[:, 0].astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(images, (3, 3), (1, 2)).reshape(-1, 9)
    variances, directions = np.linalg.eigh(windows.T @ windows / len(windows))

    found = whiteners(Whitening().covariance(run, (3, 3)), 0.01).double().numpy()

    expected = (directions / np.sqrt(variances + 0.01)).T[::-1]
    for ours, theirs in zip(found, expected, strict=True):
        assert np.abs(ours @ theirs / (theirs @ theirs)) == pytest.approx(1, abs=1e-3)


def test_too_few_filters_keep_the_largest_directions_and_odd_ones_stay(make_run: MakeRun) -> None:
    run = make_run()
    torch.manual_seed(0)
    before = nn.Conv2d(3, 7, 2).weight.detach().clone()
    torch.manual_seed(0)

    conv = start(run, 7, 2)

    whole = whiteners(Whitening().covariance(run, (2, 2)), 5e-4)
    assert torch.equal(conv.weight[:3].detach().flatten(1), whole[:3])
    assert torch.equal(conv.weight[6], before[6])


def test_a_network_without_a_convolution_of_the_images_is_left_alone(make_run: MakeRun) -> None:
    run, model = make_run(), nn.Sequential(nn.Flatten(), nn.Linear(192, 10))

    build("whitening", {}).on_model(model, run)

    assert run.notes == {"whitening.layers": 0}


def test_frozen_filters_get_no_update() -> None:
    from tests.optimizing import make_recipe, ready

    together: dict[str, dict[str, Any]] = {
        "whitening": {},
        **{name: {} for name in ("adamw", "discriminative_lr", "layer_freezing", "no_norm_decay")},
    }
    muon: dict[str, dict[str, Any]] = {"whitening": {}, "muon": {}}
    for tricks in (together, muon):
        run, _ = ready(make_recipe(tricks))
        held = {id(p) for group in run.optimizer.param_groups for p in group["params"]}
        names = {name for name, p in run.model.named_parameters() if id(p) not in held}
        assert names == {"0.weight"}
