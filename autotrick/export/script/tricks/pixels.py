"""Tricks on uint8 images, apart from policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autotrick.augment.policies import AUTO_AUGMENT_RANGE
from autotrick.export.script.literal import literal
from autotrick.export.script.program import Program
from autotrick.export.script.tricks.policies import BORDERS, operation
from autotrick.export.script.writing import call

PLAIN = ("constant", "nearest")
"""Border and interpolation of operations that move nothing."""

_WHO = ("images", "samples", "update")


def _plain(function: str, *settings: str) -> Callable[[Program, Any], None]:
    """Return a writer of a call with the named settings as they are."""

    def write(program: Program, trick: Any) -> None:
        given = [f"{name}={literal(getattr(trick, name))}" for name in settings]
        program.pixels.append(call(f"images = {function}", [*_WHO, *given], depth=1))

    return write


def _warp(trick: Any) -> str:
    return f"partial(affine, border={BORDERS[trick.border]}, sample={trick.interpolation})"


def _warped(function: str, *settings: str) -> Callable[[Program, Any], None]:
    """Return a writer of a call with the named settings and an affine warp."""

    def write(program: Program, trick: Any) -> None:
        given = [f"{name}={literal(getattr(trick, name))}" for name in settings]
        line = call(f"images = {function}", [*_WHO, *given, f"warp={_warp(trick)}"], depth=1)
        program.pixels.append(line)

    return write


def _toned(name: str, magnitude: str = "") -> Callable[[Program, Any], None]:
    """Return a writer of one policy operation with a probability."""

    def write(program: Program, trick: Any) -> None:
        if trick.probability == 0:
            return
        operation(program, name, AUTO_AUGMENT_RANGE, PLAIN)
        given = [f'"{trick.name}"', f'"{name}"', f"probability={trick.probability!r}"]
        given += [f"magnitude={getattr(trick, magnitude)!r}"] if magnitude else []
        program.pixels.append(call("images = sometimes", [*_WHO, *given], depth=1))

    return write


def _alternating_flip(program: Program, _trick: Any) -> None:
    program.pixels.append("images = alternating_flip(images, samples, epoch)")


def _pad_crop(program: Program, trick: Any) -> None:
    settings = [f"padding={trick.padding!r}", f"mode={literal(trick.border)}"]
    program.pixels.append(call("images = pad_crop", [*_WHO, *settings], depth=1))


def _crop_resize(program: Program, trick: Any) -> None:
    settings = [f"smallest={trick.smallest!r}", f"aspect={trick.aspect!r}"]
    settings.append(f"sample={trick.interpolation}")
    program.pixels.append(call("images = crop_resize", [*_WHO, *settings], depth=1))


def _scale(program: Program, trick: Any) -> None:
    if trick.smallest != trick.largest:
        _warped("random_scale", "smallest", "largest")(program, trick)


def _translate(program: Program, trick: Any) -> None:
    axes = f"axes={(trick.axis != 'y', trick.axis != 'x')}"
    settings = [f"distance={trick.distance!r}", axes]
    if trick.interpolation == "nearest":
        head, how = "images = random_whole_translation", f"border={BORDERS[trick.border]}"
    else:
        head, how = "images = random_translation", f"warp={_warp(trick)}"
    program.pixels.append(call(head, [*_WHO, *settings, how], depth=1))


def _colour_jitter(program: Program, trick: Any) -> None:
    for name in ("Brightness", "Contrast", "Color", "Hue"):
        operation(program, name, AUTO_AUGMENT_RANGE, PLAIN)
    _plain("colour_jitter", "strength", "hue")(program, trick)


def _three_augment(program: Program, trick: Any) -> None:
    for name in ("Color", "Solarize", "Brightness", "Contrast", "Hue"):
        operation(program, name, AUTO_AUGMENT_RANGE, PLAIN)
    _plain("three_augment", "probability", "jitter")(program, trick)


def _pca_colour(program: Program, trick: Any) -> None:
    program.pixels.append(
        f"images = pca_colour(images, samples, update, {trick.alpha!r}, *data.colours)"
    )
    program.read.append("data.colours = principal_colours(data.images)")


def _augmentation_curriculum(program: Program, trick: Any) -> None:
    grown = f"min(1.0, update / updates / {trick.length!r})" if trick.length else "1.0"
    share = f"{trick.start!r} + ({trick.end!r} - {trick.start!r}) * {grown}"
    if trick.clean:
        share = f"0.0 if update / updates >= 1 - {trick.clean!r} else {share}"
    program.pixels.append(f"share = {share}")
    rows = "rows" if program.copies else "samples"
    who = ["images", f"data.images[{rows}]", "samples", "update", "share"]
    program.pixels.append(call("images = augmentation_curriculum", who, depth=1))


WRITERS: Mapping[str, Callable[[Program, Any], None]] = {
    "alternating_flip": _alternating_flip,
    "augmentation_curriculum": _augmentation_curriculum,
    "auto_contrast": _toned("AutoContrast"),
    "blur": _plain("blur", "probability", "sigma"),
    "brightness": _plain("random_brightness", "delta"),
    "channel_permutation": _plain("channel_permutation", "probability"),
    "colour_jitter": _colour_jitter,
    "colour_shift": _plain("colour_shift", "delta"),
    "contrast": _plain("random_contrast", "spread"),
    "crop_resize": _crop_resize,
    "equalize": _toned("Equalize"),
    "flip": _plain("flip", "probability"),
    "gaussian_noise": _plain("gaussian_noise", "sigma"),
    "jpeg": _plain("jpeg", "probability", "worst"),
    "pad_crop": _pad_crop,
    "pca_colour": _pca_colour,
    "posterize": _toned("Posterize", "bits"),
    "right_angle": _plain("right_angle", "probability"),
    "rotate": _warped("random_rotation", "degrees"),
    "salt_and_pepper": _plain("salt_and_pepper", "amount"),
    "scale": _scale,
    "shear": _warped("random_shear", "tangent"),
    "solarize": _toned("Solarize", "threshold"),
    "three_augment": _three_augment,
    "translate": _translate,
    "vertical_flip": _plain("vertical_flip", "probability"),
}
