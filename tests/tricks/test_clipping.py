"""Clipping by norm, by value and adaptively, and gradient centralisation, against NumPy."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from autotrick.tricks import Run, Trick
from autotrick.tricks.adaptive_clip import AdaptiveClip
from autotrick.tricks.clip_norm import ClipNorm
from autotrick.tricks.clip_value import ClipValue
from autotrick.tricks.gradient_centralisation import GradientCentralisation

MakeRun = Callable[..., Run]
Gradients = dict[str, np.ndarray]


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    """A network with gradients; one parameter has none."""
    made = make_run()
    torch.manual_seed(1)
    made.model = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2), nn.Linear(2, 2)
    )
    for p in made.model.parameters():
        p.grad = torch.randn(p.shape)
    made.model[1].bias.grad = None
    return made


def gradients(run: Run) -> Gradients:
    found = run.model.named_parameters()
    return {name: p.grad.double().numpy().copy() for name, p in found if p.grad is not None}


def changed(run: Run, trick: Trick) -> tuple[Gradients, Gradients]:
    before = gradients(run)
    trick.on_gradient(run, lambda: pytest.fail("a second pass"))
    return before, gradients(run)


@pytest.mark.parametrize("largest", [0.5, 3.0, 1000.0])
def test_clip_norm_scales_all_by_one_factor(run: Run, largest: float) -> None:
    before, after = changed(run, ClipNorm(largest=largest))

    length = np.sqrt(sum((g**2).sum() for g in before.values()))
    for name, gradient in before.items():
        np.testing.assert_allclose(after[name], gradient * min(1, largest / length), rtol=1e-5)


@pytest.mark.parametrize("largest", [0.1, 1.0, 1000.0])
def test_clip_value_holds_each_element(run: Run, largest: float) -> None:
    before, after = changed(run, ClipValue(largest=largest))

    for name, gradient in before.items():
        np.testing.assert_allclose(after[name], np.clip(gradient, -largest, largest), rtol=1e-6)


@pytest.mark.parametrize("share", [0.01, 0.16, 1000.0])
def test_adaptive_clip_holds_each_unit_and_leaves_the_head(run: Run, share: float) -> None:
    before, after = changed(run, AdaptiveClip(share=share))
    weights = {name: p.detach().double().numpy() for name, p in run.model.named_parameters()}

    for name, gradient in before.items():
        axes = tuple(range(1, gradient.ndim)) or None
        long = np.sqrt((weights[name] ** 2).sum(axis=axes, keepdims=True))
        short = np.sqrt((gradient**2).sum(axis=axes, keepdims=True))
        limit = share * np.maximum(long, 1e-3)
        expected = gradient * np.minimum(1, limit / np.maximum(short, 1e-6))
        if name.startswith("4."):
            expected = gradient
        np.testing.assert_allclose(after[name], expected, rtol=1e-5, err_msg=name)


def test_centralisation_takes_the_mean_of_each_unit(run: Run) -> None:
    before, after = changed(run, GradientCentralisation())

    for name, gradient in before.items():
        if gradient.ndim > 1:
            axes = tuple(range(1, gradient.ndim))
            expected = gradient - gradient.mean(axis=axes, keepdims=True)
            np.testing.assert_allclose(after[name], expected, rtol=0, atol=1e-6)
            np.testing.assert_allclose(after[name].mean(axis=axes), 0, atol=1e-6)
        else:
            np.testing.assert_array_equal(after[name], gradient)
