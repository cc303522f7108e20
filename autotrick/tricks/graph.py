"""Find residual branches and shortcut-free points in a network's autograd graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.lazy import nn, torch
from autotrick.tricks.surgery import evaluating

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

    from autotrick.tricks.run import Run

_LAYERS = ("Convolution", "Addmm", "Mm")
"List the names of layers in the autograd graph."


@dataclass(frozen=True, slots=True)
class Branch:
    """Describe the branch of a residual block that is added to its shortcut.

    Attributes:
        end: Path of the module whose output is added.
        norm: Path of the last normalisation, if only scaling follows it; None if a layer ends it.
    """

    end: str
    norm: str | None


def outputs(model: Module, run: Run, note: Callable[[str, Tensor], None]) -> Tensor:
    """Run the network on two empty images in evaluation mode and return the logits.

    Args:
        note: Called with the path and the output of every module that returns a tensor, inner ones
            first.
    """

    def hook(path: str) -> Callable[[Module, Any, Any], None]:
        return lambda _, __, given: note(path, given) if isinstance(given, torch.Tensor) else None

    handles = [
        module.register_forward_hook(hook(path))
        for path, module in model.named_modules()
        if path and not isinstance(module, nn.Identity)
    ]
    images = torch.zeros(2, run.channels, *run.image_size, requires_grad=True)
    try:
        with evaluating(model), torch.enable_grad():
            logits: Tensor = model(images)
    finally:
        for handle in handles:
            handle.remove()
    return logits


@dataclass(frozen=True, slots=True)
class Waist:
    """Describe a part of the network whose output alone determines the logits.

    Attributes:
        path: Path of the module.
        layers: Number of convolutions and linear layers up to and including it.
        shape: Shape of its output for one image.
    """

    path: str
    layers: int
    shape: tuple[int, ...]


def waists(model: Module, run: Run) -> list[Waist]:
    """Return the parts that no shortcut bypasses, in the order of the forward pass.

    Uses the autograd graph: on the longest path from the images, finds steps that no other path
    skips.
    """
    made: dict[Any, tuple[str, tuple[int, ...]]] = {}

    def note(path: str, given: Tensor) -> None:
        if given.grad_fn is not None:
            made.setdefault(given.grad_fn, (path, tuple(given.shape[1:])))

    depth = {node: d for node, d in _depths(outputs(model, run, note).grad_fn).items() if d}
    ends = [(depth[p], d) for node, d in depth.items() for p in _parents(node) if p in depth]
    found = []
    for node in sorted(depth, key=depth.__getitem__):
        place = depth[node]
        alone = sum(d == place for d in depth.values()) == 1
        if node in made and alone and not any(low < place < high for low, high in ends):
            behind = sum(
                d <= place and type(other).__name__.startswith(_LAYERS)
                for other, d in depth.items()
            )
            found.append(Waist(made[node][0], behind, made[node][1]))
    return found


def branches(model: Module, run: Run) -> list[Branch]:
    """Return the residual branches in the order of the forward pass.

    Uses the autograd graph: where two tensors that depend on the images are added, the one with more
    steps is the branch and the other one the shortcut.
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
    """Return the number of steps before each node; 0 if it does not depend on the images.

    Weights have gradient nodes of their own, as images do; only the images' nodes count.
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
    """Return the module that produced this node's tensor, or the last one before it."""
    node = start
    while node not in made:
        parents = [parent for parent in _parents(node) if depth.get(parent)]
        if not parents:
            return None
        node = max(parents, key=depth.__getitem__)
    return made[node]


def _last_norm(start: Any, made: dict[Any, str], model: Module) -> str | None:
    """Return the last normalisation, if only scaling lies between it and this node."""
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
        if not type(node).__name__.startswith((*_LAYERS, "Add")):
            nodes += _parents(node)
    return None
