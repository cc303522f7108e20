"""The line that makes the network of a recipe."""

from __future__ import annotations

from typing import Any

from autotrick import models
from autotrick.errors import RecipeError
from autotrick.export.script.literal import literal
from autotrick.export.script.program import Program
from autotrick.export.script.writing import call
from autotrick.models.base import scaled
from autotrick.models.libraries import SMALL

WIDTHS = {
    "lenet5": (6, 16, 120, 84),
    "fastnet": (24, 64, 256, 256),
    "resnet20": (16, 32, 64),
}
"""Channels of the layers at width 1."""

ARCHITECTURES = (*WIDTHS, "pyramidnet", "shake_shake", "torchvision/NAME", "timm/NAME")
"""What programs can build."""

_ADDITIONS = {"googlenet", "inception_v3"}


def write_architecture(program: Program) -> None:
    """Add the lines that make the network.

    Raises:
        RecipeError: Programs cannot build this architecture.
    """
    recipe = program.recipe
    values: dict[str, Any] = models.complete(recipe.architecture, recipe.architecture_settings)
    name, given = recipe.architecture, ["channels", "data.classes"]
    if name in WIDTHS:
        given += ["height", "width"] if name == "lenet5" else []
        channels = tuple(scaled(count, values["width"]) for count in WIDTHS[name])
        given.append(f"widths={literal(channels)}")
    elif name in ("pyramidnet", "shake_shake"):
        given += [f"{key}={value!r}" for key, value in values.items()]
        program.draws = name == "shake_shake" or values["keep"] < 1
    elif name.startswith(("torchvision/", "timm/")):
        _library(program, values)
        return
    else:
        raise RecipeError(f"train.py cannot build {name}; it builds {', '.join(ARCHITECTURES)}.")
    program.build.append(call(f"model = {name}", given, depth=1))


def _library(program: Program, values: dict[str, Any]) -> None:
    library, _, name = program.recipe.architecture.partition("/")
    usual = {spec.name: spec.default for spec in models.find(program.recipe.architecture).settings}
    changed = [key for key in values if key != "small_stem" and values[key] != usual[key]]
    if changed:
        raise RecipeError(
            f"train.py cannot express {' and '.join(changed)} of {program.recipe.architecture}."
        )
    given = [literal(name), "channels", "data.classes"]
    if name in _ADDITIONS and library == "torchvision":
        given += ["aux_logits=False", "init_weights=True"]
    program.build.append(call(f"model = {library}_network", given, depth=1))
    small = values["small_stem"]
    if small == "yes" or (small == "auto" and max(program.shape[:2]) <= SMALL):
        program.build.append("model = with_small_stem(model)")
    program.draws = True
