"""Find and replace parts of any network, for the tricks that change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from autotrick.errors import RecipeError
from autotrick.lazy import nn, torch

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

    from autotrick.tricks.run import Run

ACTIVATIONS = frozenset(
    {"relu", "relu6", "leakyrelu", "prelu", "elu", "gelu", "gelutanh", "silu", "swish"}
    | {"mish", "hardswish", "hardmish", "quickgelu", "celu", "selu"}
)
"List activation layers by class name, without gates such as sigmoid."


def replace(
    model: Module, wanted: Callable[[Module], bool], make: Callable[[Module], Module]
) -> int:
    """Replace every matching part by the result of `make` and return how many there were."""
    found = [(path, module) for path, module in model.named_modules() if path and wanted(module)]
    for path, module in found:
        put(model, path, make(module))
    return len(found)


def put(model: Module, path: str, module: Module) -> None:
    """Replace the module at a path."""
    parent, _, child = path.rpartition(".")
    setattr(model.get_submodule(parent), child, module)


def is_activation(module: Module) -> bool:
    return type(module).__name__.lower() in ACTIVATIONS


def is_plain_convolution(module: Module) -> bool:
    """Return whether a module convolves as torch does; some libraries' convolutions also pad."""
    return isinstance(module, nn.Conv2d) and type(module).forward is nn.Conv2d.forward


def instead_of_norm(norm: Any, new: Module) -> Module:
    """Return the new layer, followed by the operations that timm's fused layers do after normalising."""
    after = [part for name in ("drop", "act") if (part := getattr(norm, name, None)) is not None]
    return nn.Sequential(new, *after) if after else new


def replace_norms(model: Module, make: Callable[[Any], Module]) -> int:
    """Replace every batch normalisation of maps and return how many there were."""
    return replace(
        model,
        lambda module: isinstance(module, nn.BatchNorm2d),
        lambda norm: instead_of_norm(norm, make(norm)),
    )


def head(model: Module, classes: int) -> Module | None:
    """Return the layer that computes the logits, or None."""
    for module in reversed(list(model.modules())):
        outputs = getattr(module, "out_features", None) or getattr(module, "out_channels", None)
        if isinstance(module, nn.Linear | nn.Conv2d) and outputs == classes:
            return module
    return None


@contextmanager
def seeded(run: Run, name: str) -> Iterator[None]:
    """Draw new weights from the run's named stream only."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(run.stream(name).torch_seed())
        yield


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Set the whole network to evaluation mode, and restore each part's mode afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def expect(
    run: Run, name: str, size: tuple[int, int], otherwise: str, teacher: Module | None = None
) -> None:
    """Raise RecipeError if the network cannot take images of this height and width.

    Args:
        name: Name of the trick that makes images smaller.
        otherwise: An alternative for the message.
        teacher: Network to check instead of the run's own.

    Raises:
        RecipeError: The network cannot take such images.
    """
    height, width = size
    network = run.model if teacher is None else teacher
    called = run.recipe.architecture if teacher is None else "the teacher"
    empty = torch.zeros(2, run.channels, height, width, device=run.device)
    try:
        with evaluating(network), torch.no_grad():
            network(empty)
    except (RuntimeError, AssertionError, ValueError):
        raise RecipeError(
            f"{name}: {called} cannot take images of {width}x{height} pixels. "
            f"Choose a network that takes any size, or {otherwise}."
        ) from None


def during_training(run: Run, path: str, act: Callable[[Tensor], Tensor]) -> None:
    """Pass a part's output through `act` whenever the run trains on it.

    Does not apply in evaluation or in copies of the network, such as weight averages.
    """
    own = run.model.get_submodule(path)

    def hook(module: Module, _: Any, output: Tensor) -> Tensor:
        return act(output) if module is own and run.model.training else output

    own.register_forward_hook(hook)
