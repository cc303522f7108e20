"""Augmentation policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autotrick.augment.policies import (
    AUGMIX_RANGE,
    AUTO_AUGMENT,
    AUTO_AUGMENT_RANGE,
    AUTO_OPERATIONS,
    ENHANCE,
    SIGNED,
    TIMM_PLAIN_RANGE,
    TIMM_RANGE,
    WIDE_RANGE,
    Policy,
    Range,
)
from autotrick.errors import RecipeError
from autotrick.export.script.literal import literal
from autotrick.export.script.program import Program
from autotrick.export.script.writing import WIDTH, call

BORDERS = {name: name for name in ("edge", "reflect", "symmetric", "wrap")} | {"constant": "black"}
"""The function for each border."""

_TONES = {
    "Brightness": "lambda image, n: TF.adjust_brightness(image, 1.0 + n)",
    "Color": "lambda image, n: TF.adjust_saturation(image, 1.0 + n)",
    "Contrast": "lambda image, n: TF.adjust_contrast(image, 1.0 + n)",
    "Posterize": "lambda image, bits: TF.posterize(image, round(bits))",
    "Solarize": "lambda image, n: TF.solarize(image, 255.0 * n)",
    "AutoContrast": "lambda image, _: TF.autocontrast(image)",
    "Equalize": "lambda image, _: TF.equalize(image)",
    "Invert": "lambda image, _: TF.invert(image)",
    "SolarizeAdd": "lambda image, n: torch.where(image < 128, image + int(n), image)",
    "Hue": "turn_hue",
    "Sharpness": "lambda image, n: TF.adjust_sharpness(image, 1.0 + n)",
}
"""Equal to the kernels where an image fills torch's vectors of 16 pixels."""

_WARPS = {"ShearX": "shear_x", "ShearY": "shear_y", "Rotate": "rotate"}
_SHIFTS = {"TranslateX": "n, 0.0", "TranslateY": "0.0, n"}
_SHARES = {150 / 331: "150 / 331", 1 / 3: "1 / 3"}
_WHO = ("images", "samples", "update")


def operation(program: Program, name: str, scale: Range, how: tuple[str, str]) -> None:
    """Add an operation to the program's table.

    Args:
        scale: What its strengths mean.
        how: Border and interpolation.

    Raises:
        RecipeError: Images of this size are not computed alike by torchvision.
    """
    border, interpolation = how
    height, width, channels = program.shape
    if height * width % 16:
        raise RecipeError(
            f"train.py cannot express the operation {name} on images of {width}x{height} pixels: their "
            "number is no multiple of 16."
        )
    if name == "Color" and channels == 1:
        made = "lambda image, _: image"
    elif name in _TONES:
        made = _TONES[name]
    elif name in _SHIFTS:
        moved = f"{_SHIFTS[name]}, {BORDERS[border]}"
        made = f"lambda image, n: translate(image, {moved})"
    elif how == ("constant", "nearest"):
        made = f"partial({_WARPS[name]}, warp=warp)"
    else:
        warp = f"partial(warp_smoothly, border={BORDERS[border]}, sample={interpolation})"
        made = f"partial({_WARPS[name]}, warp={warp})"
    signed = name in (SIGNED - ENHANCE if scale.plain else SIGNED)
    ends = _translation(name, scale, program.shape) or literal(_ends(name, scale))[1:-1]
    program.operations[name] = made, f"{ends}, {signed}"


def operations(program: Program, names: Iterable[str], scale: Range, trick: Any) -> None:
    """Add operations to the program's table, with what their strengths mean."""
    for name in names:
        if name != "Identity":
            operation(program, name, scale, (trick.border, trick.interpolation))


def _translation(name: str, scale: Range, shape: tuple[int, int, int]) -> str:
    if name not in _SHIFTS:
        return ""
    side = shape[1] if name == "TranslateX" else shape[0]
    pixels = f"{_SHARES.get(scale.translate, repr(scale.translate))} * {side}"
    limit = scale.translate_limit
    return f"0.0, {pixels}" if limit is None else f"0.0, {min(limit, scale.translate * side)!r}"


def _ends(name: str, scale: Range) -> tuple[float, float]:
    plain = scale.plain
    posterize = (float(scale.bits), -float(scale.posterize))
    ends = {
        "ShearX": (0.0, scale.shear),
        "ShearY": (0.0, scale.shear),
        "Rotate": (0.0, scale.rotate),
        "Posterize": (0.0, float(scale.posterize)) if plain else posterize,
        "Solarize": (0.0, 1.0) if plain else (1.0, -1.0),
        "SolarizeAdd": (0.0, 110.0),
        "Hue": (0.0, 0.5),
    }
    enhance = (-scale.enhance, 2 * scale.enhance) if plain else (0.0, scale.enhance)
    return ends.get(name, enhance if name in ENHANCE else (0.0, 0.0))


