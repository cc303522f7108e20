"""Tricks that choose which images an epoch sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autotrick.export.script.program import Program


def _subset(program: Program, trick: Any) -> None:
    program.order.append(f"order = subset(order, data.labels, fraction={trick.fraction!r})")


def _repeated_augmentation(program: Program, trick: Any) -> None:
    program.copies = True
    program.order.append(f"order = repeated(order, data.labels, copies={trick.copies!r})")


def _class_balance(program: Program, trick: Any) -> None:
    program.copies = True
    program.order.append(
        f"order = class_balance(order, data.labels, epoch, data.classes, power={trick.power!r})"
    )


def _curriculum(program: Program, trick: Any) -> None:
    program.copies = True
    if trick.first == "random":
        hardness = 'generator("curriculum").random(len(data.labels))'
    else:
        sign = "-" if trick.first == "hard" else ""
        hardness = f"{sign}distances(data.images, data.labels, data.classes)"
    program.read.append(f"data.ranks = class_ranks({hardness}, data.labels)")
    behind = f"min(1.0, epoch / ({trick.length!r} * EPOCHS))" if trick.length else "1.0"
    program.order.append(f"share = {trick.start!r} + (1 - {trick.start!r}) * {behind}")
    program.order.append("order = curriculum(order, data.ranks, share, data.labels)")


WRITERS: Mapping[str, Callable[[Program, Any], None]] = {
    "class_balance": _class_balance,
    "curriculum": _curriculum,
    "repeated_augmentation": _repeated_augmentation,
    "subset": _subset,
}
