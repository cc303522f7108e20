"""An augmented data set on disk: for readers that cannot augment while they train, or to look at.

Only the train split is augmented. Validation and test are written as they are: were they carved off
afterwards, copies of one image would stand on both sides.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

import autotrick
from autotrick.data import Dataset, Split
from autotrick.data.pixels import chunk_rows
from autotrick.errors import RecipeError, ResourceError
from autotrick.recipe import Recipe
from autotrick.train.loop import augmented
from autotrick.train.numerics import numerics
from autotrick.train.setup import Stages, prepare
from autotrick.tricks import Run, assemble

CHUNK = 1000
Chunk = tuple[NDArray[np.uint8], NDArray[np.int64], int]
"""Images, their row numbers in the split, and which copy of them it is; copy 0 is the original."""


def write_augmented(
    recipe: Recipe, data: Dataset, folder: Path, *, factor: int | None
) -> dict[str, Any]:
    """Write a data set in which every training image stands `factor` times; return its manifest.

    The first copy is the image itself. Copy k is what the recipe's image tricks make of it in update
    k of epoch k - 1, so that each image's draws are those of (seed, trick, k, row). Of the other
    tricks none acts.

    The folder holds `train-00000-of-00001.parquet` and the same for validation and test, in the layout
    of Hugging Face, each row with its source's number and its copy, and `manifest.json`. A space reads
    it as `parquet:FOLDER`.

    Args:
        folder: Must not exist, or be empty.
        factor: At least 1; the product of the tricks' own factors if None.

    Raises:
        RecipeError: The recipe has no trick that augments images, or one that changes their size.
        ResourceError: The folder has something in it, or cannot be written.
    """
    with numerics(recipe, "cpu"), _whole(folder) as partial:
        stages = Stages(assemble(recipe))
        if not stages.on_images:
            raise RecipeError(
                "the recipe has no trick that augments images. Name some in the space, such as flip."
            )
        for trick in stages.input_size:
            raise RecipeError(
                f"{trick.name} makes images smaller, and the original ones stand in the same data set. "
                "Leave it out."
            )
        factor = factor or prod(trick.multiplies for trick in stages.on_images)
        run = prepare(recipe, data, stages, torch.device("cpu"))
        _write(partial, "train", _copies(run, stages, factor), data.train, data.classes)
        for name, split in (("validation", data.validation), ("test", data.test)):
            if split is not None:
                _write(partial, name, _plain(split), split, data.classes)
        manifest = _manifest(recipe, data, stages, factor)
        (partial / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return manifest


def _manifest(recipe: Recipe, data: Dataset, stages: Stages, factor: int) -> dict[str, Any]:
    acting = {trick.name: trick.values() for trick in [*stages.on_images, *stages.arranged]}
    return {
        "format": "autotrick augmented 1",
        "data": data.name,
        "fingerprint": data.fingerprint,
        "factor": factor,
        "factors": {trick.name: trick.multiplies for trick in stages.on_images},
        "images": factor * len(data.train),
        "seed": recipe.seed,
        "tricks": acting,
        "without": sorted(recipe.tricks.keys() - acting.keys()),
        "draws": "copy k of row i: update k, sample i; copy 0 is the image itself",
        "recipe": recipe.model_dump(mode="json"),
        "digest": recipe.digest(),
        "autotrick": autotrick.__version__,
    }


def _copies(run: Run, stages: Stages, factor: int) -> Iterator[Chunk]:
    rows = np.arange(len(run.labels))
    for copy in range(factor):
        run.update, run.epoch = copy, max(0, copy - 1)
        for samples in _chunks(rows, run.images):
            images = augmented(run, stages, samples) if copy else run.images[samples]
            yield images, samples, copy


def _chunks(rows: NDArray[np.int64], images: NDArray[np.uint8]) -> list[NDArray[np.int64]]:
    """Return the rows in groups of at most CHUNK, fewer of large images."""
    _, height, width, channels = images.shape
    count = min(CHUNK, chunk_rows((height, width, channels)))
    return np.split(rows, range(count, len(rows), count))


def _plain(split: Split) -> Iterator[Chunk]:
    rows = np.arange(len(split))
    for samples in _chunks(rows, split.images):
        yield split.images[samples], samples, 0


def _write(
    folder: Path, name: str, chunks: Iterator[Chunk], split: Split, classes: tuple[str, ...]
) -> None:
    import pyarrow
    import pyarrow.parquet

    features = {"label": {"names": [*classes], "_type": "ClassLabel"}, "image": {"_type": "Image"}}
    schema = pyarrow.schema(
        {
            "image": pyarrow.struct({"bytes": pyarrow.binary(), "path": pyarrow.string()}),
            "label": pyarrow.int64(),
            "source": pyarrow.int64(),
            "copy": pyarrow.int64(),
        },
        {"huggingface": json.dumps({"info": {"features": features}})},
    )
    path = folder / f"{name}-00000-of-00001.parquet"
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        for images, rows, copy in chunks:
            encoded = [
                {"bytes": _png(image), "path": f"{row:06d}_{copy}.png"}
                for image, row in zip(images, rows, strict=True)
            ]
            columns = [encoded, split.labels[rows], rows, np.full(len(rows), copy)]
            writer.write_table(pyarrow.table(columns, schema=schema))


def _png(image: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(buffer, "PNG")
    return buffer.getvalue()


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """Yield a folder beside this one that takes its place once all is written."""
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ResourceError(f"{folder} is not empty. Name another folder.")
        partial.mkdir(parents=True)
    except FileExistsError:
        raise ResourceError(f"{partial} is there, of a run that ended early. Remove it.") from None
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        yield partial
        partial.replace(folder)
    except OSError as error:
        raise _unwritable(folder, error) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _unwritable(folder: Path, error: OSError) -> ResourceError:
    return ResourceError(f"{folder} cannot be written: {error.strerror or error}.")