def _used(policy: Policy) -> list[str]:
    """Return the operations of a policy in the order of the catalogue."""
    used = {name for steps in policy for name, _, _ in steps}
    return sorted(used)


def _listed(policy: Policy) -> str:
    """Return a policy as source: an operation that does nothing is called ""."""
    parts = []
    for steps in policy:
        named = [
            f"({literal('' if n == 'Identity' else n)}, {float(p)!r}, {_ninths(s)})"
            for n, p, s in steps
        ]
        parts.append(f"[{', '.join(named)}],")
    return "\n".join(["[", *_packed(parts), "]"])


def _ninths(strength: float) -> str:
    """Return a strength as papers count it where it is one of ten."""
    bins = [place for place in range(10) if place / 9 == strength]
    return f"{bins[0]} / 9" if bins else repr(float(strength))


def _packed(parts: list[str]) -> list[str]:
    """Return parts in lines of full width."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 1 + len(part) <= WIDTH:
            lines[-1] += f" {part}"
        else:
            lines.append(f"    {part}")
    return lines


def _auto_augment(program: Program, trick: Any) -> None:
    policy = AUTO_AUGMENT[trick.policy]
    operations(program, _used(policy), AUTO_AUGMENT_RANGE, trick)
    program.constants["POLICY"] = _listed(policy)
    settings = [f"probability={trick.probability!r}"]
    program.pixels.append(call("images = auto_augment", [*_WHO, *settings], depth=1))


def _searched_policy(program: Program, trick: Any) -> None:
    operations(program, _used(trick.policy), AUTO_AUGMENT_RANGE, trick)
    program.constants["POLICY"] = _listed(trick.policy)
    program.pixels.append("images = searched_policy(images, samples, update)")


def _policy_schedule(program: Program, trick: Any) -> None:
    operations(program, _used(trick.policy), AUTO_AUGMENT_RANGE, trick)
    program.constants["POLICY"] = _listed(trick.policy)
    count = len(trick.policy)
    starts = trick.starts or [i / count for i in range(count)]
    given = [*_WHO, "update / updates", f"starts={literal(starts)}"]
    program.pixels.append(call("images = policy_schedule", given, depth=1))


def _random_names() -> list[str]:
    return [name for name in AUTO_OPERATIONS if name not in ("Identity", "Invert")]


def _rand_augment(program: Program, trick: Any) -> None:
    operations(program, _random_names(), AUTO_AUGMENT_RANGE, trick)
    settings = [f"num_ops={trick.num_ops!r}", f"strength={trick.magnitude!r} / 30"]
    program.pixels.append(call("images = rand_augment", [*_WHO, *settings], depth=1))


def _trivial_augment(program: Program, trick: Any) -> None:
    operations(program, _random_names(), WIDE_RANGE, trick)
    settings = [f"probability={trick.probability!r}"]
    program.pixels.append(call("images = trivial_augment", [*_WHO, *settings], depth=1))


def _timm_rand_augment(program: Program, trick: Any) -> None:
    names = [name for name in (*AUTO_OPERATIONS, "SolarizeAdd") if name != "Identity"]
    scale = TIMM_RANGE if trick.increasing else TIMM_PLAIN_RANGE
    operations(program, names, scale, trick)
    settings = [
        f"num_ops={trick.num_ops!r}",
        f"magnitude={trick.magnitude!r}",
        f"deviation={trick.magnitude_std!r}",
        f"probability={trick.probability!r}",
        f"increasing={trick.increasing!r}",
    ]
    program.pixels.append(call("images = timm_rand_augment", [*_WHO, *settings], depth=1))


def augmix_operations(program: Program, trick: Any) -> None:
    """Add the operations of AugMix to the program's table, in its order."""
    plain = (*("AutoContrast", "Equalize", "Posterize", "Rotate", "Solarize"),)
    moves = ("ShearX", "ShearY", "TranslateX", "TranslateY")
    more = sorted(ENHANCE) if trick.all_operations else []
    operations(program, [*plain, *moves, *more], AUGMIX_RANGE, trick)


def _augmix(program: Program, trick: Any) -> None:
    augmix_operations(program, trick)
    settings = [f"severity={trick.severity!r}", f"width={trick.width!r}", f"depth={trick.depth!r}"]
    program.pixels.append(call("images = augmix", [*_WHO, *settings], depth=1))


WRITERS: Mapping[str, Callable[[Program, Any], None]] = {
    "augmix": _augmix,
    "auto_augment": _auto_augment,
    "policy_schedule": _policy_schedule,
    "rand_augment": _rand_augment,
    "searched_policy": _searched_policy,
    "timm_rand_augment": _timm_rand_augment,
    "trivial_augment": _trivial_augment,
}
