"""Networks of the user's own: any callable that returns a module, such as an `nn.Module` class.

The callable is called with keyword arguments alone. What it gets of the data, if it has parameters of
these names: the number of classes, the channels of the images, and their size. Its other parameters
with a default that is a number, a text or true or false are settings, which a space may fix or search.
An `Architecture` may stand in place of a callable: it declares papers, rules and ranges as well.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from autotrick.errors import CodeError, RecipeError
from autotrick.lazy import nn, torch
from autotrick.models.base import Architecture, Shape
from autotrick.own_code.importing import described, guarded
from autotrick.tricks.base import Setting
from autotrick.tricks.rules import Flag, Range, Rule, Text

if TYPE_CHECKING:
    from torch.nn import Module

CLASSES = ("num_classes", "classes")
"""Names of the parameter that gets the number of classes; one of them is needed."""
CHANNELS = ("channels", "in_chans", "in_channels")
"""Names of the parameter that gets the channels of the images, 1 or 3."""
SIZE = "image_size"
"""Name of the parameter that gets the images' (height, width) in pixels."""

_OWN: dict[str, Architecture] = {}
_SOURCES: dict[str, str] = {}
_STAND_INS: set[str] = set()
_RULES: dict[type, Rule] = {
    bool: Flag(),
    int: Range(None, None),
    float: Range(None, None),
    str: Text("a text"),
}
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def own(name: str) -> Architecture | None:
    """Return the network of the user's own of that name, as far as it is known here; else None."""
    return _OWN.get(name)


def sources() -> dict[str, str]:
    """Return where each network of the user's own comes from, by name."""
    return dict(_SOURCES)


def register(name: str, made: Any, source: str) -> Architecture:
    """Make a network of the user's own known under a name.

    Args:
        name: As the space writes it.
        made: A callable that returns a module, or an Architecture.
        source: Where it is defined.

    Raises:
        CodeError: It breaks the contract.
    """
    _OWN[name] = declare(name, made, source)
    _SOURCES[name] = source
    _STAND_INS.discard(name)
    return _OWN[name]


def stand_in(name: str, source: str, summary: str, settings: tuple[Setting, ...]) -> None:
    """Make a network known by its declaration alone, unless the network itself is."""
    if name in _OWN and name not in _STAND_INS:
        return

    def refuse(_: dict[str, Any], __: Shape) -> Module:
        raise RecipeError(
            f"{name} is a network of your own from {source}, which is not imported here. Give the space that "
            "names it, or the folder of its code: --code FOLDER."
        )

    _OWN[name] = Architecture(name, summary, (), settings, refuse)
    _SOURCES[name] = source
    _STAND_INS.add(name)


def forget() -> None:
    """Forget all networks of the user's own; for tests."""
    for known in (_OWN, _SOURCES, _STAND_INS):
        known.clear()


def declare(name: str, made: Any, source: str) -> Architecture:
    """Return the declaration of a network from its callable's signature.

    Raises:
        CodeError: It breaks the contract.
    """
    if isinstance(made, Architecture):
        build = partial(_built, source, lambda values, shape: made.make(values, shape))
        return dataclasses.replace(made, name=name, make=build)
    if not callable(made):
        raise CodeError(
            f"{source}: {made!r} is neither a class nor a function that makes a network."
        )
    where = f"{source}{_line(made)}"
    parameters = _parameters(made, where)
    settings = tuple(filter(None, (_setting(p, where) for p in parameters.values())))
    given = {alias for alias in (*CLASSES, *CHANNELS, SIZE) if alias in parameters}
    if not given & {*CLASSES}:
        raise CodeError(
            f"{where}: a network needs a parameter num_classes (or classes), which gets the number of classes."
        )
    about = (made.__doc__ or "").strip().splitlines()
    summary = about[0] if about and not about[0].startswith(f"{_name(made)}(") else _name(made)
    return Architecture(
        name=name,
        summary=summary,
        papers=(),
        settings=settings,
        make=partial(_built, where, partial(_call, made, given)),
    )


