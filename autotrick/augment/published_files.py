"""Read the policy files that Fast AutoAugment and PBA write, and translate them into our terms.

Lim, Kim, Kim, Kim, Kim, "Fast AutoAugment", NeurIPS 2019 (https://arxiv.org/abs/1905.00397): a list of
sub-policies `[[[name, probability, level], ...], ...]`, levels from 0 to 1 between the ends of each
operation's range.

Ho et al., "Population Based Augmentation", ICML 2019 (https://arxiv.org/abs/1905.05393): a line for each
time that a trial copied another one, with the probabilities and levels of 2 x 15 operations, both from 0
to 10; or the schedule made from it, `{epoch: [[name, probability, level], ...], ...}`, levels from 0 to 10.

The policies that those authors published are not part of autotrick.
"""

import ast
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autotrick.augment.files import PolicyFile
from autotrick.augment.policies import AUTO_AUGMENT_RANGE, AUTO_OPERATIONS
from autotrick.domain import Value
from autotrick.errors import TrickError, unknown
from autotrick.user_files import read_text

LISTED = (
    *("AutoContrast", "Equalize", "Invert", "Rotate", "Posterize", "Solarize", "Color", "Contrast"),
    *("Brightness", "Sharpness", "ShearX", "ShearY", "TranslateX", "TranslateY", "Cutout"),
)
"""The operations of PBA, in the order of its lists of numbers."""

LEFT_OUT = ("Cutout", "CutoutAbs", "SamplePairing")
FACTORS = ("Color", "Contrast", "Brightness", "Sharpness")
SIDE = 32
"""Side in pixels of the images that both were searched on."""
DIFFERENCES = (
    "cutout and pairing are left out; switch on the trick cutout",
    "brightness, colour, contrast and sharpness go either way",
    "posterize leaves 4 bits at least, where theirs leaves down to 0",
)


def read_published(path: Path, epochs: int | None) -> PolicyFile:
    """Return the policy in a file of Fast AutoAugment or PBA.

    Args:
        epochs: Number of epochs for which the schedule of PBA was searched; None for other files.

    Raises:
        TrickError: The file cannot be read, has neither form, or is a schedule without `epochs`.
    """
    content = _read(path)
    try:
        if isinstance(content, list) and content and all(map(_is_change, content)):
            return _schedule(path, _stages(content, _needed(epochs, path)))
        if isinstance(content, dict):
            stages = [(int(epoch), steps) for epoch, steps in content.items()]
            return _schedule(path, (sorted(stages), _needed(epochs, path)))
        if isinstance(content, list) and content:
            policy: Value = [
                _present(_fast_auto_augment_step(*step) for step in steps) for steps in content
            ]
            found = _provenance(f"Fast AutoAugment {path.name}")
            return PolicyFile("searched_policy", {"policy": policy}, found)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError, RecursionError):
        pass
    raise TrickError(
        f"{path}: holds neither a list of sub-policies [[[name, probability, level], ...], ...] nor a "
        "schedule of PBA's."
    )


def _read(path: Path) -> Any:
    with warnings.catch_warnings(category=SyntaxWarning, action="ignore"):
        return _parse(path, read_text(path, TrickError))


def _parse(path: Path, text: str) -> Any:
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        pass
    try:
        return [ast.literal_eval(line.strip()) for line in text.splitlines() if line.strip()]
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise TrickError(f"{path}: is not a list in Python or JSON.") from None


def _needed(epochs: int | None, path: Path) -> int:
    if epochs is None:
        raise TrickError(
            f"{path}: is a schedule. Say for how many epochs it was searched: --epochs."
        )
    return epochs


def _is_change(line: object) -> bool:
    """Return whether this is a line of PBA: trial, trial, epoch, epoch, old and new settings."""
    return isinstance(line, list | tuple) and len(line) == 6 and isinstance(line[3], int)


Stages = list[tuple[int, list[Any]]]


