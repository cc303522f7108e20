"""Augmentation operations and policies, as plain data.

An operation's *strength* is a number in [0, 1]; `Range` says what it means in pixels, degrees or
factors. A policy is a list of sub-policies, each a list of [operation, probability, strength]. An image
gets one sub-policy, drawn uniformly, and each of its operations with the operation's probability.

The three published policies are those of Cubuk, Zoph, Mane, Vasudevan, Le, "AutoAugment: Learning
Augmentation Policies from Data", CVPR 2019, appendix A. https://arxiv.org/abs/1805.09501
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from autotrick.errors import unknown
from autotrick.limits import beyond, most

GEOMETRY = ("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate")
POINTWISE = (
    "Brightness",
    "Color",
    "Contrast",
    "Posterize",
    "Solarize",
    "AutoContrast",
    "Equalize",
    "Invert",
    "SolarizeAdd",
    "Hue",
)
FILTERS = ("Sharpness",)
OPERATIONS = ("Identity", *GEOMETRY, *POINTWISE, *FILTERS)
"""Every operation; its index is its code in plans and kernels. Families stand together."""

AUTO_OPERATIONS = tuple(name for name in OPERATIONS if name not in ("SolarizeAdd", "Hue"))
"""The operations of AutoAugment, without cutout and pairing, which are tricks of their own."""

RAND_NAMES = tuple(name for name in AUTO_OPERATIONS if name not in ("Identity", "Invert"))
"""The operations of RandAugment and of TrivialAugment, without Identity."""

ENHANCE = frozenset({"Brightness", "Color", "Contrast", "Sharpness"})
"""Operations with a factor; 1 leaves the image as it is."""

SIGNED = frozenset({*GEOMETRY, *ENHANCE, "Hue"})
"""Operations that go in both directions: each image draws the sign."""

MEANINGS: Mapping[str, str] = {
    "ShearX": "shear",
    "ShearY": "shear",
    "TranslateX": "translate",
    "TranslateY": "translate",
    "Rotate": "rotate",
    "Brightness": "brightness",
    "Color": "colour",
    "Contrast": "contrast",
    "Posterize": "posterize",
    "Solarize": "solarize",
    "AutoContrast": "contrast",
    "Equalize": "contrast",
    "Invert": "invert",
    "SolarizeAdd": "solarize",
    "Hue": "colour",
    "Sharpness": "sharpness",
}
"""What each operation changes, in the words of a data set's rules for augmentation."""

TRANSFORMATIONS = tuple(
    dict.fromkeys(
        (
            *("flip", "vertical_flip", "right_angle", "rotate", "scale", "crop", "translate"),
            *("noise", "blur", "jpeg"),
            *MEANINGS.values(),
        )
    )
)
"""Everything that a data set's rules may allow or forbid."""

Border = Literal["constant", "edge", "reflect", "symmetric", "wrap"]
BORDERS: tuple[Border, ...] = ("constant", "edge", "reflect", "symmetric", "wrap")
"""What stands outside an image, as `numpy.pad` names it; constant is black."""

Interpolation = Literal["nearest", "bilinear", "bicubic"]
INTERPOLATIONS: tuple[Interpolation, ...] = ("nearest", "bilinear", "bicubic")
"""How a value between pixels is computed; bicubic as in torch, with a = -0.75."""

Policy = list[list[list[Any]]]


@dataclass(frozen=True, slots=True)
class Range:
    """What strength 1 means; strength 0 changes nothing.

    Attributes:
        shear: Tangent of the angle.
        translate: Share of the image's side.
        translate_limit: Pixels that a translation never exceeds; None for no limit.
        rotate: Degrees.
        enhance: Distance of the factor from 1, for brightness, colour, contrast and sharpness.
        posterize: Bits taken away.
        bits: From how many they are taken: 8, or 4 where even strength 0 posterizes.
        plain: Whether operations are those of timm without `inc`: strength 1/2 leaves factors at 1,
            strength 0 is black, gray or smooth, and posterize and solarize get weaker with strength.
    """

    shear: float
    translate: float
    rotate: float
    enhance: float
    posterize: int
    translate_limit: float | None = None
    bits: int = 8
    plain: bool = False


AUTO_AUGMENT_RANGE = Range(shear=0.3, translate=150 / 331, rotate=30.0, enhance=0.9, posterize=4)
"""Of AutoAugment and RandAugment."""

WIDE_RANGE = Range(
    shear=0.99, translate=0.45, rotate=135.0, enhance=0.99, posterize=6, translate_limit=32.0
)
"""Of TrivialAugment's wide space. Its 32 pixels are meant for ImageNet and would push a 32 pixel image out
of its frame, so small images move by at most 0.45 of their side."""

AUGMIX_RANGE = Range(shear=0.3, translate=1 / 3, rotate=30.0, enhance=0.9, posterize=4, bits=4)
"""Of AugMix."""

