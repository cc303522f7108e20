"""Tricks of the user's own: classes that a module brings, checked and added to the catalogue.

A trick that nobody imported here, such as one of a recorded study, is known by a stand-in: it
declares what the trick declares, but cannot train.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Mapping
from copy import copy
from functools import partial
from types import ModuleType
from typing import Any

from autotrick.errors import CodeError
from autotrick.tricks import NAMES, TRICKS
from autotrick.tricks.base import Setting, Trick

SOURCES: dict[str, str] = {}
"""Where each trick in the catalogue that is not autotrick's comes from, by name."""

_STAND_IN = "__stand_in__"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def tricks_in(module: ModuleType, source: str) -> list[type[Trick]]:
    """Return the tricks that a module defines.

    Args:
        source: As the space names the module.

    Raises:
        CodeError: There are none.
    """
    found = [
        kind
        for kind in vars(module).values()
        if inspect.isclass(kind)
        and issubclass(kind, Trick)
        and kind.__module__ == module.__name__
        and "name" in vars(kind)
    ]
    if not found:
        raise CodeError(
            f"{source} defines no trick: a class of its own with a `name`, derived from autotrick.Trick."
        )
    return found


def register(kind: Any, source: str) -> None:
    """Check a trick of the user's own and add it to the catalogue, in place of one of that name.

    Args:
        source: Where it is defined, such as `python:tricks.py:Speckle`.

    Raises:
        CodeError: It is not a trick, breaks the contract, or has the name of one of autotrick's.
    """
    check(kind, source)
    _add(kind.name, kind, source)


def check(kind: Any, source: str) -> None:
    """Raise CodeError if a class is no trick that a space can name.

    Raises:
        CodeError: It is not a trick, breaks the contract, or has the name of one of autotrick's.
    """
    if not (inspect.isclass(kind) and issubclass(kind, Trick)):
        raise CodeError(f"{source}: {kind!r} is not a class derived from autotrick.Trick.")
    where = _where(kind, source)
    if fault := _fault(kind):
        raise CodeError(f"{where}: {fault}")
    if kind.name in NAMES:
        raise CodeError(
            f"{where}: there is a trick {kind.name!r} of autotrick already. Give yours another name."
        )


def stand_in(
    name: str, source: str, declared: Mapping[str, Any], settings: tuple[Setting, ...]
) -> None:
    """Add a trick that is known by its declaration alone, unless the trick itself is there.

    Args:
        declared: What `declaration` wrote.
        settings: Its settings.
    """
    if name in NAMES or (name in TRICKS and not _is_stand_in(TRICKS[name])):
        return
    body: dict[str, Any] = {
        "__doc__": str(declared.get("summary", "")) or "A trick that is not imported here.",
        "__annotations__": {spec.name: type(spec.default) for spec in settings},
        _STAND_IN: True,
        "name": name,
        "slot": declared.get("slot"),
        "excludes": dict(declared.get("excludes", {})),
        "position": int(declared.get("position", 50)),
        "cost": float(declared.get("cost", 1.0)),
        "reshapes": bool(declared.get("reshapes", False)),
        "expert": bool(declared.get("expert", True)),
        "on_start": _refuse,
    }
    body |= {key: frozenset(declared.get(key, ())) for key in ("replaces", "needs", "does")}
    tasks = declared.get("tasks")
    body["tasks"] = None if tasks is None else frozenset(tasks)
    for spec in settings:
        body[spec.name] = dataclasses.field(
            default_factory=partial(copy, spec.default), metadata={"setting": spec}
        )
    plain: type[Trick] = type(name, (Trick,), body)
    kind = dataclasses.dataclass(frozen=True, kw_only=True)(plain)
    _add(name, kind, source)


def declaration(kind: type[Trick]) -> dict[str, Any]:
    """Return what a trick declares, without its settings, as plain JSON values."""
    return {
        "summary": kind.summary(),
        "slot": kind.slot,
        "excludes": dict(kind.excludes),
        "replaces": sorted(kind.replaces),
        "needs": sorted(kind.needs),
        "does": sorted(kind.does),
        "tasks": None if kind.tasks is None else sorted(kind.tasks),
        "position": kind.position,
        "cost": kind.cost,
        "reshapes": kind.reshapes,
        "expert": kind.expert,
    }


def forget(*names: str) -> None:
    """Remove tricks of the user's own from the catalogue; all of them if none is named."""
    for name in names or [*SOURCES]:
        if SOURCES.pop(name, None) is not None:
            TRICKS.pop(name)


def _add(name: str, kind: type[Trick], source: str) -> None:
    """Put a trick behind autotrick's own, in the order of names whatever was added first."""
    if SOURCES.get(name) == source and TRICKS.get(name) is kind:
        return
    SOURCES[name] = source
    own = {other: TRICKS.pop(other) for other in [*TRICKS] if other in SOURCES and other != name}
    TRICKS.pop(name, None)
    TRICKS.update(sorted((own | {name: kind}).items()))


def _is_stand_in(kind: type[Trick]) -> bool:
    return bool(getattr(kind, _STAND_IN, False))


def _refuse(self: Trick, _: Any) -> None:
    raise CodeError(
        f"{self.name} is a trick of your own from {SOURCES.get(self.name)}, which is not imported here. "
        "Give the space that names it, or the folder of its code: --code FOLDER."
    )


def _where(kind: type[Trick], source: str) -> str:
    """Return a trick's source with the file and line of its class."""
    try:
        return f"{source} ({inspect.getsourcefile(kind)}, line {inspect.getsourcelines(kind)[1]})"
    except (OSError, TypeError):
        return source


def _fault(kind: type[Trick]) -> str | None:
    """Return how a class breaks the contract of a trick, as a sentence, or None."""
    name = vars(kind).get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return f"a trick has a class variable `name` in snake case, but this one has {name!r}."
    if not dataclasses.is_dataclass(kind) or "__dataclass_fields__" not in vars(kind):
        return (
            "a trick is a dataclass: write @dataclass(frozen=True, kw_only=True) above the class."
        )
    if not vars(kind)["__dataclass_params__"].frozen:
        return (
            "a trick keeps no state: write @dataclass(frozen=True, kw_only=True) above the class."
        )
    if not (kind.__doc__ or "").strip() or kind.__doc__.startswith(f"{kind.__name__}("):  # type: ignore[union-attr]
        return "a trick says in its docstring what it does, in one sentence."
    plain = [entry.name for entry in dataclasses.fields(kind) if "setting" not in entry.metadata]
    if plain:
        return (
            f"the field {plain[0]!r} is no setting: write {plain[0]}: TYPE = setting(DEFAULT, ABOUT, rule=...), or "
            "ClassVar for a constant."
        )
    return None
