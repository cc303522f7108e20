"""Find the architectures that a space can name, and build them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from autotrick import tasks
from autotrick.domain import Value
from autotrick.errors import RecipeError, unknown
from autotrick.lazy import torch
from autotrick.limits import beyond, most
from autotrick.models import libraries, pretrained
from autotrick.models.base import Architecture, Shape
from autotrick.models.fastnet import FASTNET
from autotrick.models.lenet5 import LENET5
from autotrick.models.own import own
from autotrick.models.pyramidnet import PYRAMIDNET
from autotrick.models.resnet20 import RESNET20
from autotrick.models.shake_shake import SHAKE_SHAKE
from autotrick.models.weights import Normalisation
from autotrick.own_code.references import PREFIX
from autotrick.random_streams import Stream
from autotrick.recipe import Settings
from autotrick.tasks import Task
from autotrick.tricks.base import Setting
from autotrick.tricks.freezing import train_mode

if TYPE_CHECKING:
    from torch.nn import Module

ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (
        LENET5,
        FASTNET,
        RESNET20,
        SHAKE_SHAKE,
        PYRAMIDNET,
    )
}
_SUGGESTIONS = 5
_LARGE_SIDE = 1024
_NAME = re.compile(r"\w[\w.-]*", re.ASCII)


def architectures() -> dict[str, Architecture]:
    """Return all architectures by name, except those of libraries; those of tasks come last."""
    return ARCHITECTURES | {brought.name: brought for _, brought in _brought()}


def _brought() -> Iterator[tuple[Task, Architecture]]:
    for task in tasks.tasks().values():
        for architecture in task.architectures:
            yield task, architecture


def why_not_for(name: str, task: Task) -> str | None:
    """Return why a network of this architecture cannot learn a task, as a clause, or None."""
    owner = next((owner for owner, brought in _brought() if brought.name == name), None)
    if owner is None and task.spatial:
        own = ", ".join(brought.name for brought in task.architectures) or "none"
        return (
            f"gives one answer per image, but {task.name} needs one per pixel. Architectures: {own}"
        )
    if owner is not None and owner is not task:
        return f"belongs to the task {owner.name}, but the data are for {task.name}"
    return None


def find(name: str) -> Architecture:
    """Return the named architecture.

    Does not check names of torchvision and timm, so that reading a recipe loads neither library;
    `verify` and `build` check them.

    Raises:
        RecipeError: There is no such architecture; the message suggests the nearest name.
    """
    if name in ARCHITECTURES:
        return ARCHITECTURES[name]
    if (brought := architectures().get(name) or own(name)) is not None:
        return brought
    if name.startswith(PREFIX):
        raise RecipeError(
            f"{name} is code of your own, which is imported only with a space that you give. Read its file: "
            "autotrick.load_space(FILE)."
        )
    library, _, model = name.partition("/")
    if library in libraries.PAPERS and _NAME.fullmatch(model):
        return libraries.declare(name)
    if library in libraries.PAPERS and model:
        # Names such as `hf-hub:...` would download a network.
        raise RecipeError(
            f"unknown architecture {name!r}: networks of {library} have names of letters, digits, "
            "`_`, `-` and `.`; those of a hub or a folder are not supported."
        )
    known = [*architectures(), *(f"{library}/NAME" for library in libraries.PAPERS)]
    raise RecipeError(unknown("architecture", name, known))


def verify(name: str) -> None:
    """Raise RecipeError if there is no architecture of this name; may load torchvision or timm.

    Raises:
        RecipeError: There is no such architecture; the message suggests the nearest name.
    """
    find(name)
    library, slash, model = name.partition("/")
    if own(name) is not None or not slash or model in libraries.names(library):
        return
    near = get_close_matches(model, libraries.names(library), n=_SUGGESTIONS, cutoff=0.5)
    hint = f" Similar names: {', '.join(f'{library}/{other}' for other in near)}." if near else ""
    raise RecipeError(f"unknown architecture {name!r}: {library} has no such classifier.{hint}")


def complete(name: str, settings: Mapping[str, Value]) -> Settings:
    """Return the settings of an architecture as a recipe has them: check the given ones, add defaults.

    Raises:
        RecipeError: A setting is unknown, has the wrong type or range, or means nothing.
    """
    return {
        key: value
        for key, value in _all(name, settings).items()
        if not (_declared(name)[key].omitted and value == _declared(name)[key].default)
    }


def _declared(name: str) -> dict[str, Setting]:
    return {spec.name: spec for spec in find(name).settings}


def _all(name: str, settings: Mapping[str, Value]) -> Settings:
    """Return all settings of an architecture.

    Raises:
        RecipeError: A setting is unknown, has the wrong type or range, or means nothing.
    """
    declared = _declared(name)
    for given in settings:
        if given not in declared:
            raise RecipeError(f"{name}: {unknown('setting', given, declared)}")
    found: Settings = {
        key: _checked(name, spec, settings[key]) if key in settings else spec.default
        for key, spec in declared.items()
    }
    for key, spec in declared.items():
        said = spec.needs and found[key] != spec.default
        if said and found[spec.needs] == declared[spec.needs].default:
            raise RecipeError(
                f"{name}: {key}={found[key]!r} means nothing without {spec.needs}. Set "
                f"{spec.needs}, or leave {key} out."
            )
    return found


def _checked(name: str, spec: Setting, value: Value) -> Value:
    kind = spec.kinds[0]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise RecipeError(f"{name}: {spec.name} must be a number of at most 64 bits.")
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) not in spec.kinds:
        kinds = " or a ".join(kind.__name__ for kind in spec.kinds)
        raise RecipeError(f"{name}: {spec.name} must be a {kinds}, but got {value!r}.")
    if fault := spec.rule.fault(spec.name, value):
        raise RecipeError(f"{name}: {fault}")
    return value


def expect_side(name: str, image_size: tuple[int, int]) -> None:
    """Raise RecipeError if images are smaller than one of our own architectures accepts.

    Args:
        image_size: (H, W) in pixels.

    Raises:
        RecipeError: They are too small.
    """
    least = find(name).min_side
    if min(image_size) < least:
        raise RecipeError(
            f"{name} needs images of at least {least} pixels a side, but got "
            f"{image_size[1]}x{image_size[0]}. Set image_size, or choose another architecture."
        )


def _is_large(architecture: Architecture, values: Mapping[str, Any], shape: Shape) -> bool:
    """Return whether to count weights first: a setting lies beyond its default search domain.

    Counting takes seconds, once per process, because torch loads its meta device.
    """
    beyond_search = any(_is_beyond(spec, values[spec.name]) for spec in architecture.settings)
    return beyond_search or max(shape.height, shape.width) > _LARGE_SIDE


def _is_beyond(spec: Setting, value: Value) -> bool:
    ends = [*(spec.domain.ends() if spec.domain else ()), spec.default]
    known = [end for end in ends if isinstance(end, int | float)]
    return isinstance(value, int | float) and bool(known) and value > max(known)


def _expect_size(architecture: Architecture, values: dict[str, Any], shape: Shape) -> None:
    """Raise RecipeError if a network is too large for memory, by counting its weights first.

    Raises:
        RecipeError: It has more weights than the limit.
    """
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        count = sum(weight.numel() for weight in architecture.make(values, shape).parameters())
    if count > most("parameters"):
        settings = ", ".join(f"{key}={value!r}" for key, value in values.items())
        raise RecipeError(
            f"{architecture.name} with {settings} for images of {shape.width}x{shape.height} pixels: "
            f"{beyond('parameters', count)}. Choose a smaller one."
        )


def build(  # noqa: PLR0913 -- what decides a network
    name: str,
    settings: Mapping[str, Value],
    *,
    classes: int,
    channels: int,
    image_size: tuple[int, int],
    seed: int,
    pretrained_weights: bool = True,
) -> Module:
    """Build a network; its random weights depend only on the seed.

    Args:
        name: Name of the architecture.
        settings: Some or all of its settings.
        classes: Number of logits.
        channels: Of the images, 1 or 3.
        image_size: (H, W) in pixels.
        seed: Seed of the recipe.
        pretrained_weights: Whether to load the weights that the settings name. Not needed where
            those of a checkpoint replace them, or where only shapes matter.

    Returns:
        A module from (N, C, H, W) to (N, K), in training mode, on the CPU; frozen parts are in
        evaluation mode. The state of torch's own generators does not change.

    Raises:
        RecipeError: A name or setting is wrong, the network cannot take such images, or pretrained
            weights do not fit.
        ResourceError: Pretrained weights are not on this machine and cannot be fetched.
    """
    architecture = find(name)
    values: dict[str, Any] = dict(_all(name, settings))
    verify(name)
    expect_side(name, image_size)
    shape = Shape(classes, channels, *image_size)
    if name in ARCHITECTURES and _is_large(architecture, values, shape):
        _expect_size(architecture, values, shape)
    with torch.random.fork_rng(devices=[]):
        # Not torch.manual_seed, which would also seed GPUs, whose state is not restored here.
        torch.default_generator.manual_seed(Stream(seed, "weights").torch_seed())
        model = architecture.make(values, shape)
    start = pretrained_setting(name, values)
    if start and pretrained_weights:
        pretrained.load(model, name, start, shape)
    train_mode(model)
    return model


def normalisation(name: str, settings: Mapping[str, Value], channels: int) -> Normalisation | None:
    """Return the normalisation that a network's pretrained weights expect; None for random weights.

    Args:
        name: Name of the architecture.
        settings: Some or all of its settings.
        channels: Of the images, 1 or 3.

    Raises:
        RecipeError: There are no such weights, or they are not those that the settings pin.
        ResourceError: They are not on this machine and cannot be fetched.
    """
    return pretrained.normalisation(name, pretrained_setting(name, settings), channels)


def pretrained_setting(name: str, settings: Mapping[str, Value]) -> bool | str:
    """Return which pretrained weights a network of a library starts from; False for none."""
    value = settings.get("pretrained", False)
    known = name.partition("/")[0] in libraries.PAPERS
    return value if known and isinstance(value, bool | str) else False