TIMM_RANGE = Range(shear=0.3, translate=0.45, rotate=30.0, enhance=0.9, posterize=4, bits=4)
"""Of timm's operations with `inc1`: they get stronger with their strength."""

TIMM_PLAIN_RANGE = Range(
    shear=0.3, translate=0.45, rotate=30.0, enhance=0.9, posterize=4, bits=4, plain=True
)
"""Of timm's operations without `inc1`."""

# Sub-policies as in the paper: (operation, probability, bin), the bin one of 0 to 9.
_CIFAR10 = (
    (("Invert", 0.1, 0), ("Contrast", 0.2, 6)),
    (("Rotate", 0.7, 2), ("TranslateX", 0.3, 9)),
    (("Sharpness", 0.8, 1), ("Sharpness", 0.9, 3)),
    (("ShearY", 0.5, 8), ("TranslateY", 0.7, 9)),
    (("AutoContrast", 0.5, 0), ("Equalize", 0.9, 0)),
    (("ShearY", 0.2, 7), ("Posterize", 0.3, 7)),
    (("Color", 0.4, 3), ("Brightness", 0.6, 7)),
    (("Sharpness", 0.3, 9), ("Brightness", 0.7, 9)),
    (("Equalize", 0.6, 0), ("Equalize", 0.5, 0)),
    (("Contrast", 0.6, 7), ("Sharpness", 0.6, 5)),
    (("Color", 0.7, 7), ("TranslateX", 0.5, 8)),
    (("Equalize", 0.3, 0), ("AutoContrast", 0.4, 0)),
    (("TranslateY", 0.4, 3), ("Sharpness", 0.2, 6)),
    (("Brightness", 0.9, 6), ("Color", 0.2, 8)),
    (("Solarize", 0.5, 2), ("Invert", 0.0, 0)),
    (("Equalize", 0.2, 0), ("AutoContrast", 0.6, 0)),
    (("Equalize", 0.2, 0), ("Equalize", 0.6, 0)),
    (("Color", 0.9, 9), ("Equalize", 0.6, 0)),
    (("AutoContrast", 0.8, 0), ("Solarize", 0.2, 8)),
    (("Brightness", 0.1, 3), ("Color", 0.7, 0)),
    (("Solarize", 0.4, 5), ("AutoContrast", 0.9, 0)),
    (("TranslateY", 0.9, 9), ("TranslateY", 0.7, 9)),
    (("AutoContrast", 0.9, 0), ("Solarize", 0.8, 3)),
    (("Equalize", 0.8, 0), ("Invert", 0.1, 0)),
    (("TranslateY", 0.7, 9), ("AutoContrast", 0.9, 0)),
)
_IMAGENET = (
    (("Posterize", 0.4, 8), ("Rotate", 0.6, 9)),
    (("Solarize", 0.6, 5), ("AutoContrast", 0.6, 0)),
    (("Equalize", 0.8, 0), ("Equalize", 0.6, 0)),
    (("Posterize", 0.6, 7), ("Posterize", 0.6, 6)),
    (("Equalize", 0.4, 0), ("Solarize", 0.2, 4)),
    (("Equalize", 0.4, 0), ("Rotate", 0.8, 8)),
    (("Solarize", 0.6, 3), ("Equalize", 0.6, 0)),
    (("Posterize", 0.8, 5), ("Equalize", 1.0, 0)),
    (("Rotate", 0.2, 3), ("Solarize", 0.6, 8)),
    (("Equalize", 0.6, 0), ("Posterize", 0.4, 6)),
    (("Rotate", 0.8, 8), ("Color", 0.4, 0)),
    (("Rotate", 0.4, 9), ("Equalize", 0.6, 0)),
    (("Equalize", 0.0, 0), ("Equalize", 0.8, 0)),
    (("Invert", 0.6, 0), ("Equalize", 1.0, 0)),
    (("Color", 0.6, 4), ("Contrast", 1.0, 8)),
    (("Rotate", 0.8, 8), ("Color", 1.0, 2)),
    (("Color", 0.8, 8), ("Solarize", 0.8, 7)),
    (("Sharpness", 0.4, 7), ("Invert", 0.6, 0)),
    (("ShearX", 0.6, 5), ("Equalize", 1.0, 0)),
    (("Color", 0.4, 0), ("Equalize", 0.6, 0)),
    (("Equalize", 0.4, 0), ("Solarize", 0.2, 4)),
    (("Solarize", 0.6, 5), ("AutoContrast", 0.6, 0)),
    (("Invert", 0.6, 0), ("Equalize", 1.0, 0)),
    (("Color", 0.6, 4), ("Contrast", 1.0, 8)),
    (("Equalize", 0.8, 0), ("Equalize", 0.6, 0)),
)
_SVHN = (
    (("ShearX", 0.9, 4), ("Invert", 0.2, 0)),
    (("ShearY", 0.9, 8), ("Invert", 0.7, 0)),
    (("Equalize", 0.6, 0), ("Solarize", 0.6, 6)),
    (("Invert", 0.9, 0), ("Equalize", 0.6, 0)),
    (("Equalize", 0.6, 0), ("Rotate", 0.9, 3)),
    (("ShearX", 0.9, 4), ("AutoContrast", 0.8, 0)),
    (("ShearY", 0.9, 8), ("Invert", 0.4, 0)),
    (("ShearY", 0.9, 5), ("Solarize", 0.2, 6)),
    (("Invert", 0.9, 0), ("AutoContrast", 0.8, 0)),
    (("Equalize", 0.6, 0), ("Rotate", 0.9, 3)),
    (("ShearX", 0.9, 4), ("Solarize", 0.3, 3)),
    (("ShearY", 0.8, 8), ("Invert", 0.7, 0)),
    (("Equalize", 0.9, 0), ("TranslateY", 0.6, 6)),
    (("Invert", 0.9, 0), ("Equalize", 0.6, 0)),
    (("Contrast", 0.3, 3), ("Rotate", 0.8, 4)),
    (("Invert", 0.8, 0), ("TranslateY", 0.0, 2)),
    (("ShearY", 0.7, 6), ("Solarize", 0.4, 8)),
    (("Invert", 0.6, 0), ("Rotate", 0.8, 4)),
    (("ShearY", 0.3, 7), ("TranslateX", 0.9, 3)),
    (("ShearX", 0.1, 6), ("Invert", 0.6, 0)),
    (("Solarize", 0.7, 2), ("TranslateY", 0.6, 7)),
    (("ShearY", 0.8, 4), ("Invert", 0.8, 0)),
    (("ShearX", 0.7, 9), ("TranslateY", 0.8, 3)),
    (("ShearY", 0.8, 5), ("AutoContrast", 0.7, 0)),
    (("ShearX", 0.7, 2), ("Invert", 0.1, 0)),
)


