"""Finding and replacing parts of a network, whoever built it, for the tricks that change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.lazy import nn, torch

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

    from autotrick.tricks.run import Run

ACTIVATIONS = frozenset(
    {"relu", "relu6", "leakyrelu", "prelu", "elu", "gelu", "gelutanh", "silu", "swish"}
    | {"mish", "hardswish", "hardmish", "quickgelu", "celu", "selu"}
)
"""Nonlinearities between layers, by class name; gates such as sigmoid are not among them."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The way around a shortcut, which a residual block adds to it.

    Attributes:
        end: Path of the module whose output is added.
        norm: Path of the normalisation that nothing but scaling follows; None where a layer ends it.
    """

    end: str
    norm: str | None


def replace(
    model: Module, wanted: Callable[[Module], bool], make: Callable[[Module], Module]
) -> int:
    """Put what `make` returns in the place of every wanted part, and return how many there were."""
    found = [(path, module) for path, module in model.named_modules() if path and wanted(module)]
    for path, module in found:
        put(model, path, make(module))
    return len(found)


def put(model: Module, path: str, module: Module) -> None:
    """Put a module in the place of the one at the path."""
    parent, _, child = path.rpartition(".")
    setattr(model.get_submodule(parent), child, module)


def is_activation(module: Module) -> bool:
    return type(module).__name__.lower() in ACTIVATIONS


def is_plain_convolution(module: Module) -> bool:
    """Return whether it convolves as torch does; libraries have some that pad by themselves."""
    return isinstance(module, nn.Conv2d) and type(module).forward is nn.Conv2d.forward


def instead_of_norm(norm: Any, new: Module) -> Module:
    """Return the new layer, followed by what timm's fused layers do after normalising."""
    after = [part for name in ("drop", "act") if (part := getattr(norm, name, None)) is not None]
    return nn.Sequential(new, *after) if after else new


def replace_norms(model: Module, make: Callable[[Any], Module]) -> int:
    """Replace every batch normalisation of maps, and return how many there were."""
    return replace(
        model,
        lambda module: isinstance(module, nn.BatchNorm2d),
        lambda norm: instead_of_norm(norm, make(norm)),
    )


def head(model: Module, classes: int) -> Module | None:
    """Return the layer that gives the logits, or None."""
    for module in reversed(list(model.modules())):
        outputs = getattr(module, "out_features", None) or getattr(module, "out_channels", None)
        if isinstance(module, nn.Linear | nn.Conv2d) and outputs == classes:
            return module
    return None


@contextmanager
def seeded(run: Run, name: str) -> Iterator[None]:
    """Let new weights be decided by the named stream of the run alone."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(run.stream(name).torch_seed())
        yield


def outputs(model: Module, run: Run, note: Callable[[str, Tensor], None]) -> Tensor:
    """Run the network on two empty images in evaluation mode; return the logits.

    Args:
        note: Told the path and the output of every module that makes a tensor, inner ones first.
    """

    def hook(path: str) -> Callable[[Module, Any, Any], None]:
        return lambda _, __, given: note(path, given) if isinstance(given, torch.Tensor) else None

    handles = [
        module.register_forward_hook(hook(path))
        for path, module in model.named_modules()
        if path and not isinstance(module, nn.Identity)
    ]
    training = model.training
    images = torch.zeros(2, run.channels, *run.image_size, requires_grad=True)
    try:
        with torch.enable_grad():
            logits: Tensor = model.eval()(images)
    finally:
        model.train(training)
        for handle in handles:
            handle.remove()
    return logits


def branches(model: Module, run: Run) -> list[Branch]:
    """Return the residual branches in the order of the forward pass.

    Read off the graph of gradients: where two tensors that depend on the images are added, the one
    that went through more steps is the branch and the other one the shortcut.
    """
    made: dict[Any, str] = {}

    def note(path: str, given: Tensor) -> None:
        if given.grad_fn is not None:
            made.setdefault(given.grad_fn, path)

    logits = outputs(model, run, note)
    depth = _depths(logits.grad_fn)
    found = []
    for node in sorted(depth, key=depth.__getitem__):
        if type(node).__name__ != "AddBackward0":
            continue
        parents = [p for p in _parents(node) if depth.get(p)]
        if len(parents) == 2 and depth[parents[0]] != depth[parents[1]]:
            start = max(parents, key=depth.__getitem__)
            end = _nearest(start, made, depth)
            if end is not None:
                found.append(Branch(end, _last_norm(start, made, model)))
    return found


def _parents(node: Any) -> list[Any]:
    return [parent for parent, _ in node.next_functions if parent is not None]


def _depths(last: Any) -> dict[Any, int]:
    """Return for each node how many steps lie behind it; 0 where it does not depend on the images.

    Weights have a gradient node of their own as the images have; only these lead to them.
    """
    order, stack, seen = [], [(last, False)], set()
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack += [(node, True), *((parent, False) for parent in _parents(node))]
    depth: dict[Any, int] = {}
    for node in order:
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            depth[node] = int(not isinstance(leaf, nn.Parameter))
        else:
            behind = max((depth[parent] for parent in _parents(node)), default=0)
            depth[node] = behind + 1 if behind else 0
    return depth


def _nearest(start: Any, made: dict[Any, str], depth: dict[Any, int]) -> str | None:
    """Return the module that gave this node's tensor, or the last one before it."""
    node = start
    while node not in made:
        parents = [parent for parent in _parents(node) if depth.get(parent)]
        if not parents:
            return None
        node = max(parents, key=depth.__getitem__)
    return made[node]


def _last_norm(start: Any, made: dict[Any, str], model: Module) -> str | None:
    """Return the normalisation from which only scaling leads here."""
    norms = (nn.BatchNorm2d, nn.GroupNorm)
    nodes, seen = [start], set()
    while nodes:
        node = nodes.pop(0)
        if node in seen:
            continue
        seen.add(node)
        path = made.get(node)
        if path is not None and isinstance(model.get_submodule(path), norms):
            return path
        if not type(node).__name__.startswith(("Convolution", "Addmm", "Mm", "Add")):
            nodes += _parents(node)
    return None
