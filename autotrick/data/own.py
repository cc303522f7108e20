"""Data sets of the user's own: a function that returns arrays, or a torch `Dataset`.

What a function returns is one of

    (images, labels)                  (N, H, W, C) or (N, H, W) uint8 and (N,) class numbers
    (images, labels, classes)         with the K class names
    a Dataset                         items are pairs of an image and a class number
    {"train": ..., "validation": ..., "test": ..., "classes": [...]}

where each split is a pair of arrays or a Dataset, and all but `train` may be left out. Images of a
Dataset are Pillow images, uint8 arrays (H, W, C) or (H, W), or uint8 tensors (C, H, W), before any
random transform: tricks do that. A parameter `data_dir` gets the folder of `--data-dir` or None. The
function is called whenever a study begins, and what it returns is cached by its content.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from autotrick.data.dataset import Images, Labels, Located, Part, Resizing, Source, SourceSplits
from autotrick.data.pixels import common_shape, fit, part_of, stacked
from autotrick.errors import CodeError, DataError
from autotrick.own_code.importing import guarded

SPLITS = ("train", "validation", "test")
_CLASSES = "classes"
_SHOWN = 5

_OWN: dict[str, Any] = {}
_SOURCES: dict[str, str] = {}


def register(name: str, made: Any, source: str) -> None:
    """Make a data set of the user's own known under a name.

    Args:
        name: As the space writes it.
        made: A function or a class that makes the data set, or a Dataset.
        source: Where it is defined.

    Raises:
        CodeError: It is none of these, or needs arguments.
    """
    if not callable(made) and not _is_dataset(made):
        raise CodeError(
            f"{source}: {made!r} is neither a function that returns a data set nor a Dataset."
        )
    _OWN[name] = made
    _SOURCES[name] = source
    if callable(made) and not _is_dataset(made):
        needed = [
            key
            for key, one in _parameters(made).items()
            if one.default is inspect.Parameter.empty
            and one.kind not in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
            and key != "data_dir"
        ]
        if needed:
            raise CodeError(
                f"{_where(name)}: it is called with data_dir alone, and its parameter {needed[0]!r} has no "
                "default. Give it one."
            )


def stand_in(name: str, source: str) -> None:
    """Make a data set known by name alone, unless it is imported."""
    _SOURCES.setdefault(name, source)


def source_of(name: str) -> Source | None:
    """Return the declaration of a data set of the user's own that has a plain name; else None."""
    if name not in _SOURCES:
        return None
    return Source(name, f"your own, from {_SOURCES[name]}", None, "")


def sources() -> dict[str, str]:
    """Return where each data set of the user's own comes from, by name."""
    return dict(_SOURCES)


def forget() -> None:
    """Forget all data sets of the user's own; for tests."""
    _OWN.clear()
    _SOURCES.clear()


def locate(name: str, data_dir: Path | None, size: Resizing, *, stamp: str) -> Located:
    """Return a data set of the user's own, which is not called yet.

    Args:
        name: As the space writes it.
        stamp: Digest of its code.

    Raises:
        DataError: It is not imported here.
    """
    if name not in _OWN:
        raise DataError(
            f"{name} is a data set of your own, which is not imported here. Give the space that names it, or "
            "the folder of its code: --code FOLDER."
        )
    return Located(stamp, partial(_read, name, data_dir, size), reread=True)


def _read(name: str, data_dir: Path | None, size: Resizing) -> SourceSplits:
    where, made = _where(name), _OWN[name]
    if not _is_dataset(made):
        takes = "data_dir" in _parameters(made)
        made = guarded(
            where, lambda: _OWN[name](**({"data_dir": data_dir} if takes else {})), DataError
        )
    splits, classes = _splits(made, where)
    parts = {split: _part(given, f"{where}: {split}", size) for split, given in splits.items()}
    if classes is None:
        count = 1 + max(int(part.labels.max()) for part in parts.values())
        classes = tuple(map(str, range(count)))
    return SourceSplits(
        classes,
        train=parts["train"],
        validation=parts.get("validation"),
        test=parts.get("test"),
    )


def _splits(made: Any, where: str) -> tuple[dict[str, Any], tuple[str, ...] | None]:
    """Return what each split is, and the class names if there are any.

    Raises:
        DataError: It is nothing that the contract allows.
    """
    classes: Any = None
    if isinstance(made, Mapping):
        strange = sorted({str(key) for key in made} - {*SPLITS, _CLASSES})
        if strange or "train" not in made:
            raise DataError(
                f"{where}: a dict has the keys train, and validation, test and classes if there are any, but "
                f"this one has {', '.join(map(repr, made)) or 'none'}."
            )
        splits = {key: made[key] for key in SPLITS if made.get(key) is not None}
        classes = made.get(_CLASSES)
    elif isinstance(made, tuple) and len(made) in (2, 3):
        splits, classes = {"train": made[:2]}, made[2] if len(made) == 3 else None
    else:
        splits = {"train": made}
    if classes is None and _is_dataset(splits["train"]):
        classes = getattr(splits["train"], "classes", None)
    if classes is None:
        return splits, None
    names = tuple(map(str, classes))
    if len(set(names)) < len(names) or not names:
        raise DataError(f"{where}: class names must differ, but got {names[:_SHOWN]!r}.")
    return splits, names