def _stages(lines: list[Any], epochs: int) -> tuple[Stages, int]:
    """Follow the ancestors of the last trial; return (epoch, operations) of each stage, and `epochs`."""
    first = max((i for i in range(1, len(lines)) if lines[i - 1][0] != lines[i][1]), default=0)
    kept = lines[first:]
    found: Stages = [(0, _pba_operations(kept[0][4]))]
    found += [(line[3], _pba_operations(line[5])) for line in kept]
    return [*dict(found).items()], epochs  # a stage that was replaced in the same epoch never acted


def _pba_operations(settings: Any) -> list[Any]:
    """Return PBA's list of probabilities and levels as (name, probability, level)."""
    flat = settings["hp_policy"] if isinstance(settings, dict) else settings
    if len(flat) % (2 * len(LISTED)):
        raise ValueError(len(flat))
    pairs = zip(flat[::2], flat[1::2], strict=True)
    return [
        (LISTED[i % len(LISTED)], chance / 10, level)
        for i, (chance, level) in enumerate(pairs)
        if chance > 0
    ]


def _schedule(path: Path, found: tuple[Stages, int]) -> PolicyFile:
    stages, epochs = found
    starts = [epoch / epochs for epoch, _ in stages]
    if starts[0] != 0 or starts != sorted(set(starts)) or starts[-1] >= 1:
        raise TrickError(
            f"{path}: stages must begin in epoch 0 and then later and later, before {epochs}, but begin "
            f"in {', '.join(str(epoch) for epoch, _ in stages)}."
        )
    policy: Value = [_present(_pba_step(*step) for step in steps) for _, steps in stages]
    settings: dict[str, Value] = {"policy": policy, "starts": [*starts]}
    return PolicyFile("policy_schedule", settings, _provenance(f"PBA {path.name}, {epochs} epochs"))


def _provenance(where: str) -> dict[str, Value]:
    return {"made_from": where, "differences": [*DIFFERENCES]}


def _present(steps: Iterable[Value]) -> Value:
    return [step for step in steps if step is not None]


def _fast_auto_augment_step(name: str, chance: float, level: float) -> list[Value] | None:
    """Return an operation of Fast AutoAugment as [name, probability, strength]; None if left out."""
    _expect_name(name)
    plain = name.removesuffix("Abs").removesuffix("2")
    if name.endswith("Abs"):
        strength = _translation(10 * level)
    elif plain.startswith("Translate"):
        strength = _translation(0.45 * SIDE * abs(2 * level - 1))
    elif plain.startswith("Shear") or plain == "Rotate":
        strength = abs(2 * level - 1)
    elif plain == "Posterize":
        strength = (8 - int(4 * level + (0 if name.endswith("2") else 4))) / 4
    elif plain == "Solarize":
        strength = 1 - 256 * level / 255
    else:
        strength = _factor(plain, level)
    return _step(name, plain, chance, strength)


def _pba_step(name: str, chance: float, level: float) -> list[Value] | None:
    """Return an operation of PBA as [name, probability, strength]; None if left out."""
    _expect_name(name)
    if name.startswith("Translate"):
        strength = _translation(int(level))
    elif name == "Rotate":
        strength = int(3 * level) / 30
    elif name == "Posterize":
        strength = (4 + int(0.4 * level)) / 4
    elif name == "Solarize":
        strength = 1 - (256 - int(25.6 * level)) / 255
    else:
        strength = _factor(name, level / 10)
    return _step(name, name, chance, strength)


def _expect_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(name)


def _translation(pixels: float) -> float:
    return pixels / SIDE / AUTO_AUGMENT_RANGE.translate


def _factor(name: str, share: float) -> float:
    return abs(1.8 * share - 0.9) / AUTO_AUGMENT_RANGE.enhance if name in FACTORS else share


def _step(name: str, plain: str, chance: float, strength: float) -> list[Value] | None:
    if name in LEFT_OUT:
        return None
    if plain not in AUTO_OPERATIONS:
        raise TrickError(unknown("operation", name, (*AUTO_OPERATIONS, *LEFT_OUT)))
    if not 0 <= chance <= 1:
        raise TrickError(f"{name}: `0 <= probability <= 1` must hold, but got {chance!r}.")
    return [plain, float(chance), round(min(1.0, max(0.0, strength)), 9)]
