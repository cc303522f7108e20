"""Predict new images with trained networks: one, or several whose predictions are averaged."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from autotrick import tasks
from autotrick.errors import DataError, RecipeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from autotrick.data.image_list import Listed
    from autotrick.data.new_images import ImageReader
    from autotrick.train.average import Average
    from autotrick.train.trained_model import TrainedModel

TOP = 5
"""Classes that are given for an image, at most."""
_AT_ONCE = 250
"""Images between two signs of progress, at most."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """What networks say about one image.

    Attributes:
        image: Its name.
        top: At most TOP classes with their probabilities, the likeliest first.
    """

    image: str
    top: tuple[tuple[str, float], ...]

    @property
    def label(self) -> str:
        """The likeliest class."""
        return self.top[0][0]

    @property
    def probability(self) -> float:
        """Its probability, in [0, 1]."""
        return self.top[0][1]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        top = [{"class": name, "probability": probability} for name, probability in self.top]
        return {"image": self.image, **top[0], "top": top}


@dataclass(frozen=True, slots=True)
class NotPredicted:
    """A file or row that is not an image, or a damaged one.

    Attributes:
        image: Its name.
        why: A sentence that names it.
    """

    image: str
    why: str


def predict_images(
    models: "Sequence[TrainedModel]",
    images: "Iterable[Listed]",
    *,
    average: "Average" = "probabilities",
) -> Iterator[Predicted | NotPredicted]:
    """Yield a prediction for each image, in order; memory holds a batch of them.

    An image that cannot be read does not stop the others.

    Args:
        models: At least one. All have the same classes.
        average: What several networks average.

    Raises:
        RecipeError: The networks do not predict classes, or not the same ones.
    """
    classes = _classes(models)
    readers = {_kind(model): model.reader() for model in models}
    size = min(_AT_ONCE, *(model.rows_at_once for model in models))
    for batch in _batches(images, size):
        yield from _predicted(batch, models, readers, classes, average)


def _predicted(
    batch: "Sequence[Listed]",
    models: "Sequence[TrainedModel]",
    readers: "dict[_Kind, ImageReader]",
    classes: tuple[str, ...],
    average: "Average",
) -> Iterator[Predicted | NotPredicted]:
    from autotrick.train.average import averaged

    pixels: dict[_Kind, list[NDArray[np.uint8]]] = {kind: [] for kind in readers}
    refused: dict[int, str] = {}
    for i, listed in enumerate(batch):
        try:
            read = {kind: _read(reader, listed) for kind, reader in readers.items()}
        except DataError as error:
            refused[i] = str(error)
            continue
        for kind, image in read.items():
            pixels[kind].append(image)
    found = iter(())
    if len(refused) < len(batch):
        arrays = {kind: _stacked(read) for kind, read in pixels.items()}
        logits = [model.logits(arrays[_kind(model)]) for model in models]
        found = iter(averaged(logits, tasks.find(models[0].recipe.task), average))
    for i, listed in enumerate(batch):
        if i in refused:
            yield NotPredicted(listed.name, refused[i])
        else:
            yield Predicted(listed.name, _top(next(found), classes))


def _read(reader: "ImageReader", listed: "Listed") -> "NDArray[np.uint8]":
    if isinstance(listed.content, DataError):
        raise listed.content
    return reader.read(listed.content, listed.name)


def _stacked(images: "list[NDArray[np.uint8]]") -> "NDArray[np.uint8]":
    import numpy as np

    return np.stack(images)


def _top(
    probabilities: "NDArray[np.float64]", classes: tuple[str, ...]
) -> tuple[tuple[str, float], ...]:
    order = (-probabilities).argsort(kind="stable")[:TOP]
    return tuple((classes[i], float(probabilities[i])) for i in order)


_Kind = tuple[tuple[int, int, int], str]


def _kind(model: "TrainedModel") -> _Kind:
    """Return what decides how a network's images are read."""
    return model.inputs.shape, model.recipe.data.resize


def _classes(models: "Sequence[TrainedModel]") -> tuple[str, ...]:
    first = models[0]
    if not first.classes or not tasks.find(first.recipe.task).ensembles:
        raise RecipeError(
            f"networks for {first.recipe.task} do not predict classes. Use autotrick.load_model."
        )
    for other in models[1:]:
        if other.classes != first.classes:
            raise RecipeError(
                f"trials {first.source.trial} and {other.source.trial} were trained on other classes. "
                "Average trials of one data set."
            )
    return first.classes


def _batches(images: "Iterable[Listed]", size: int) -> "Iterator[list[Listed]]":
    waiting = iter(images)
    while batch := list(islice(waiting, size)):
        yield batch
