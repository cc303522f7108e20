"""Write an augmented data set to disk, for readers that cannot augment or for inspection.

Only the train split is augmented. Validation and test are written unchanged. If they were split off
later, copies of one image would be on both sides.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

import autotrick
from autotrick.atomic_file import sweep
from autotrick.data import Dataset, Split
from autotrick.data.pixels import chunk_rows
from autotrick.errors import RecipeError, ResourceError
from autotrick.recipe import Recipe
from autotrick.train.loop import augmented
from autotrick.train.numerics import numerics
from autotrick.train.prepare import Stages, prepare
from autotrick.tricks import Run, assemble

CHUNK = 1000
TRIES = 16
"Redraw a copy that equals its original or an earlier copy at most this many times."
SOURCES = "sources.csv"
Chunk = tuple[NDArray[np.uint8], NDArray[np.int64], int, NDArray[np.bool_]]
(
    "Images, their row numbers in the split, the number of their copy (0 is the original), and which of "
    "them equal an earlier one."
)


def write_augmented(
    recipe: Recipe,
    data: Dataset,
    folder: Path | str,
    *,
    factor: int | None,
    names: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """Write a data set with `factor` versions of each training image; return its manifest.

    The first version is the image itself. Copy k is the output of the recipe's image tricks in update
    k of epoch k - 1, so each image's draws depend on (seed, trick, k, row). Other tricks do not
    apply. A copy that equals its original or an earlier copy is redrawn, as further copies of a
    sample are in training, up to TRIES times. Copies that are still equal are kept and counted,
    because some tricks have few outcomes and some images are symmetric.

    The folder contains `train-00000-of-00001.parquet` and the same for validation and test, in the
    layout of Hugging Face, with the source row and the copy number of each image; `manifest.json`;
    and `sources.csv`, one line per image: its split and file, its source, and whether it equals the
    source or another copy. A space reads it as `parquet:FOLDER`.

    Args:
        folder: Must not exist, or be empty.
        factor: Versions of each image, at least 1; the product of the tricks' own factors if None.
        names: Names of the images in their source by split, if they have any.

    Raises:
        RecipeError: The recipe has no trick that augments images, or one that changes their size.
        ResourceError: The folder is not empty or not writable.
    """
    with numerics(recipe, "cpu"), _whole(Path(folder)) as partial:
        stages = Stages(assemble(recipe))
        if not stages.on_images:
            raise RecipeError(
                "the recipe has no trick that augments images. Name some in the space, such as flip."
            )
        for trick in stages.input_size:
            raise RecipeError(
                f"{trick.name} makes images smaller than the originals in the same data set. "
                "Leave it out."
            )
        factor = factor or prod(trick.multiplies for trick in stages.on_images)
        run = prepare(recipe, data, stages, torch.device("cpu"), left={})
        copies = _Copies(run, stages, factor)
        _write_all(partial, data, copies, names or {})
        counts = {"equal": copies.equal, "drawn_again": copies.drawn_again}
        manifest = _manifest(recipe, data, stages, factor) | counts
        (partial / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return manifest


def _manifest(recipe: Recipe, data: Dataset, stages: Stages, factor: int) -> dict[str, Any]:
    acting = {
        trick.name: trick.values() for trick in [*stages.on_images, *stages.order_image_tricks]
    }
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
        "draws": "copy k of row i of N: update k, sample i; copy 0 is the image itself; a copy that "
        f"equals one before it: samples i + N, i + 2 N, ..., i + {TRIES} N",
        "recipe": recipe.model_dump(mode="json"),
        "digest": recipe.digest(),
        "autotrick": autotrick.__version__,
    }


@dataclass
class _Copies:
    """Iterate over the images of the train split and their copies.

    Attributes:
        equal: Number of copies so far that equal their original or an earlier copy.
        drawn_again: Number of copies that did so at their first draw.
    """

    run: Run
    stages: Stages
    factor: int
    equal: int = 0
    drawn_again: int = 0
    _known: set[bytes] = field(default_factory=set)

    def chunks(self) -> Iterator[Chunk]:
        rows = np.arange(len(self.run.labels))
        for copy in range(self.factor):
            self.run.update, self.run.epoch = copy, max(0, copy - 1)
            for samples in _chunks(rows, self.run.images):
                images = self.run.images[samples] if copy == 0 else self._drawn(samples)
                equal = ~self._new(images, samples)
                self._known.update(map(_mark, images, samples))
                self.equal += int(equal.sum())
                yield images, samples, copy, equal

    def _drawn(self, samples: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return copies of the samples, redrawing those that already exist."""
        images = augmented(self.run, self.stages, samples).to_numpy()
        left = np.flatnonzero(~self._new(images, samples))
        self.drawn_again += len(left)
        for i in range(1, TRIES + 1):
            if not len(left):
                break
            further = samples[left] + i * len(self.run.labels)
            drawn = augmented(self.run, self.stages, further).to_numpy()
            new = self._new(drawn, samples[left])
            images[left[new]] = drawn[new]
            left = left[~new]
        return images

    def _new(self, images: NDArray[np.uint8], samples: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of the images are new for their samples."""
        return np.array([mark not in self._known for mark in map(_mark, images, samples)], bool)


def _mark(image: NDArray[np.uint8], sample: np.int64) -> bytes:
    """Return a digest of an image of a sample."""
    return blake2b(image.tobytes(), digest_size=8, key=int(sample).to_bytes(8, "big")).digest()


def _write_all(
    folder: Path, data: Dataset, copies: _Copies, names: Mapping[str, Sequence[str]]
) -> None:
    """Write every split, and one line per image into the table of sources."""
    chunks = {"train": (data.train, copies.chunks())}
    for split, part in (("validation", data.validation), ("test", data.test)):
        if part is not None:
            chunks[split] = (part, _plain(part))
    with (folder / SOURCES).open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("split", "image", "source", "name", "copy", "equal"))
        for split, (part, written) in chunks.items():
            noted = _noted(written, split, names.get(split), lines)
            _write(folder, split, noted, part, data.classes)


def _noted(
    chunks: Iterator[Chunk], split: str, names: Sequence[str] | None, lines: Any
) -> Iterator[Chunk]:
    """Yield the chunks and write one line per image."""
    for chunk in chunks:
        _, rows, copy, equal = chunk
        for row, same in zip(rows, equal, strict=True):
            name = names[row] if names else ""
            lines.writerow((split, _file(row, copy), row, name, copy, int(same)))
        yield chunk


def _file(row: int, copy: int) -> str:
    """Return the name of an image."""
    return f"{row:06d}_{copy}.png"


def _chunks(rows: NDArray[np.int64], images: NDArray[np.uint8]) -> list[NDArray[np.int64]]:
    """Return the rows in groups of at most CHUNK, fewer if images are large."""
    _, height, width, channels = images.shape
    count = min(CHUNK, chunk_rows((height, width, channels)))
    return np.split(rows, range(count, len(rows), count))


def _plain(split: Split) -> Iterator[Chunk]:
    rows = np.arange(len(split))
    for samples in _chunks(rows, split.images):
        yield split.images[samples], samples, 0, np.zeros(len(samples), bool)


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
        for images, rows, copy, _ in chunks:
            encoded = [
                {"bytes": _png(image), "path": _file(row, copy)}
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
    """Yield a temporary folder that replaces this one once everything is written."""
    start = f"{folder.name}."
    partial = folder.with_name(f"{start}{os.getpid()}.partial")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ResourceError(f"{folder} is not empty. Name another folder.")
        sweep(folder.parent, start)
        partial.mkdir(parents=True)
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
