from collections.abc import Callable

import numpy as np
import pytest

from autotrick.tricks import Run
from autotrick.tricks.pca_colour import PcaColour, components, normal
from tests.pictures import augment

MakeRun = Callable[..., Run]


def coloured(count: int = 300) -> np.ndarray:
    rng = np.random.default_rng(0)
    base, rest = rng.normal(128, 40, (count, 8, 8, 1)), rng.normal(0, 5, (count, 8, 8, 3))
    return np.clip(base * [1.0, 0.9, 0.7] + rest, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_components_are_those_of_numpys_covariance(channels: int) -> None:
    images = np.ascontiguousarray(coloured()[..., :channels])

    directions, variances = components(images)

    covariance = np.cov(images.reshape(-1, channels).T / 255, bias=True).reshape(channels, -1)
    np.testing.assert_allclose(directions @ np.diag(variances) @ directions.T, covariance)
    np.testing.assert_allclose(directions.T @ directions, np.eye(channels), atol=1e-12)


def test_shifts_follow_the_components(make_run: MakeRun) -> None:
    run = make_run()
    run.images = coloured()
    trick = PcaColour(alpha=2.0)
    trick.on_start(run)
    gray = np.full((20_000, 1, 1, 3), 128, np.uint8)

    after = augment(trick, gray, np.arange(20_000), run)[:, 0, 0] - 128.0

    directions, variances = components(run.images)
    along = (after / 255) @ directions
    # Rounding to levels adds a variance of 1/12 of a level squared.
    expected = np.sqrt((2.0 * variances) ** 2 + 1 / 12 / 255**2)
    np.testing.assert_allclose(along.std(axis=0), expected, rtol=0.05)


def test_components_are_kept_for_the_checkpoint(make_run: MakeRun) -> None:
    run = make_run()

    PcaColour().on_start(run)

    assert np.shape(run.state["pca_colour"]["directions"]) == (3, 3)


def test_normal_numbers_are_normal() -> None:
    numbers = normal(np.random.default_rng(0).random((20_000, 2)))[:, 0]

    assert abs(numbers.mean()) < 5 / np.sqrt(20_000)
    assert abs(numbers.std() - 1) < 5 / np.sqrt(2 * 20_000)
    assert abs((np.abs(numbers) < 1).mean() - 0.6827) < 0.02
