"""Three lines to a first network: data, a learner, fit.

    from autotrick.quick import data, learn

    learner = learn(data("folder:photos", image_size=64))
    result = learner.fit(0.01, 3)

It trains one recipe without a search, a database or Ray, to see what images can be told apart at all. What
tricks and settings help is the question of a search.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotrick.recipe import DataRef, Recipe, Settings, TrialResult

if TYPE_CHECKING:
    from autotrick.data import Dataset

LR = 0.01
EPOCHS = 3
LARGEST_BATCH = 128
UPDATES = 32
"""Updates of an epoch at least, if the images allow: few images come in small batches."""


@dataclass(frozen=True)
class Data:
    """Training and validation images.

    Attributes:
        ref: What a recipe names them by.
        images: The images themselves.
    """

    ref: DataRef
    images: Dataset


def data(
    name: str,
    *,
    image_size: int | None = None,
    validation: float = 0.2,
    data_dir: Path | str | None = None,
    cache_dir: Path | str | None = None,
) -> Data:
    """Return the images of a data set, with a validation split carved off if it has none.

    Args:
        name: As in a space: `digits`, `folder:PATH`, `parquet:PREFIX`, ...
        image_size: Side of the images in pixels; needed where their sizes differ.
        validation: Share of the training images that the validation split gets, in (0, 1).
        data_dir: Folder of the files.
        cache_dir: Folder of decoded data sets; None is the user's cache.

    Raises:
        DataError: There are no such images, or some cannot be read.
    """
    from autotrick.data import load

    ref = DataRef(name=name, image_size=image_size, validation=validation)
    images = load(ref, data_dir=data_dir, cache_dir=cache_dir)
    return Data(ref.model_copy(update={"fingerprint": images.fingerprint}), images)


@dataclass
class Learner:
    """A network to be trained on some images.

    Attributes:
        result: What the last `fit` came to; None before.
    """

    data: Data
    architecture: str
    settings: Settings
    tricks: dict[str, Settings]
    seed: int
    result: TrialResult | None = None

    def recipe(self, lr: float = LR, epochs: int = EPOCHS) -> Recipe:
        """Return the recipe that `fit` trains: SGD with momentum 0.9."""
        images = len(self.data.images.train.labels)
        return Recipe(
            data=self.data.ref,
            architecture=self.architecture,
            architecture_settings=self.settings,
            batch_size=max(1, min(LARGEST_BATCH, images // UPDATES)),
            base_lr=lr,
            scaling_exponent=0,
            epochs=epochs,
            seed=self.seed,
            tricks=self.tricks,
        )

    def fit(self, lr: float = LR, epochs: int = EPOCHS, **options: Any) -> TrialResult:
        """Train from initial weights; every call begins anew.

        Args:
            lr: Learning rate, whatever the size of the batch.
            epochs: Passes over the training images.
            options: Those of `autotrick.train_recipe`, such as `on_epoch` or `device`.

        Raises:
            RecipeError: A setting is out of its range.
            TrainingError: The loss is not finite, or memory ran out.
        """
        from autotrick.train import train

        self.result = train(self.recipe(lr, epochs), self.data.images, **options)
        return self.result


def learn(
    data: Data,
    architecture: str = "fastnet",
    *,
    settings: Settings | None = None,
    tricks: dict[str, Settings] | None = None,
    seed: int = 0,
) -> Learner:
    """Return a learner of these images.

    Args:
        data: What `data` returned.
        architecture: As in a space, such as `fastnet` or `timm/resnet18`.
        settings: Those of the architecture.
        tricks: Their settings by name; none by default.
        seed: Decides initial weights and order.
    """
    return Learner(data, architecture, settings or {}, tricks or {}, seed)