def _call(
    made: Callable[..., Any], given: set[str], values: Mapping[str, Any], shape: Shape
) -> Any:
    facts: dict[str, Any] = dict.fromkeys(CLASSES, shape.classes)
    facts |= dict.fromkeys(CHANNELS, shape.channels)
    facts[SIZE] = (shape.height, shape.width)
    return made(**values, **{name: facts[name] for name in given})


def _built(
    where: str,
    make: Callable[[dict[str, Any], Shape], Any],
    values: dict[str, Any],
    shape: Shape,
) -> Module:
    """Build a network and try it on one empty image.

    Raises:
        RecipeError: It cannot be built, does not take such images, or gives no logit per class.
    """
    model = guarded(where, lambda: make(values, shape), RecipeError)
    if not isinstance(model, nn.Module):
        raise RecipeError(f"{where}: it must return a torch.nn.Module, but returned {model!r}.")
    image = torch.zeros(1, shape.channels, shape.height, shape.width)
    size = f"{shape.width}x{shape.height} pixels and {shape.channels} channel(s)"
    model.eval()
    try:
        with torch.no_grad():
            logits = model(image)
    except Exception as error:  # whatever the user's code raises
        raise RecipeError(
            f"{where}: it cannot take images of {size}: {described(error)}"
        ) from error
    if not isinstance(logits, torch.Tensor):
        raise RecipeError(
            f"{where}: its forward must return a tensor of logits, but returned a {type(logits).__name__}."
        )
    if tuple(logits.shape) != (1, shape.classes):
        raise RecipeError(
            f"{where}: for one image of {size} it must return logits of shape (1, {shape.classes}), one for "
            f"each class, but returned {tuple(logits.shape)}."
        )
    if not any(weight.requires_grad for weight in model.parameters()):
        raise RecipeError(f"{where}: it has no weights to train.")
    model.train()
    made: Module = model
    return made


def _parameters(made: Callable[..., Any], where: str) -> Mapping[str, inspect.Parameter]:
    """Return the parameters that can be given by name.

    Raises:
        CodeError: The signature cannot be read, or a parameter can be given by position alone.
    """
    try:
        found = inspect.signature(made).parameters
    except (TypeError, ValueError):
        raise CodeError(f"{where}: its parameters cannot be read. Wrap it in a function.") from None
    several = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    named = {key: one for key, one in found.items() if one.kind not in several}
    for key, one in named.items():
        if one.kind is inspect.Parameter.POSITIONAL_ONLY:
            raise CodeError(
                f"{where}: the parameter {key!r} cannot be given by name. Remove the `/` after it."
            )
    return named


def _setting(parameter: inspect.Parameter, where: str) -> Setting | None:
    """Return the setting that a parameter is; None if it is none.

    Raises:
        CodeError: It has no default, or one that breaks the rules of a setting.
    """
    name, default = parameter.name, parameter.default
    if name in (*CLASSES, *CHANNELS, SIZE):
        return None
    if default is inspect.Parameter.empty:
        raise CodeError(
            f"{where}: the parameter {name!r} has no default, so it cannot be a setting. Give it one: a number, "
            "a text, True or False."
        )
    rule = _RULES.get(type(default))
    if rule is None:  # such as a class of layers, which no space can write
        return None
    if not rule.accepts(default):
        raise CodeError(
            f"{where}: the default of {name!r} must be a finite number, not {default!r}."
        )
    about = f"Parameter of {where.partition(' (')[0]}: {_KINDS[type(default)]}."
    return Setting(name, about, default, rule)


def _name(made: Any) -> str:
    return str(getattr(made, "__qualname__", None) or type(made).__name__)


def _line(made: Any) -> str:
    """Return where a callable is defined, in brackets with a blank before; empty if unknown."""
    try:
        return f" ({inspect.getsourcefile(made)}, line {inspect.getsourcelines(made)[1]})"
    except (OSError, TypeError):
        return ""
