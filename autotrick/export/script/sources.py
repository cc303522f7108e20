"""How a program reads the images of a recipe, and what is known of them beforehand."""

from __future__ import annotations

from autotrick.data.catalogue import FASHION_MNIST
from autotrick.errors import RecipeError
from autotrick.export.script.literal import literal
from autotrick.export.script.program import Program
from autotrick.recipe import DataRef

SHAPES = {
    "digits": (8, 8, 1),
    "mnist": (28, 28, 1),
    "fashion_mnist": (28, 28, 1),
    "kmnist": (28, 28, 1),
    "cifar10": (32, 32, 3),
    "cifar100": (32, 32, 3),
}
"""Height, width and channels of the data sets that programs read by name."""

_IDX = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "kmnist": "KMNIST"}
_FITS = {"squash": "squashed", "crop": "cropped", "pad": "padded"}


def shape_of(ref: DataRef, known: tuple[int, int, int] | None) -> tuple[int, int, int]:
    """Return height, width and channels of the images after resizing.

    Args:
        known: The shape, where the caller knows it.

    Raises:
        RecipeError: The source's images are of unknown size.
    """
    if known is not None:
        return known
    if ref.name not in SHAPES:
        raise RecipeError(
            f"the shape of the images of {ref.name} is not on record. Give it, as the data set has it."
        )
    height, width, channels = SHAPES[ref.name]
    return ref.image_size or height, ref.image_size or width, channels


def classes_of(ref: DataRef, known: int | None) -> int:
    """Return the number of classes.

    Args:
        known: Their number, where the caller knows it.
    """
    return known or {"cifar100": 100}.get(ref.name, 10)


def write_source(program: Program) -> None:
    """Add the lines that read the data.

    Raises:
        RecipeError: Programs do not read this source.
    """
    ref = program.recipe.data
    kind, _, path = ref.name.partition(":")
    fit = _FITS[ref.resize] if ref.image_size else "unchanged"
    readers = {
        "digits": "read_digits()",
        **{name: f'read_idx_folder(options.data_dir, "{below}")' for name, below in _IDX.items()},
        "cifar10": "read_cifar10(options.data_dir)",
        "cifar100": 'read_torchvision(options.data_dir, "CIFAR100")',
        "folder": f"read_class_folders(options.data_dir / {literal(path)}, {fit})",
    }
    if kind not in readers:
        raise RecipeError(f"train.py does not read data of {kind}; {SOURCES}.")
    if kind == "fashion_mnist":
        program.constants["CLASSES"] = _names(FASHION_MNIST)
    program.read.append(f"names, splits = {readers[kind]}")
    if ref.image_size:
        program.constants["SIDE"] = str(ref.image_size)
        if kind != "folder":
            program.read.append(f"splits = resize_all(splits, {fit})")
    program.constants["FINGERPRINT"] = literal(ref.fingerprint)
    if ref.validation is None:
        program.read.append("data = uncarved(names, splits)")
    else:
        program.constants["VALIDATION"] = repr(ref.validation)
        program.constants["SPLIT_SEED"] = repr(ref.split_seed)
        program.read.append("data = carved(names, splits)")


SOURCES = f"it reads {', '.join(SHAPES)} and folder:PATH"
"""What programs read, for messages."""


def _names(names: tuple[str, ...]) -> str:
    lines, line = [], "   "
    for name in names:
        part = f" {literal(name)},"
        if len(line) + len(part) > 100:
            lines.append(line)
            line = "   "
        line += part
    return "\n".join(["[", *lines, line, "]"])
