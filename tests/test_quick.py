"""Three lines train a network that tells two classes apart."""

from pathlib import Path

import pytest
from PIL import Image
from sklearn.datasets import load_digits

from autotrick import quick
from autotrick.errors import DataError, RecipeError
from autotrick.quick import data, learn
from autotrick.train import train


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of two classes: the real zeros and ones of scikit-learn's digits."""
    folder = tmp_path_factory.mktemp("photos")
    images, labels = load_digits(return_X_y=True)
    for name in ("viserion", "drogon"):
        (folder / name).mkdir()
    for i, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        if label < 2:
            image = Image.fromarray((pixels.reshape(8, 8) * (255 / 16)).round().astype("uint8"))
            image.save(folder / ("drogon", "viserion")[int(label)] / f"{i}.png")
    return folder


def test_three_lines_reach_ninety_percent_of_two_classes(photos: Path, tmp_path: Path) -> None:
    images = data(f"folder:{photos}", image_size=16, cache_dir=tmp_path)
    learner = learn(images)
    result = learner.fit(0.01, 3)

    assert result.accuracy > 0.9 and len(result.reports) == 3
    # The classes are in the order of their names.
    assert images.images.classes == ("drogon", "viserion")


def test_the_defaults_are_those_of_the_article(photos: Path, tmp_path: Path) -> None:
    learner = learn(data(f"folder:{photos}", image_size=16, cache_dir=tmp_path))

    recipe = learner.recipe()

    assert (recipe.lr, recipe.epochs) == (0.01, 3)
    assert (quick.LR, quick.EPOCHS) == (0.01, 3)


def test_what_it_trains_is_a_recipe_that_trains_again(photos: Path, tmp_path: Path) -> None:
    images = data(f"folder:{photos}", image_size=16, cache_dir=tmp_path)
    learner = learn(images, "lenet5", tricks={"flip": {}}, seed=3)

    found = learner.fit(epochs=1)

    assert learner.result is found
    assert train(learner.recipe(epochs=1), images.images).weights == found.weights


def test_faults_are_those_of_a_space(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Did you mean 'digits'"):
        data("digit")
    images = data(f"folder:{photos}", image_size=16, cache_dir=tmp_path)
    with pytest.raises(RecipeError, match="Did you mean 'lenet5'"):
        learn(images, "lenet").fit()
