"""For each trick, what it brings to a program: `WRITERS` by name.

A writer gets the program and the trick with all its settings, and adds lines. Tricks that are not
here cannot be expressed; `autotrick.export.script` refuses their recipes by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autotrick.export.script.program import Program
from autotrick.export.script.tricks import (
    erase,
    losses,
    mix,
    networks,
    optimizers,
    orders,
    pixels,
    policies,
    rates,
    updates,
)

Writer = Callable[[Program, Any], None]

WRITERS: Mapping[str, Writer] = {
    **erase.WRITERS,
    **losses.WRITERS,
    **mix.WRITERS,
    **networks.WRITERS,
    **optimizers.WRITERS,
    **orders.WRITERS,
    **pixels.WRITERS,
    **policies.WRITERS,
    **rates.WRITERS,
    **updates.WRITERS,
}
