"""Real digits, some stretched to two and three times their height, in a folder of images."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from autotrick import records
from autotrick.aspect_ratio import accuracy_by_aspect, strata
from autotrick.cli import main
from autotrick.data import load, validation_aspects
from autotrick.errors import DataError, NotFoundError
from autotrick.recipe import DataRef, Recipe
from autotrick.records import (
    StudyPlan,
    add_report,
    add_trial,
    create_study,
    finish_trial,
    open_database,
)
from autotrick.train import train

STRETCH = (1, 2, 3)
REF = DataRef(name="folder:photos", image_size=16, resize="pad", validation=0.25)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of zeros and ones; every third image each is 8x8, 8x16 and 8x24 pixels large."""
    digits = load(DataRef(name="digits"), cache_dir=tmp_path / "cache").train
    for label in (0, 1):
        folder = tmp_path / "photos" / str(label)
        folder.mkdir(parents=True)
        for i, row in enumerate(np.flatnonzero(digits.labels == label)[:48]):
            image = Image.fromarray(digits.images[row, :, :, 0])
            width, height = image.size
            image.resize((width, height * STRETCH[i % 3])).save(folder / f"{i:03}.png")
    return tmp_path


@pytest.fixture
def url(photos: Path) -> str:
    """A study of one complete trial of eight epochs, without a checkpoint."""
    url = f"sqlite:///{photos}/autotrick.db"
    data = load(REF, data_dir=photos, cache_dir=photos / "cache")
    recipe = Recipe(
        data=data.resolve(REF), architecture="lenet5", epochs=8, batch_size=16, base_lr=0.2
    )
    with open_database(url) as database:
        places = {"cache": str(photos / "cache"), "data_dir": str(photos)}
        plan = StudyPlan("photos", "?", {}, "0" * 16, 0, {"trials": 1, "resources": places})
        made = create_study(database, plan)
        launch = add_trial(database, made.id, recipe, origin="random")
        train(
            recipe,
            data,
            on_epoch=lambda made: add_report(database, launch.trial_id, made.reports[-1]) or True,
        )
        finish_trial(database, launch.trial_id, "complete")
    return url


def test_aspects_are_those_of_the_files_in_the_order_of_the_split(photos: Path) -> None:
    ratios, labels = validation_aspects(REF, photos)

    data = load(REF, data_dir=photos, cache_dir=photos / "cache")
    np.testing.assert_array_equal(labels, data.validation.labels)
    # Padded beside a high image there are black columns: the more, the higher it was.
    columns = (data.validation.images[..., 0] > 0).any(axis=1).sum(axis=1)
    assert set(ratios) == {1.0, 2.0, 3.0}
    assert columns[ratios == 3].max() < columns[ratios == 1].min()


def test_strata_have_their_ends_and_their_doubt() -> None:
    found = strata(np.array([1.0, 1.25, 1.3, 2.0, 2.1]), np.array([True, False, True, True, True]))

    assert [one.images for one in found] == [2, 2, 1]
    assert [one.accuracy for one in found] == [0.5, 1.0, 1.0]
    assert found[0].error == pytest.approx(0.5) and found[2].error is None


def test_accuracy_of_a_trial_by_aspect(url: str) -> None:
    with (
        open_database(url) as database,
        pytest.raises(NotFoundError, match="checkpoint of trial 0 is not there"),
    ):
        accuracy_by_aspect(database, "photos", 0)

    words = ["aspects", "photos", "0", "--retrain", "--json", "--database", url]
    shown = CliRunner().invoke(main, words)

    assert shown.exit_code == 0, shown.output
    found = [json.loads(line) for line in shown.stdout.splitlines()]
    assert sum(one["images"] for one in found) == 24 and all(one["images"] for one in found)
    right = sum(one["images"] * one["accuracy"] for one in found)
    assert right / 24 > 0.7


def test_only_folders_tell() -> None:
    with pytest.raises(DataError, match="digits does not tell the sizes"):
        validation_aspects(DataRef(name="digits"))


def test_a_trial_that_was_not_trained_is_refused(url: str) -> None:
    with open_database(url) as database:
        recipe = records.trial(database, "photos", 0).recipe
        study = records.study(database, "photos")
        add_trial(database, study.id, recipe.model_copy(update={"seed": 1}), origin="random")

        with pytest.raises(NotFoundError, match="trial 1 has no epochs yet"):
            accuracy_by_aspect(database, "photos", 1, retrain=True)
