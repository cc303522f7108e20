"""Tricks that mix the images of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autotrick.export.script.program import Program
from autotrick.export.script.writing import call


def mixing(name: str, settings: Mapping[str, Any], rng: str = "") -> str:
    """Return the line that mixes a batch.

    Args:
        name: Of the function.
        settings: Its arguments by name.
        rng: Expression for the generator; the trick's own by default.
    """
    own = rng or f'generator("{name}", update)'
    given = [f"{key}={value!r}" for key, value in settings.items()]
    return call(f"images, targets = {name}", ["images", "targets", own, *given], depth=1)


def _mixup(program: Program, trick: Any) -> None:
    program.mix.append(mixing("mixup", {"alpha": trick.alpha}))


def _cutmix(program: Program, trick: Any) -> None:
    settings = {"alpha": trick.alpha, "probability": trick.probability}
    program.mix.append(mixing("cutmix", settings))


def _ricap(program: Program, trick: Any) -> None:
    program.mix.append(mixing("ricap", {"beta": trick.beta}))


def _resizemix(program: Program, trick: Any) -> None:
    names = ("probability", "smallest", "largest")
    program.mix.append(mixing("resizemix", {name: getattr(trick, name) for name in names}))


def _fmix(program: Program, trick: Any) -> None:
    program.mix.append(mixing("fmix", {"alpha": trick.alpha, "decay": trick.decay}))


def _one_of(program: Program, trick: Any) -> None:
    ways = {
        "mixup": {"alpha": trick.mixup_alpha},
        "cutmix": {"alpha": trick.cutmix_alpha, "probability": 1.0},
        "ricap": {"beta": trick.ricap_beta},
    }
    names = trick.among.split("+")
    program.mix.append('rng = generator("one_of", update)')
    program.mix.append(f"if rng.random() < {trick.probability!r}:")
    program.mix.append(f"    way = int(rng.integers({len(names)}))")
    for i, name in enumerate(names):
        line = mixing(name, ways[name])
        program.mix.append(f"    {'el' if i else ''}if way == {i}:")
        program.mix.append(f"        {line}")


WRITERS: Mapping[str, Callable[[Program, Any], None]] = {
    "cutmix": _cutmix,
    "fmix": _fmix,
    "mixup": _mixup,
    "one_of": _one_of,
    "resizemix": _resizemix,
    "ricap": _ricap,
}
