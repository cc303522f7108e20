"""A small network that is ready to train, and made gradients to compare optimizers by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from autotrick.data import Dataset, Split
from autotrick.recipe import DataRef, Recipe
from autotrick.train.prepare import Stages, prepare
from autotrick.tricks import Run, assemble


@dataclass
class Trail:
    """One parameter's way: from start, by (steps, ...) gradients, to end; doubles.

    Attributes:
        group: What the optimizer knows about it.
    """

    name: str
    group: dict[str, Any]
    start: NDArray[np.float64]
    gradients: NDArray[np.float64]
    end: NDArray[np.float64]


def make_data(count: int = 32) -> Dataset:
    """Return images of 16x16 pixels whose class shows in their brightness."""
    labels = np.arange(count, dtype=np.int64) % 4
    noise = np.random.default_rng(count).integers(0, 100, (count, 16, 16, 1))
    split = Split((noise + 40 * labels[:, None, None, None]).astype(np.uint8), labels)
    scaled = split.images / 255
    mean, std = (np.array([x], np.float32) for x in (scaled.mean(), scaled.std()))
    return Dataset("bright", "b" * 16, tuple("abcd"), split, split, None, mean, std, True)


def make_recipe(tricks: dict[str, dict[str, Any]], **changes: Any) -> Recipe:
    """Return a recipe for `make_data`, at the batch size for which a rate is not scaled."""
    fields: dict[str, Any] = {
        "data": DataRef(name="bright", fingerprint="b" * 16),
        "architecture": "fastnet",
        "architecture_settings": {"width": 0.1},
        "epochs": 10,
        "batch_size": 8,
        "base_lr": 0.1,
        "scaling_exponent": 0.0,
        "tricks": tricks,
    }
    return Recipe(**fields | changes)


def ready(recipe: Recipe, *, count: int = 32) -> tuple[Run, Stages]:
    """Return the run as it is before the first update, and its stages."""
    stages = Stages(assemble(recipe))
    return prepare(recipe, make_data(count), stages, torch.device("cpu")), stages


def trails(run: Run, *, steps: int = 5, lr: float = 1.0) -> list[Trail]:
    """Step by random gradients, at a share `lr` of the peak; return every parameter's way."""
    draws = torch.Generator().manual_seed(3)
    names = {id(p): name for name, p in run.model.named_parameters()}
    found = []
    for group in run.optimizer.param_groups:
        group["lr"] = lr * group["peak"]
        for p in group["params"]:
            gradients = torch.randn((steps, *p.shape), generator=draws) * 0.1
            start = p.detach().double().numpy().copy()
            found.append((p, Trail(names[id(p)], group, start, gradients.double().numpy(), start)))
    for step in range(steps):
        for p, trail in found:
            p.grad = torch.from_numpy(trail.gradients[step]).float()
        run.optimizer.step()
    for p, trail in found:
        trail.end = p.detach().double().numpy().copy()
    return [trail for _, trail in found]


def close(trail: Trail, expected: NDArray[np.float64], *, tolerance: float = 2e-5) -> None:
    """Assert that the parameter went where the formula says, relative to how far it went."""
    moved = np.abs(expected - trail.start).max()
    assert moved > 0
    np.testing.assert_allclose(
        trail.end, expected, rtol=0, atol=tolerance * moved + 1e-7, err_msg=trail.name
    )
