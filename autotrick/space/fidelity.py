"""Cheaper early epochs: which share of the data or pixels they see, so that pruned trials cost less."""

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

from autotrick.recipe import Fidelity
from autotrick.space.faults import Faults
from autotrick.space.settings import Pruning


def fidelity_of(pruning: Pruning, epochs: int) -> Fidelity | None:
    """Return the fidelity of a space's recipes; None if every epoch is whole.

    Until a rung is reached an epoch sees as large a share as the rung's of all epochs.
    """
    if pruning.fidelity == "epochs":
        return None
    rungs = takewhile(lambda rung: rung < epochs, _rungs(pruning))
    return Fidelity(of=pruning.fidelity, rungs=tuple((rung, rung / epochs) for rung in rungs))


def _rungs(pruning: Pruning) -> Iterator[int]:
    rung = pruning.first
    while True:
        yield rung
        rung *= pruning.factor


def check(pruning: Pruning, fixed: Mapping[str, Any], faults: Faults) -> None:
    """Note faults that keep early rungs from being cheaper."""
    if pruning.fidelity == "epochs":
        return
    epochs, where = fixed.get("epochs"), "pruning.fidelity"
    if pruning.method == "none" or pruning.moves:
        rule = f"trials are compared at rungs, which {pruning.method!r} has not. Choose 'asha'"
        faults.note(where, rule)
    elif not isinstance(epochs, int):
        rule = "all trials see the same at a rung, so epochs must stand in [fixed]"
        faults.note(where, rule)
    elif pruning.first >= epochs:
        rule = f"the first of {epochs} epochs are to cost less, but the first rung is at "
        faults.note(where, f"{rule}{pruning.first}. Lower pruning.first")
