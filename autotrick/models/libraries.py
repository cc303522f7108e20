"""Use classifiers of torchvision and timm by name, with random weights.

Building a network imports its library, so code that only reads a recipe with `timm/resnet18` does not
load it.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any

from autotrick.domain import Choice
from autotrick.errors import RecipeError
from autotrick.lazy import torch
from autotrick.models.base import Architecture, Shape, choice_setting
from autotrick.models.stem import adapt_channels, shrink_stem
from autotrick.tricks.papers import TORCHVISION_2016, WIGHTMAN_2019_TIMM

if TYPE_CHECKING:
    from torch.nn import Module

SMALL = 64
"Limit the side in pixels of images that get a small stem unless the recipe says otherwise."

PAPERS = {"torchvision": TORCHVISION_2016, "timm": WIGHTMAN_2019_TIMM}

_SMALL_STEM = choice_setting(
    "small_stem",
    "Whether to make the first convolution 3x3 with stride 1 and remove the first pool: `auto` does so "
    f"for images of at most {SMALL} px.",
    ("auto", "yes", "no"),
    Choice(("yes", "no")),
)


def declare(name: str) -> Architecture:
    """Return the declaration of `torchvision/NAME` or `timm/NAME` without checking the name."""
    library, _, model = name.partition("/")
    return Architecture(
        name=name,
        summary=f"{model} of {library}, with random weights",
        papers=(PAPERS[library],),
        settings=(_SMALL_STEM,),
        make=lambda settings, shape: _make(name, settings, shape),
    )


@cache
def names(library: str) -> tuple[str, ...]:
    """Return the classifiers of `torchvision` or `timm`; loads the library."""
    if library == "timm":
        return tuple(importlib.import_module("timm").list_models())
    models = importlib.import_module("torchvision.models")
    return tuple(models.list_models(module=models))


def _make(name: str, settings: dict[str, Any], shape: Shape) -> Module:
    library, _, model_name = name.partition("/")
    model = (_timm if library == "timm" else _torchvision)(model_name, shape)
    adapt_channels(model, shape.channels, name)
    small = settings["small_stem"]
    if small == "yes" or (small == "auto" and max(shape.height, shape.width) <= SMALL):
        shrink_stem(model, name)
    _try(model, name, shape)
    return model


def _timm(name: str, shape: Shape) -> Module:
    timm = importlib.import_module("timm")
    made: Module = timm.create_model(
        name, pretrained=False, num_classes=shape.classes, in_chans=shape.channels
    )
    return made


def _torchvision(name: str, shape: Shape) -> Module:
    models = importlib.import_module("torchvision.models")
    options: dict[str, Any] = {"weights": None, "num_classes": shape.classes}
    if name in ("googlenet", "inception_v3"):
        options |= {"aux_logits": False, "init_weights": True}
    made: Module = models.get_model(name, **options)
    return made


def _try(model: Module, name: str, shape: Shape) -> None:
    """Run the network on one empty image, because some networks shrink small images to nothing."""
    image = torch.zeros(1, shape.channels, shape.height, shape.width)
    model.eval()
    try:
        with torch.no_grad():
            logits = model(image)
    except (RuntimeError, AssertionError, ValueError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise RecipeError(
            f"{name} cannot take images of {shape.width}x{shape.height} pixels: {reason}. "
            "Enlarge them with image_size, or choose another architecture."
        ) from None
    if tuple(logits.shape) != (1, shape.classes):
        raise RecipeError(
            f"{name} does not return one logit per class. Choose another architecture."
        )
    model.train()
