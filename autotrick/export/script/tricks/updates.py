"""Tricks around an update: gradients, averages of weights, and the size of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autotrick.export.script.literal import rows
from autotrick.export.script.program import Program
from autotrick.tricks.layers import head, layers


def _ema(program: Program, trick: Any) -> None:
    program.setup.append("average = {}")
    slowest = f"2 ** (-1 / ({trick.half_life!r} * updates))"
    program.step.append(f"decay = min({slowest}, (1 + update) / (10 + update))")
    program.step.append("update_average(average, model, decay)")
    program.evaluated.append("evaluated = averaged(model, average)")


def _swa(program: Program, trick: Any) -> None:
    program.setup.append("average, averaged_epochs = {}, 0")
    program.evaluated += [
        "evaluated = model",
        f"if update >= {trick.start!r} * updates:",
        "    averaged_epochs += 1",
        "    average_epoch(average, model, averaged_epochs)",
        "    evaluated = averaged(model, average)",
        f"    renew_norms(evaluated, data, update, count={trick.norm_images!r})",
    ]


def _lookahead(program: Program, trick: Any) -> None:
    program.setup.append(f"slow = Lookahead(model, every={trick.every!r}, alpha={trick.alpha!r})")
    program.step.append("slow.after_step(update + 1, updates)")


def _sam(program: Program, trick: Any) -> None:
    program.apart = True
    lines = [
        f"before = climb(model, rho={trick.rho!r})",
        "kept = norm_statistics(model)",
        "optimizer.zero_grad(set_to_none=True)",
        "AGAIN",
        "for buffer, value in kept:",
        "    buffer.copy_(value)",
        "climb_back(model, before)",
    ]
    if trick.every > 1:
        program.gradient.append(f"if update % {trick.every!r} == 0:")
        lines = [f"    {line}" for line in lines]
    program.gradient += lines


def _clip_norm(program: Program, trick: Any) -> None:
    program.gradient.append(f"nn.utils.clip_grad_norm_(model.parameters(), {trick.largest!r})")


def _clip_value(program: Program, trick: Any) -> None:
    program.gradient.append(f"nn.utils.clip_grad_value_(model.parameters(), {trick.largest!r})")


def _adaptive_clip(program: Program, trick: Any) -> None:
    model = program.network.model
    last = set(head(model))
    program.setup.append(f"last = {rows(sorted(last), '    last')}")
    program.setup.append("others = [w for name, w in model.named_parameters() if name not in last]")
    program.gradient.append(f"adaptive_clip_grad(others, clip_factor={trick.share!r})")


def _gradient_centralisation(program: Program, _trick: Any) -> None:
    program.gradient.append("centralise(model)")


def _selective_backprop(program: Program, trick: Any) -> None:
    when = f"{trick.start!r} <= update / updates < {trick.end!r}"
    if trick.interrupt:
        when += f" and (update + 1) % {trick.interrupt!r}"
    program.mix.append(f"if {when}:")
    line = f"images, targets = selected(model, images, targets, update, keep={trick.keep!r})"
    program.mix.append(f"    {line}")


def _layer_freezing(program: Program, trick: Any) -> None:
    found = [[name for name, _ in layer] for layer in layers(program.network.model)]
    program.setup.append(f"layers = {rows(found, '    layers')}")
    program.before += [
        f"if update / updates > {trick.start!r}:",
        f"    share = {trick.level!r} * (update / updates - {trick.start!r}) / (1 - {trick.start!r})",
        "    freeze(layers, int(share * (len(layers) - 1)), model)",
    ]


def _until_error_warmup(program: Program, trick: Any) -> None:
    settings = f"{trick.error!r}, {trick.factor!r}, {trick.memory!r}"
    program.setup.append(f"warming = ErrorWarmup({settings})")
    program.factors.append("warming.factor")
    program.gradient.append("warming.note(logits, targets)")


def _col_out(program: Program, trick: Any) -> None:
    program.mix.append(f"images = col_out(images, update, share={trick.share!r})")


def _progressive_resizing(program: Program, trick: Any) -> None:
    rest = 1 - trick.delay - trick.finish
    program.mix.append("done = update / updates")
    program.mix.append(
        f"grown = 1.0 if done >= {1 - trick.finish!r} else 0.0 if done <= {trick.delay!r} else "
        f"(done - {trick.delay!r}) / {rest!r}"
    )
    scale = f"{trick.initial!r} + {1 - trick.initial!r} * grown"
    program.mix.append(f"images = resized(images, {scale}, multiple={trick.multiple!r})")


def _test_time_augmentation(program: Program, trick: Any) -> None:
    views = {"flip": "mirrored(model, images)", "flip+shift": "shifted(model, images)"}
    program.replacements["logits = model(images)"] = f"logits = {views[trick.views]}"


def _random_crop(program: Program, trick: Any) -> None:
    program.cropped = True
    program.pixels.append(f"images = random_crop(images, samples, update, share={trick.share!r})")
    program.replacements["logits = model(images)"] = (
        f"logits = model(middle(images, {trick.share!r}))"
    )


def _early_stopping(program: Program, trick: Any) -> None:
    settings = f"patience={trick.patience!r}, min_delta={trick.min_delta!r}"
    program.setup.append(f"stopping = EarlyStopping({settings})")
    final = "evaluated" if program.evaluated else "model"
    program.ending.append(f"if stopping.over(accuracy, {final}):\n    break")
    if trick.restore:
        program.finished.append(
            f"if stopping.waited >= stopping.patience or options.epochs == EPOCHS:\n"
            f"    {final} = stopping.kept"
        )


WRITERS: Mapping[str, Callable[[Program, Any], None]] = {
    "adaptive_clip": _adaptive_clip,
    "clip_norm": _clip_norm,
    "clip_value": _clip_value,
    "col_out": _col_out,
    "early_stopping": _early_stopping,
    "ema": _ema,
    "gradient_centralisation": _gradient_centralisation,
    "layer_freezing": _layer_freezing,
    "lookahead": _lookahead,
    "progressive_resizing": _progressive_resizing,
    "random_crop": _random_crop,
    "sam": _sam,
    "selective_backprop": _selective_backprop,
    "swa": _swa,
    "test_time_augmentation": _test_time_augmentation,
    "until_error_warmup": _until_error_warmup,
}
