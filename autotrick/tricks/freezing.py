"""Freeze the first parts of a network: their weights and running statistics stay as they are.

A frozen part is in evaluation mode while the rest trains: its batch normalisation uses its running
statistics without changing them, and its dropout is off, so the rest trains on the features that it
will see in prediction. Frozen weights have no gradient, so they are in no parameter group: the
optimizer keeps nothing of them, no weight decay moves them, and they do not count as trainable.

A part that a trick puts into the network later (another normalisation or activation) is new: it
trains, wherever it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autotrick.errors import RecipeError

if TYPE_CHECKING:
    from torch.nn import Module

HEAD = "head"
_MARK = "_autotrick_frozen"
"Attribute of frozen modules; copies of a network keep it."
_SHOWN = 12


def freeze(model: Module, part: str, heads: tuple[str, ...], name: str) -> None:
    """Freeze a network up to and including a part, in the order in which it registers its modules.

    Args:
        part: `head` freezes all but the head; else the path of a module, such as `layer2`.
        heads: Paths of the layers that compute the logits.
        name: The architecture's, for messages.

    Raises:
        RecipeError: There is no such part, or nothing is left to train.
    """
    modules = dict(model.named_modules())
    if part == HEAD:
        stays = [key for key, _ in model.named_parameters() if not _within(key, heads)]
    else:
        if not part or part not in modules:
            raise RecipeError(_unknown(model, part, heads, name))
        keys = [key for key, _ in model.named_parameters()]
        last = max((i for i, key in enumerate(keys) if _within(key, (part,))), default=-1)
        # A part without weights, such as a pool: what comes before it.
        stays = keys[: last + 1] if last >= 0 else _before(model, part)
    frozen = set(stays)
    left = [key for key, _ in model.named_parameters() if key not in frozen]
    if not left:
        raise RecipeError(
            f"{name}: freeze={part!r} leaves nothing to train. Name a part before the head "
            f"{heads[0]!r}, or 'head' to train the head only."
        )
    for key, weight in model.named_parameters():
        if key in frozen:
            weight.requires_grad_(False)
    _mark(model)


def frozen_weights(model: Module) -> int:
    """Return the number of weights that do not train."""
    return sum(weight.numel() for weight in model.parameters() if not weight.requires_grad)


def is_frozen(module: Module) -> bool:
    """Return whether a module was frozen as a part of a pretrained network."""
    return bool(getattr(module, _MARK, False))


def train_mode(model: Module) -> None:
    """Set a network to training mode, except for its frozen parts."""
    model.train()
    for module in model.modules():
        if getattr(module, _MARK, False):
            module.training = False


def _mark(model: Module) -> None:
    """Mark the modules of which nothing trains, up to the last one with frozen weights."""
    modules = [module for _, module in model.named_modules()]
    last = max(
        i
        for i, module in enumerate(modules)
        if any(not weight.requires_grad for weight in module.parameters(recurse=False))
    )
    for module in modules[: last + 1]:
        if not any(weight.requires_grad for weight in module.parameters()):
            setattr(module, _MARK, True)


def _before(model: Module, part: str) -> list[str]:
    found: list[str] = []
    for path, module in model.named_modules():
        own = [key for key, _ in module.named_parameters(recurse=False)]
        found += [f"{path}.{key}" if path else key for key in own]
        if path == part:
            break
    return found


def _within(key: str, parts: tuple[str, ...]) -> bool:
    return any(key == part or key.startswith(f"{part}.") for part in parts)


def _unknown(model: Module, part: str, heads: tuple[str, ...], name: str) -> str:
    parts = [
        path
        for path, module in model.named_children()
        if any(True for _ in module.parameters()) and path not in heads
    ]
    shown = ", ".join(parts[:_SHOWN]) + (", ..." if len(parts) > _SHOWN else "")
    return f"{name} has no part {part!r} to freeze. Its parts: {shown}; or 'none', or 'head'."
