"""Tricks that hide parts of normalised images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autotrick.export.script.literal import literal
from autotrick.export.script.program import Program
from autotrick.export.script.writing import call

_WHO = ("images", "samples", "update")


def _cutout(program: Program, trick: Any) -> None:
    settings, name = [f"length={trick.length!r}"], "cutout"
    if trick.holes != 1:
        settings, name = [*settings, f"count={trick.holes!r}"], "cutout_several"
    program.tensor.append(call(f"images = {name}", [*_WHO, *settings], depth=1))


def _random_erasing(program: Program, trick: Any) -> None:
    area = literal((trick.area_low, trick.area_high))
    settings = [f"{trick.probability!r}", f"area={area}", f"aspect={trick.aspect!r}"]
    program.tensor.append(call("hidden = erased", [*_WHO, *settings], depth=1))
    fill = {
        "mean": "hide(images, hidden)",
        "zero": "fill_with_black(images, hidden, data)",
        "random": "fill_with_noise(images, hidden, samples, update, data)",
    }
    program.tensor.append(f"images = {fill[trick.fill]}")


def _grid_mask(program: Program, trick: Any) -> None:
    chance = f"{trick.probability!r} * update / updates"
    span = literal((trick.shortest, trick.longest))
    settings = [chance, f"span={span}", f"ratio={trick.ratio!r}"]
    program.tensor.append(call("images = grid_mask", [*_WHO, *settings], depth=1))


def _hide_and_seek(program: Program, trick: Any) -> None:
    settings = [f"{trick.probability!r}", f"cells={trick.cells!r}"]
    program.tensor.append(call("images = hide_and_seek", [*_WHO, *settings], depth=1))


WRITERS: Mapping[str, Callable[[Program, Any], None]] = {
    "cutout": _cutout,
    "grid_mask": _grid_mask,
    "hide_and_seek": _hide_and_seek,
    "random_erasing": _random_erasing,
}
