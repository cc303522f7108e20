"""Tricks that change targets and the loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autotrick.export.script.program import Program


def _label_smoothing(program: Program, trick: Any) -> None:
    function = "smooth" if trick.variant == "k" else "smooth_others"
    program.target.append(f"targets = {function}(targets, {trick.epsilon!r})")


def _bce_loss(program: Program, trick: Any) -> None:
    over = "sum" if trick.classes == "sum" else "mean"
    program.loss.append(
        f"loss = binary_loss(logits, targets, {trick.threshold!r}).{over}(1).mean()"
    )


def _bi_tempered_loss(program: Program, trick: Any) -> None:
    program.loss.append(
        f"loss = bi_tempered_loss(logits, targets, t1={trick.t1!r}, t2={trick.t2!r})"
    )


def _bootstrapping(program: Program, trick: Any) -> None:
    own = f"{trick.kind}_bootstrapping(logits)"
    program.loss.append(f"loss = {trick.beta!r} * loss + (1 - {trick.beta!r}) * {own}")


def _class_weights(program: Program, trick: Any) -> None:
    program.setup.append(
        f"class_weights = weights_of(data.labels, data.classes, beta={trick.beta!r})"
    )
    program.loss.append("loss = -(class_weights * targets * logits.log_softmax(1)).sum(1).mean()")


def _confidence_penalty(program: Program, trick: Any) -> None:
    program.loss.append(f"loss = loss - {trick.beta!r} * entropy(logits).mean()")


def _focal_loss(program: Program, trick: Any) -> None:
    program.loss.append(f"loss = focal_loss(logits, targets, gamma={trick.gamma!r})")


def _mse_loss(program: Program, trick: Any) -> None:
    shares = trick.outputs == "probabilities"
    outputs, value = ("logits.softmax(1)", 1.0) if shares else ("logits", trick.target)
    program.loss.append(f"loss = square_loss({outputs}, targets, {value!r}, {trick.weight!r})")


def _poly_loss(program: Program, trick: Any) -> None:
    program.loss.append("right = (logits.softmax(1) * targets).sum(1)")
    program.loss.append(f"loss = loss + {trick.epsilon!r} * (1 - right).mean()")


def _penalty(program: Program, weight: float, exempt: bool, size: str) -> None:
    function = "all_weights" if not exempt else "decaying_weights"
    program.loss.append(f"sizes = torch.stack([{size} for w in {function}(model)])")
    program.loss.append(f"loss = loss + {weight!r} * sizes.sum()")


def _l1_penalty(program: Program, trick: Any) -> None:
    _penalty(program, trick.weight, trick.exempt, "w.abs().sum()")


def _l2_penalty(program: Program, trick: Any) -> None:
    _penalty(program, trick.weight, trick.exempt, "w.square().sum() / 2")
    program.groups.append('parts = [part | {"weight_decay": 0.0} for part in parts]')


def _dual_cutout(program: Program, trick: Any) -> None:
    side = round(trick.length * min(program.shape[:2]))
    if not side:
        return
    program.mix.append(
        f"images, targets = dual_cutout(images, targets, samples, update, side={side})"
    )
    if trick.alpha:
        program.loss.append(f"loss = loss + {trick.alpha!r} * F.mse_loss(*logits.chunk(2))")


WRITERS: Mapping[str, Callable[[Program, Any], None]] = {
    "bce_loss": _bce_loss,
    "bi_tempered_loss": _bi_tempered_loss,
    "bootstrapping": _bootstrapping,
    "class_weights": _class_weights,
    "confidence_penalty": _confidence_penalty,
    "dual_cutout": _dual_cutout,
    "focal_loss": _focal_loss,
    "l1_penalty": _l1_penalty,
    "l2_penalty": _l2_penalty,
    "label_smoothing": _label_smoothing,
    "mse_loss": _mse_loss,
    "poly_loss": _poly_loss,
}
