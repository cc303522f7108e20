"""The contract of a data set."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autotrick.data import load, own
from autotrick.own_code.references import PREFIX
from autotrick.recipe import DataRef
from autotrick.testing.small import expect


def check_dataset(
    dataset: Any,
    *,
    data_dir: Path | str | None = None,
    image_size: int | None = None,
    validation: float | None = 0.1,
) -> None:
    """Check that a data set keeps the contract of data sets.

    It can be read as images and class numbers, has two classes at least, and gives the same pixels, labels
    and splits each time.

    Args:
        dataset: A function or class that makes the data set, or a Dataset.
        data_dir: What its parameter `data_dir` gets.
        image_size: Side in pixels that images are resized to; None keeps their size.
        validation: Share of the training images to carve off, unless it has a validation split.

    Raises:
        AssertionError: It gives other data each time.
        CodeError: It is neither a function nor a Dataset, or needs arguments.
        DataError: It breaks a rule; the message says which one.
    """
    name = (
        f"{PREFIX}{dataset.__module__}:{getattr(dataset, '__qualname__', type(dataset).__name__)}"
    )
    own.register(name, dataset, name)
    ref = DataRef(name=name, image_size=image_size, validation=validation)
    found = []
    for _ in range(2):
        with TemporaryDirectory(prefix="autotrick-check-") as folder:
            found.append(load(ref, data_dir=data_dir, cache_dir=folder).fingerprint)
    expect(
        found[0] == found[1],
        f"{name}: it gives other images, labels or splits each time. Draw with a generator of a fixed seed, and "
        "leave random transforms to tricks.",
    )
