"""A trained network with all that it needs to predict: classes, pixels, normalisation, weights.

It needs neither the data set that it was trained on nor a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autotrick import tasks
from autotrick.data import Dataset
from autotrick.data.new_images import AnyImage, ImageReader, ManyImages, listed
from autotrick.errors import DataError, RecipeError, TrainingError
from autotrick.recipe import Recipe
from autotrick.train import checkpoint
from autotrick.train.average import probabilities
from autotrick.train.evaluate import digest, predictor, rows_at_once
from autotrick.train.model_inputs import ModelInputs
from autotrick.train.numerics import device_of, numerics
from autotrick.train.prepare import Stages, prepare, restored, size_seen, untrained
from autotrick.tricks import Run, assemble

FindData = Callable[[Recipe], Dataset]
"""Finds the data set of a recipe."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a network comes from.

    Attributes:
        study: Name of its study; None if it was read from a file alone.
        trial: Its number; None likewise.
        epoch: Number of epochs that it was trained for.
        digest: 16 hex digits that name its weights, as the trial's reports do.
        path: The file that it was read from; None if it was trained again.
    """

    study: str | None
    trial: int | None
    epoch: int
    digest: str
    path: Path | None


class TrainedModel(nn.Module):
    """A trained network in evaluation mode.

    Called with (N, C, H, W) normalised floats, as `preprocess` returns them, it gives (N, K) logits of
    the network itself, weight averages included. `probabilities` and `logits` take images, and apply
    test-time augmentation too, where the recipe has it. `torch.compile` is not used, whatever the
    recipe says.

    Attributes:
        network: The network alone, which sees the middle of the images where the recipe trains on
            parts of them.
        recipe: What it was trained by, as of its last epoch.
        classes: The K names of the outputs; empty where targets are not classes.
        image_size: (H, W) that `preprocess` gives images.
        channels: 1 or 3.
        mean: (C,) what normalisation subtracts, for pixels in [0, 1].
        std: (C,) what it divides by.
        source: Where it comes from.
    """

    def __init__(self, run: Run, network: nn.Module, inputs: ModelInputs, source: Source) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.recipe = run.recipe
        self.inputs = inputs
        self.classes = inputs.classes
        self.image_size = inputs.shape[:2]
        self.channels = inputs.shape[2]
        self.mean, self.std = inputs.mean, inputs.std
        self.source = source
        self._run = run
        self._stages = Stages(assemble(run.recipe))
        self.eval()

    @classmethod
    def of_weights(
        cls,
        recipe: Recipe,
        inputs: ModelInputs,
        weights: Mapping[str, Tensor],
        *,
        epoch: int,
        device: str = "cpu",
        path: Path | None = None,
    ) -> TrainedModel:
        """Return the network of a recipe with the weights that predict.

        Args:
            recipe: As of its last epoch, without a course.
            weights: Its state dict, averages included.
            epoch: Number of epochs that it was trained for.
            device: Where it goes, such as `cuda`.
            path: The file that they come from.

        Raises:
            RecipeError: A name or a setting is unknown here.
            ResourceError: The device is not there.
            TrainingError: The weights are not those of the recipe's network.
        """
        run = _run(recipe, inputs, epoch, device_of(device))
        network = untrained(run, Stages(assemble(recipe)))
        run.model = network
        try:
            network.load_state_dict(dict(weights))
        except RuntimeError as error:
            first = str(error).strip().splitlines()[-1].strip()
            where = f"the weights of {path}" if path else "the weights"
            message = f"{where} are not those of its recipe's {recipe.architecture}: {first}"
            raise TrainingError(message, reason="wrong_weights") from None
        source = Source(None, None, epoch, digest(network), path)
        return cls(run, network, inputs, source)

    def forward(self, images: Tensor) -> Tensor:
        """Return (N, K, ...) logits of (N, C, H, W) normalised images."""
        run = self._on(images.device)
        with run.autocast():
            logits: Tensor = self.network(run.as_evaluated(images))
        return logits.float()

    def prepared(self, images: Tensor) -> Tensor:
        """Return (N, C, H, W) normalised images as the network sees them: their middle, or smaller."""
        return self._on(images.device).as_evaluated(images)

    def pixels(self, images: ManyImages) -> NDArray[np.uint8]:
        """Return images as (N, H, W, C) uint8: decoded and resized as the training images were.

        Args:
            images: One image or several: paths, Pillow images, arrays of uint8, or bytes of files.

        Raises:
            DataError: One is missing, damaged, or of another kind; the message names it.
        """
        return self.reader().read_all(images)

    def preprocess(self, images: ManyImages) -> Tensor:
        """Return images as (N, C, H, W) normalised floats, on the device of the network.

        Args:
            images: As `pixels` takes them.

        Raises:
            DataError: One is missing, damaged, or of another kind; the message names it.
        """
        return self._on(self.device).normalised(self.pixels(images))

    def probabilities(self, images: ManyImages) -> NDArray[np.float64]:
        """Return (N, K) probabilities of the classes, with the recipe's evaluation tricks.

        Args:
            images: As `pixels` takes them, any number: they are read a batch at a time.

        Raises:
            DataError: One is missing, damaged, or of another kind; the message names it.
            RecipeError: The task does not predict probabilities.
        """
        task = tasks.find(self.recipe.task)
        if not task.ensembles:
            raise RecipeError(f"predictions of networks for {task.name} are not probabilities.")
        return probabilities(self.logits(images), task)

    def logits(self, images: ManyImages) -> NDArray[np.float64]:
        """Return (N, K, ...) logits, with the recipe's evaluation tricks.

        Args:
            images: As `pixels` takes them, any number: they are read a batch at a time.

        Raises:
            DataError: One is missing, damaged, or of another kind; the message names it.
        """
        run = self._on(self.device)
        predict = predictor(run, self._stages, self.network)
        found = []
        with numerics(self.recipe, str(run.device)), torch.inference_mode():
            for batch in self._batches(images):
                found.append(predict(run.normalised(batch)).double().cpu().numpy())
        return np.concatenate(found) if found else np.empty((0, run.classes))

    def reader(self) -> ImageReader:
        """Return what reads images as the training images were read."""
        return ImageReader(self.inputs.shape, self.recipe.data.resize)

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next((p.device for p in self.network.parameters()), torch.device("cpu"))

    @property
    def rows_at_once(self) -> int:
        """How many images the network sees at once."""
        return rows_at_once(self.inputs.shape)

    def _batches(self, images: ManyImages) -> Iterator[NDArray[np.uint8]]:
        """Yield images as `pixels`, as many as the network takes at once."""
        every: list[AnyImage] | NDArray[np.uint8] = listed(images)  # type: ignore[assignment]
        rows = self.rows_at_once
        for start in range(0, len(every), rows):
            yield self.pixels(every[start : start + rows])

    def _on(self, device: torch.device) -> Run:
        """Return the run on a device: the weights may have been moved."""
        if self._run.device != device:
            # A copy has no constants of normalisation on the old device.
            run = copy(self._run)
            run.device, run._scale = device, None
            self._run = run
        return self._run


def _run(recipe: Recipe, inputs: ModelInputs, epoch: int, device: torch.device) -> Run:
    """Return a run of one update that has no images, for what asks one about the network's input."""
    task = tasks.find(recipe.task)
    height, width, channels = inputs.shape
    run = Run(
        recipe=recipe,
        classes=task.outputs(len(inputs.classes)),
        task=task,
        channels=channels,
        image_size=size_seen((height, width), Stages(assemble(recipe))),
        mean=inputs.mean,
        std=inputs.std,
        updates=1,
        per_epoch=1,
        device=device,
        epoch=max(0, epoch - 1),
        starts=(0, 1),
    )
    run.images = np.zeros((1, *inputs.shape), np.uint8)
    run.labels = np.zeros(1, np.int64)
    return run


