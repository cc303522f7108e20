"""Use classifiers of torchvision and timm by name, with random or pretrained weights.

A pretrained network keeps its stem unless the recipe says otherwise: cut to 3x3, a stem of 7x7 would
lose most of its weights. `freeze` leaves the first parts as they are (`autotrick.tricks.freezing`).

Building a network imports its library, so code that only reads a recipe with `timm/resnet18` does not
load it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from autotrick.domain import Choice
from autotrick.errors import RecipeError
from autotrick.lazy import torch
from autotrick.models.base import Architecture, Shape, choice_setting
from autotrick.models.stem import adapt_channels, shrink_stem
from autotrick.tricks.declare import Setting
from autotrick.tricks.freezing import freeze
from autotrick.tricks.papers import TORCHVISION_2016, WIGHTMAN_2019_TIMM
from autotrick.tricks.rules import FlagOrText, Text
from autotrick.tricks.surgery import head

if TYPE_CHECKING:
    from torch.nn import Module

SMALL = 64
"Limit the side in pixels of images that get a small stem unless the recipe says otherwise."

PAPERS = {"torchvision": TORCHVISION_2016, "timm": WIGHTMAN_2019_TIMM}

_SMALL_STEM = choice_setting(
    "small_stem",
    "Whether to make the first convolution 3x3 with stride 1 and remove the first pool: `auto` does so "
    f"for images of at most {SMALL} px unless the network is pretrained.",
    ("auto", "yes", "no"),
    Choice(("yes", "no")),
)

_PRETRAINED = Setting(
    name="pretrained",
    about="Weights to start from: false for random ones, true for the library's default ones, the name "
    "of published ones, or the path of a file or a folder of weights.",
    default=False,
    rule=FlagOrText("a name of published weights, or the path of a file or a folder"),
    domain=Choice((True, False)),
    omitted=True,
)
_FREEZE = Setting(
    name="freeze",
    about="What of a pretrained network does not train: `none`, all but the `head`, or everything up to "
    "and including the part of this name, such as `layer2`. Its normalisation keeps its statistics.",
    default="none",
    rule=Text("`none`, `head`, or the name of a part of the network"),
    domain=Choice(("none", "head")),
    omitted=True,
    needs="pretrained",
)


def declare(name: str) -> Architecture:
    """Return the declaration of `torchvision/NAME` or `timm/NAME` without checking the name."""
    library, _, model = name.partition("/")
    return Architecture(
        name=name,
        summary=f"{model} of {library}, with random or pretrained weights",
        papers=(PAPERS[library],),
        settings=(_SMALL_STEM, _PRETRAINED, _FREEZE),
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
    is_small = max(shape.height, shape.width) <= SMALL and not settings["pretrained"]
    if small == "yes" or (small == "auto" and is_small):
        shrink_stem(model, name)
    if settings["pretrained"] and hasattr(model, "transform_input"):
        # GoogLeNet and Inception: their weights expect another normalisation than all others, which
        # they make themselves of the common one, for colour images.
        cast("Any", model).transform_input = shape.channels == 3
    _try(model, name, shape)
    if settings["freeze"] != "none":
        freeze(model, settings["freeze"], heads(model, name, shape.classes), name)
    return model


def heads(model: Module, name: str, classes: int) -> tuple[str, ...]:
    """Return the paths of the layers that compute the logits.

    Raises:
        RecipeError: None is found.
    """
    # timm says it, and knows networks with two.
    told = getattr(model, "pretrained_cfg", {}).get("classifier") if "timm/" in name else None
    known = {path for path, _ in model.named_modules()}
    found = (told,) if isinstance(told, str) else tuple(told or ())
    if not found or not known.issuperset(found):
        last = head(model, classes)
        found = tuple(path for path, module in model.named_modules() if module is last)
    if not found:
        raise RecipeError(
            f"{name} has no layer of {classes} outputs, so that no head can be replaced. Choose "
            "another architecture."
        )
    return found


def expect_parts(name: str, parts: Iterable[str]) -> None:
    """Raise RecipeError unless a network has all parts that `freeze` names; loads the library.

    Raises:
        RecipeError: There is no such part, or freezing it leaves nothing to train.
    """
    library, _, model_name = name.partition("/")
    make = _timm if library == "timm" else _torchvision
    shape = Shape(2, 3, 224, 224)
    with torch.random.fork_rng(devices=[]):
        try:
            with torch.device("meta"):  # neither memory nor random numbers
                model = make(model_name, shape)
        except (RuntimeError, NotImplementedError):
            model = make(model_name, shape)
    for part in parts:
        if part != "none":
            freeze(model, part, heads(model, name, shape.classes), name)


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