def _strengths(table: tuple[Any, ...]) -> Policy:
    return [[[name, chance, place / 9] for name, chance, place in steps] for steps in table]


AUTO_AUGMENT: Mapping[str, Policy] = {
    "cifar10": _strengths(_CIFAR10),
    "imagenet": _strengths(_IMAGENET),
    "svhn": _strengths(_SVHN),
}

MILD: Policy = [
    [["TranslateX", 0.5, 0.3], ["Brightness", 0.3, 0.3]],
    [["ShearX", 0.5, 0.4], ["Contrast", 0.3, 0.4]],
    [["Rotate", 0.5, 0.4], ["AutoContrast", 0.3, 0.0]],
    [["TranslateY", 0.5, 0.3], ["Sharpness", 0.3, 0.5]],
    [["ShearY", 0.5, 0.4], ["Equalize", 0.3, 0.0]],
]
"""A hand-made policy at about a third of AutoAugment's strengths, from which a search may start."""

GROWING: Policy = [
    [[name, 0.4, strength] for name in ("ShearX", "TranslateY", "Brightness")]
    for strength in (0.1, 0.25, 0.4, 0.55)
]
"""Hand-made stages of a schedule that gets stronger, from which a search may start."""


def transformations(policy: Policy) -> frozenset[str]:
    """Return what the operations of a valid policy change, of TRANSFORMATIONS."""
    used = {name for steps in policy for name, _, _ in steps}
    return frozenset(MEANINGS[name] for name in used & MEANINGS.keys())


def fault(policy: Any) -> str | None:
    """Return why this is not a policy, as a sentence that says where; None if it is one."""
    if not isinstance(policy, list):
        return f"a policy is a list of sub-policies, but got {policy!r}."
    if len(policy) > most("sub_policies"):
        return f"{beyond('sub_policies', len(policy))}."
    for i, steps in enumerate(policy):
        if not isinstance(steps, list):
            return f"sub-policy {i} must be a list of operations, but is {steps!r}."
        if len(steps) > most("operations"):
            return f"sub-policy {i}: {beyond('operations', len(steps))}."
        for found in filter(None, map(_step_fault, steps)):
            return f"sub-policy {i}: {found}"
    return None


def _step_fault(step: Any) -> str | None:
    if not isinstance(step, list) or len(step) != 3:
        return f"a step is [operation, probability, magnitude], but got {step!r}."
    name, *numbers = step
    if name not in OPERATIONS:
        return unknown("operation", str(name), OPERATIONS)
    for word, number in zip(("probability", "magnitude"), numbers, strict=True):
        plain = isinstance(number, int | float) and not isinstance(number, bool)
        if not plain or not 0 <= number <= 1:
            return f"`0 <= {word} <= 1` must hold for {name}, but got {number!r}."
    return None
