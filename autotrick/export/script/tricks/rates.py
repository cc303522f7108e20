"""Schedules of the learning rate and the momentum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autotrick.export.script.literal import literal
from autotrick.export.script.program import Program


def _linear_warmup(program: Program, trick: Any) -> None:
    program.warmup.append(f"round({trick.length!r} * updates)")
    program.rates.append(f"linear_warmup(update, warmup, start={trick.start!r})")


def _constant_warmup(program: Program, trick: Any) -> None:
    program.warmup.append(f"round({trick.length!r} * updates)")
    program.rates.append(f"constant_warmup(update, warmup, factor={trick.factor!r})")


def _cosine_decay(program: Program, trick: Any) -> None:
    program.rates.append(f"cosine_decay(done, final={trick.final!r})")


def _step_decay(program: Program, trick: Any) -> None:
    moments = literal((trick.first, trick.second))
    program.rates.append(f"step_decay(done, {moments}, gamma={trick.gamma!r})")


def _multi_step_decay(program: Program, trick: Any) -> None:
    moments = literal(tuple(trick.moments))
    program.rates.append(f"step_decay(done, {moments}, gamma={trick.gamma!r})")


def _linear_decay(program: Program, trick: Any) -> None:
    program.rates.append(f"linear_decay(done, final={trick.final!r})")


def _polynomial_decay(program: Program, trick: Any) -> None:
    program.rates.append(f"polynomial_decay(done, power={trick.power!r}, final={trick.final!r})")


def _exponential_decay(program: Program, trick: Any) -> None:
    program.rates.append(f"exponential_decay(done, final={trick.final!r}, steps={trick.steps!r})")


def _tanh_decay(program: Program, trick: Any) -> None:
    program.rates.append(f"tanh_decay(done, start={trick.start!r}, end={trick.end!r})")


def _cosine_restarts(program: Program, trick: Any) -> None:
    settings = f"cycles={trick.cycles!r}, growth={trick.growth!r}, final={trick.final!r}"
    program.rates.append(f"cosine_restarts(update, updates, warmup, {settings})")


def _cyclic_rate(program: Program, trick: Any) -> None:
    settings = f"cycles={trick.cycles!r}, low={trick.low!r}, height={trick.height!r}"
    program.rates.append(f"cyclic_rate(update, updates, warmup, {settings})")


def _one_cycle(program: Program, trick: Any) -> None:
    length = f"max(1, round({trick.rise!r} * updates))"
    program.warmup.append(length)
    cosine = trick.shape != "linear"
    start, end = 1 / trick.div, 1 / (trick.div * trick.final_div)
    program.rates.append(
        f"one_cycle(update, updates, warmup - 1, start={start!r}, end={end!r}, cosine={cosine})"
    )
    high, low = trick.high_momentum, trick.low_momentum
    program.before.append(f"peak = {length} - 1")
    program.before.append(
        f"momentum = one_cycle(update, updates, peak, {high!r}, {high!r}, {cosine}, top={low!r})"
    )
    program.before.append("set_momentum(optimizer, momentum)")


def _warmup_stable_decay(program: Program, trick: Any) -> None:
    climb = f"round({trick.warmup!r} * updates)"
    program.warmup.append(climb)
    settings = f"{trick.fall!r}, sqrt={trick.shape == 'sqrt'}, final={trick.final!r}"
    program.rates.append(f"warmup_stable_decay(update, updates, warmup, {settings})")


def _plateau_decay(program: Program, trick: Any) -> None:
    program.setup.append(
        f"plateau = Plateau({trick.factor!r}, {trick.patience!r}, {trick.threshold!r}, {trick.lowest!r})"
    )
    program.factors.append("plateau.factor")
    length = " + ".join(program.warmup) or "0"
    program.report.append(f"if update > {length}:\n    plateau.note(accuracy)")


WRITERS: Mapping[str, Callable[[Program, Any], None]] = {
    "constant_warmup": _constant_warmup,
    "cosine_decay": _cosine_decay,
    "cosine_restarts": _cosine_restarts,
    "cyclic_rate": _cyclic_rate,
    "exponential_decay": _exponential_decay,
    "linear_decay": _linear_decay,
    "linear_warmup": _linear_warmup,
    "multi_step_decay": _multi_step_decay,
    "one_cycle": _one_cycle,
    "plateau_decay": _plateau_decay,
    "polynomial_decay": _polynomial_decay,
    "step_decay": _step_decay,
    "tanh_decay": _tanh_decay,
    "warmup_stable_decay": _warmup_stable_decay,
}