def _part(given: Any, where: str, size: Resizing) -> Part:
    """Return a split.

    Raises:
        DataError: It is neither two arrays nor a Dataset, or breaks the contract.
    """
    if isinstance(given, tuple | list) and len(given) == 2:
        images, labels = _images(given[0], where), _labels(given[1], where)
        if len(images) != len(labels):
            raise DataError(f"{where}: there are {len(images)} images but {len(labels)} labels.")
        return part_of(images, labels, size)
    if not _is_dataset(given):
        raise DataError(
            f"{where}: a split is a pair of images and labels, or a torch Dataset with a length, but this is a "
            f"{type(given).__name__}."
        )
    return _dataset_part(given, where, size)


def _dataset_part(items: Any, where: str, size: Resizing) -> Part:
    count = int(guarded(where, lambda: len(items), DataError))
    numbers: list[int] = []
    shapes: set[tuple[int, int, int]] = set()
    sizes: list[tuple[int, int]] = []
    for i in range(count):
        image, label = _item(items, i, where)
        numbers.append(_number(label, f"{where}, item {i}"))
        width, height = image.size
        sizes.append((height, width))
        shapes.add((height, width, 1 if image.mode in ("1", "L", "LA") else 3))
    shape = common_shape(shapes, size, where)

    def chunks() -> Iterator[Images]:
        images = (_item(items, i, where)[0] for i in range(count))
        yield from stacked((fit(image, shape, size.resize) for image in images), shape)

    return Part(
        np.array(numbers, np.int64),
        shape,
        chunks,
        sizes=lambda: sizes,
        name=lambda row: f"item {row}",
    )


def _item(items: Any, i: int, where: str) -> tuple[Any, Any]:
    """Return the image of an item as Pillow's, and its label.

    Raises:
        DataError: The item is not a pair of them.
    """
    what = f"{where}, item {i}"
    found = guarded(what, lambda: items[i], DataError)
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise DataError(
            f"{what}: must be a pair of an image and a class number, not {type(found).__name__}."
        )
    return _picture(found[0], what), found[1]


def _picture(image: Any, what: str) -> Any:
    from PIL import Image

    if isinstance(image, Image.Image):
        return image
    turned = hasattr(image, "permute")
    pixels = np.asarray(image.cpu().permute(1, 2, 0) if turned and image.ndim == 3 else image)
    if pixels.dtype != np.uint8:
        raise DataError(
            f"{what}: the image has values of type {pixels.dtype}, and uint8 from 0 to 255 is needed. Leave "
            "out transforms such as ToTensor: autotrick scales images itself, after its tricks."
        )
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
        raise DataError(
            f"{what}: the image has the shape {tuple(np.shape(image))}, and (H, W, C) with 1 or 3 channels is "
            "needed of an array, (C, H, W) of a tensor."
        )
    return Image.fromarray(np.ascontiguousarray(pixels))


def _images(given: Any, where: str) -> Images:
    images: Images = _array(given, where, "images")
    if images.dtype != np.uint8:
        seen = (
            f" between {images.min():g} and {images.max():g}"
            if images.size and images.dtype.kind in "fiu"
            else ""
        )
        raise DataError(
            f"{where}: images must be uint8, from 0 to 255, but are {images.dtype}{seen}. Convert them: "
            "(255 * images).round().astype('uint8') if they are in [0, 1]."
        )
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not len(images):
        moved = images.ndim == 4 and images.shape[1] in (1, 3)
        raise DataError(
            f"{where}: images must be of shape (N, H, W, C) with 1 or 3 channels, or (N, H, W), but are "
            f"{images.shape}." + (" Write images.transpose(0, 2, 3, 1)." if moved else "")
        )
    return images


def _labels(given: Any, where: str) -> Labels:
    labels: Labels = _array(given, where, "labels")
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise DataError(
            f"{where}: labels must be class numbers from 0 on, of shape (N,), but are {labels.dtype} of shape "
            f"{labels.shape}."
        )
    return labels.astype(np.int64)


def _array(given: Any, where: str, what: str) -> Any:
    try:
        return np.asarray(given.cpu() if hasattr(given, "cpu") else given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(f"{where}: {what} are not an array: {error}.") from None


def _number(label: Any, what: str) -> int:
    if isinstance(label, bool | float | str) or getattr(label, "is_floating_point", bool)():
        raise DataError(f"{what}: the label must be a class number from 0 on, but got {label!r}.")
    try:
        return int(label)
    except (TypeError, ValueError):
        raise DataError(
            f"{what}: the label must be a class number from 0 on, but got {label!r}."
        ) from None


def _is_dataset(made: Any) -> bool:
    plain = isinstance(made, type | Sequence | Mapping | np.ndarray)
    return not plain and hasattr(made, "__len__") and hasattr(made, "__getitem__")


def _parameters(made: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(made).parameters
    except (TypeError, ValueError):
        return {}


def _where(name: str) -> str:
    """Return where a data set is defined, with file and line."""
    source, made = _SOURCES[name], _OWN[name]
    try:
        defined = made if inspect.isroutine(made) or inspect.isclass(made) else type(made)
        return f"{source} ({inspect.getsourcefile(defined)}, line {inspect.getsourcelines(defined)[1]})"
    except (OSError, TypeError):
        return source
