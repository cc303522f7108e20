from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from autotrick.analysis.overfitting import overfits_after
from autotrick.data import Dataset, Split
from autotrick.recipe import DataRef, EpochReport, Recipe
from autotrick.train import train
from tests.simulated import a_report


def curve(losses: list[float], train: list[float]) -> list[EpochReport]:
    return [
        a_report(i + 1, 0.5).model_copy(update={"loss": loss, "train_loss": own})
        for i, (loss, own) in enumerate(zip(losses, train, strict=True))
    ]


@pytest.mark.parametrize(
    ("losses", "training", "after"),
    [
        ([1.0, 0.8, 0.9, 1.0, 1.1], [1.0, 0.8, 0.6, 0.4, 0.2], 2),
        ([1.0, 0.8, 0.7, 0.6, 0.5], [1.0, 0.8, 0.6, 0.4, 0.2], None),  # goes on getting better
        ([1.0, 0.8, 0.9, 1.0, 1.1], [1.0, 0.8, 0.9, 1.0, 1.1], None),  # diverges: both rise
        ([1.0, 0.8, 0.81, 0.82, 0.83], [1.0, 0.8, 0.6, 0.4, 0.2], None),  # rises by less than 5 %
        ([1.0, 0.9, 0.8, 1.0, 1.2], [1.0, 0.8, 0.6, 0.4, 0.2], None),  # for two epochs only
        ([1.0], [1.0], None),
        ([], [], None),
    ],
)
def test_says_after_which_epoch(
    losses: list[float], training: list[float], after: int | None
) -> None:
    assert overfits_after(curve(losses, training)) == after


def test_a_network_that_learns_wrong_labels_by_heart_overfits(tmp_path: Path) -> None:
    images, labels = load_digits(return_X_y=True)
    pixels = (images * (255 / 16)).round().astype(np.uint8).reshape(-1, 8, 8, 1)
    pixels = pixels.repeat(2, axis=1).repeat(2, axis=2)
    wrong = np.random.default_rng(0).integers(0, 10, 64)
    data = Dataset(
        "digits",
        "e" * 16,
        tuple("0123456789"),
        Split(pixels[:64], wrong.astype(np.int64)),
        Split(pixels[64:192], labels[64:192].astype(np.int64)),
        None,
        np.array([0.3], np.float32),
        np.array([0.4], np.float32),
    )
    recipe = Recipe(
        data=DataRef(name="digits", fingerprint="e" * 16),
        architecture="fastnet",
        architecture_settings={"width": 0.25},
        batch_size=16,
        base_lr=1.0,
        epochs=12,
    )

    reports = train(recipe, data).reports

    assert overfits_after(reports) is not None
    assert overfits_after(reports[:2]) is None
