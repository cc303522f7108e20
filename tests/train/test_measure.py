"""What is measured of a network, and that measuring changes nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autotrick.data import Dataset
from autotrick.models import build
from autotrick.models.describe import describe
from autotrick.recipe import Recipe
from autotrick.train import Snapshot, train
from autotrick.train.measure import CORRUPTIONS, SEVERITIES, corrupted

ALL = ("multiply_adds", "latency_ms", "robustness", "seconds")


def test_measures_of_a_trained_network(digits: Dataset, make_recipe: Callable[..., Recipe]) -> None:
    result = train(make_recipe(epochs=8), digits, measures=ALL)

    network = build("fastnet", {"width": 0.25}, classes=10, channels=1, image_size=(16, 16), seed=0)
    cost = describe(network, (1, 16, 16))
    assert set(result.measures) == {"multiply_adds", "latency_ms", "robustness"}
    assert result.measures["multiply_adds"] == cost.multiply_adds
    assert 0 < result.measures["latency_ms"] < 1000
    assert 0.15 < result.measures["robustness"] < result.accuracy
    assert train(make_recipe(epochs=1), digits).measures == {}


def test_measuring_between_epochs_changes_no_weights(
    digits: Dataset, make_recipe: Callable[..., Recipe], tmp_path: Path
) -> None:
    recipe = make_recipe(tricks={"ema": {"half_life": 0.05}, "cutout": {}})
    found: list[dict[str, float]] = []

    def measured(snapshot: Snapshot) -> bool:
        found.append(snapshot.measure(ALL))
        return True

    plain = train(recipe, digits)
    looked_at = train(recipe, digits, on_epoch=measured, measures=ALL)

    def steady(result: Any) -> list[Any]:
        return [(r.weights, r.accuracy, r.loss, r.extra) for r in result.reports]

    assert steady(looked_at) == steady(plain)
    assert found[-1]["robustness"] == looked_at.measures["robustness"]


def test_network_that_was_trained_before_is_measured_from_its_checkpoint(
    digits: Dataset, make_recipe: Callable[..., Recipe], tmp_path: Path
) -> None:
    recipe = make_recipe(epochs=2, tricks={"ema": {"half_life": 0.05}})

    def keep(snapshot: Snapshot) -> bool:
        snapshot.save(tmp_path)
        return True

    first = train(recipe, digits, on_epoch=keep, measures=["robustness"])
    again = train(recipe, digits, resume_from=tmp_path, measures=["robustness"])

    assert again.measures == first.measures


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize("channels", [1, 3])
def test_corruption_is_always_the_same_and_grows(name: str, channels: int) -> None:
    draw = np.random.default_rng(0)
    images = draw.integers(60, 200, (20, 12, 12, channels), dtype=np.uint8)
    before = images.copy()

    found = [corrupted(images, name, severity) for severity in SEVERITIES]

    changes = [np.abs(made.astype(int) - images).mean() for made in found]
    assert 0 < changes[0] < changes[1] < changes[2]
    assert all(
        (corrupted(images, name, s) == f).all() for s, f in zip(SEVERITIES, found, strict=True)
    )
    assert (images == before).all()
    assert (corrupted(images[:5], name, 3) == found[1][:5]).all()


def test_strengths_are_those_of_the_paper() -> None:
    grey = np.full((400, 10, 10, 1), 100, np.uint8)

    noise = corrupted(grey, "gaussian_noise", 5).astype(float)
    impulses = corrupted(grey, "impulse_noise", 5)

    assert noise.std() == pytest.approx(0.1 * 255, rel=0.02)
    assert ((impulses == 0) | (impulses == 255)).mean() == pytest.approx(0.07, abs=0.005)
    assert (corrupted(grey, "brightness", 5) == 100 + round(0.3 * 255)).all()
    assert (corrupted(grey, "contrast", 5) == grey).all()