def load_checkpoint(
    path: Path, *, find_data: FindData | None = None, device: str = "cpu"
) -> TrainedModel:
    """Return the network of a checkpoint as its trial was evaluated.

    Args:
        find_data: Finds the data set, which older checkpoints need; not called for others.

    Raises:
        DataError: The data set is needed, and it is missing.
        RecipeError: The recipe is one of another version.
        ResourceError: The device is not there.
        TrainingError: The file is missing, damaged, or older than recipes in checkpoints.
    """
    content = checkpoint.load(path)
    epochs = len(content["reports"])
    # By the recipe of its last epoch: a leg of the course may begin after it.
    recipe = checkpoint.recipe_of(content, path).at(epochs - 1)
    if "prediction" not in content:
        return _with_data(path, recipe, epochs, find_data, device_of(device))
    try:
        inputs = ModelInputs.from_json(content["prediction"])
    except (KeyError, TypeError, ValueError) as error:
        message = f"the checkpoint {path} says nothing sensible of its images: {error}."
        raise TrainingError(message, reason="damaged_checkpoint") from None
    weights = content["prediction"].get("weights", content["model"])
    found = TrainedModel.of_weights(recipe, inputs, weights, epoch=epochs, device=device, path=path)
    reported = content["reports"][-1]["weights"]
    if reported and found.source.digest != reported:
        message = (
            f"the checkpoint {path} predicts with weights {found.source.digest}, but its last epoch "
            f"reported {reported}. It was written by another version, or changed."
        )
        raise TrainingError(message, reason="wrong_weights")
    return found


def _with_data(
    path: Path, recipe: Recipe, epochs: int, find_data: FindData | None, device: torch.device
) -> TrainedModel:
    """Return the network of a checkpoint that does not hold what it needs of the data."""
    why = (
        f"the checkpoint {path} was written before checkpoints held their classes and normalisation, "
        "so the data set is needed"
    )
    if find_data is None:
        raise DataError(f"{why}. Train the trial again.")
    try:
        data = find_data(recipe)
    except DataError as error:
        raise DataError(f"{why}: {error}") from None
    plain = recipe.model_copy(update={"tricks": {}, "compiled": False})
    with numerics(recipe, str(device)):
        # Without its tricks, which may want files that prediction does not need.
        blank = prepare(plain, data, Stages([]), device, left={})
        run, network = restored(path, checkpoint.checksum(path), blank)
    inputs = ModelInputs.of(data, run.mean, run.std)
    source = Source(None, None, epochs, digest(network), path)
    return TrainedModel(run, network, inputs, source)
