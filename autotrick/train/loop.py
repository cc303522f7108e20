"""The training loop: read it from top to bottom.

    for every epoch
        for every update
            set the learning rate; sum up the gradients of its batches; step
        evaluate, report

What a trick changes, it changes at the stages of `tricks/base.py`. Every random choice is a function
of (seed, consumer, update, sample), so a run that goes on from a checkpoint repeats what an
uninterrupted one does, bit for bit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, nullcontext
from itertools import count, islice
from pathlib import Path
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autotrick.data import Dataset, Split
from autotrick.errors import TrainingError
from autotrick.recipe import EpochReport, Recipe, TrialResult
from autotrick.train.evaluate import BATCH, digest, evaluate
from autotrick.train.fidelity import marks, updates
from autotrick.train.numerics import compile_seconds, frozen_statistics, numerics
from autotrick.train.observe import Observer
from autotrick.train.prepare import Stages, order, prepare, window_of
from autotrick.train.resume import begin, content_of, state_of
from autotrick.train.snapshot import Snapshot
from autotrick.tricks import Batch, Pictures, Progress, Run, Trick, assemble
from autotrick.tricks.freezing import train_mode
from autotrick.tricks.image_stage import augment

OnEpoch = Callable[[Snapshot], bool]


def train(  # noqa: PLR0913 -- how to go about it, each with a default
    recipe: Recipe,
    data: Dataset,
    *,
    resume_from: Path | str | None = None,
    on_epoch: OnEpoch | None = None,
    until: int | None = None,
    device: str = "cpu",
    measures: Collection[str] = (),
    observer: Observer | None = None,
) -> TrialResult:
    """Train one recipe.

    Args:
        data: Images with the fingerprint that the recipe names.
        resume_from: A checkpoint of the same recipe, or of one that differs in later legs only; or a
            folder: its newest undamaged one is taken, if it has one.
        on_epoch: Called after every epoch that was trained here; returns whether to go on.
        until: Stop after this many epochs, with the schedule still made for all of them.
        measures: What to measure at the end, of `autotrick.measures`.
        observer: Looks on without any effect on the weights, and is closed at the end.

    Raises:
        RecipeError: The recipe breaks a rule.
        ResourceError: The device is not there, or not the threads; or the observer cannot write.
        TrainingError: The loss is not finite, memory ran out, or the checkpoint does not fit.
    """
    with numerics(recipe, device), closing(observer) if observer else nullcontext():
        content = content_of(recipe, Path(resume_from), device) if resume_from else None
        reports = [EpochReport.model_validate(r) for r in content["reports"]] if content else []
        run, stages = begin(recipe, len(reports), data, device, content)
        begun, last = len(reports), min(recipe.epochs, until or recipe.epochs)
        if observer:
            observer.begin(run, begun)
        go_on, ended_by = True, None
        while go_on and len(reports) < last and not (ended_by := _ended_by(run, stages, reports)):
            if run.recipe != recipe.at(len(reports)):
                run, stages = begin(recipe, len(reports), data, device, state_of(run))
            run.epoch = len(reports)
            reports.append(_epoch(run, stages, data, observer))
            for trick in stages.rewrite_report:
                reports[-1] = trick.rewrite_report(reports[-1], reports[:-1], run)
            for trick in stages.on_report:
                trick.on_report(reports[-1], run)
            if observer:
                observer.epoch(run, reports[-1])
            go_on = on_epoch is None or on_epoch(
                Snapshot(recipe, run, stages, data, reports, begun)
            )
        end = Snapshot(recipe, run, stages, data, reports)
        return TrialResult(
            reports=end.reports,
            parameters=end.parameters,
            stopped=len(reports) < recipe.epochs,
            measures=end.measure(measures),
            ended_by=ended_by,
        )


def _ended_by(run: Run, stages: Stages, reports: list[EpochReport]) -> str | None:
    """Return the trick that has ended the trial, here or before the checkpoint was taken."""
    ending = (trick.name for trick in stages.should_stop if trick.should_stop(reports, run))
    return next(ending, None) if reports else None


def _epoch(run: Run, stages: Stages, data: Dataset, observer: Observer | None) -> EpochReport:
    """Train one epoch, evaluate, and return what it came to."""
    start, compiling = time.perf_counter(), compile_seconds(run.recipe)
    train_mode(run.model)
    run.update = run.starts[run.epoch]
    losses: list[Tensor] = []
    hits: list[Tensor] = []
    for window in _windows(run, stages):
        mean, lr = _update(run, stages, window, hits, observer)
        losses.append(mean)
    train_loss = float(torch.stack(losses).mean())
    if hits:
        assert run.task.agreement
        run.metrics[run.task.agreement] = float(torch.cat(hits).mean())
    model, metrics, loss = evaluate(run, stages, data.validation)
    for name, found in (("the loss", train_loss), ("the validation loss", loss)):
        if not np.isfinite(found):
            message = f"{name} became {found} in epoch {run.epoch + 1}. Lower base_lr."
            raise TrainingError(message, reason="nan_loss")
    if run.recipe.compiled:
        run.metrics["compile_seconds"] = compile_seconds(run.recipe) - compiling
    extra, run.metrics = {**run.notes, **marks(run), **run.metrics}, {}
    return EpochReport(
        epoch=run.epoch + 1,
        metrics=metrics,
        loss=loss,
        train_loss=train_loss,
        lr=lr,
        seconds=time.perf_counter() - start,
        weights=digest(model),
        extra=extra,
    )


def _update(
    run: Run,
    stages: Stages,
    window: list[NDArray[np.int64]],
    hits: list[Tensor],
    observer: Observer | None = None,
) -> tuple[Tensor, float]:
    """Take one optimizer step on the window's batches; return the loss and the learning rate.

    Args:
        hits: Gets what `_backward` finds.
    """
    lr = _set_lr(run, stages)
    run.optimizer.zero_grad(set_to_none=True)
    batches = []
    for run.forward, samples in enumerate(window):
        batches.append(batch_of(run, stages, samples))
    with observer.forward(run, batches) if observer else nullcontext():
        loss = _backward(run, stages, batches, hits)
    for trick in stages.on_gradient:
        trick.on_gradient(run, lambda: _again(run, stages, batches))
    if observer:
        observer.gradients(run)
    run.optimizer.step()
    for trick in stages.after_step:
        trick.after_step(run)
    run.update += 1
    if observer:
        observer.update(run, loss, lr, sum(len(batch.samples) for batch in batches))
    return loss, lr


def losses(run: Run, stages: Stages, first: int = 0) -> Iterator[float]:
    """Train from an epoch on, without evaluation and without end; yield the loss of each update."""
    train_mode(run.model)
    for run.epoch in count(first):
        for window in _windows(run, stages):
            yield float(_update(run, stages, window, [])[0])


def measure_speed(
    recipe: Recipe, data: Dataset, *, device: str = "cpu"
) -> tuple[int, float, float]:
    """Return trainable weights, seconds of one update (median of three), and updates of the trial.

    The update is one on whole images, and updates on smaller ones count for less than one.
    """
    with numerics(recipe, device):
        stages = Stages(assemble(recipe))
        run = prepare(recipe, data, stages, torch.device(device))
        whole = recipe.epochs - 1 if recipe.fidelity else 0
        training = losses(run, stages, whole)
        seconds = []
        for _ in range(min(4, run.starts[whole + 1] - run.starts[whole])):
            start = time.perf_counter()
            next(training)
            seconds.append(time.perf_counter() - start)
        parameters = Snapshot(recipe, run, stages, data, []).parameters
        return parameters, median(seconds[1:] or seconds), updates(run)


def rehearse(recipe: Recipe, data: Dataset, *, device: str = "cpu") -> None:
    """Do once what takes memory: updates as in the first and the last epoch, and an evaluation.

    Raises:
        RecipeError: The recipe breaks a rule.
        TrainingError: Memory ran out.
    """
    with numerics(recipe, device):
        stages = Stages(assemble(recipe))
        run = prepare(recipe, data, stages, torch.device(device))
        train_mode(run.model)
        for run.epoch in sorted({0, recipe.epochs - 1}):
            run.update = run.starts[run.epoch]
            for window in islice(_windows(run, stages), 2):  # the second has the optimizer's state
                _update(run, stages, window, [])
        few = Split(data.validation.images[:BATCH], data.validation.labels[:BATCH])
        evaluate(run, stages, few)


def _windows(run: Run, stages: Stages) -> Iterator[list[NDArray[np.int64]]]:
    """Yield, for each update, the samples of its batches.

    A last batch that is not full is left out: the order is drawn anew every epoch, so no example is
    left out for long.
    """
    samples = order(run, stages)
    size, window = run.recipe.batch_size, window_of(run.epoch, run.recipe, stages)
    starts = range(0, max(1, len(samples) - size + 1), size)
    batches = [samples[start : start + size] for start in starts]
    for i in range(0, len(batches), window):
        yield batches[i : i + window]


def _set_lr(run: Run, stages: Stages) -> float:
    progress = Progress(run.update, run.updates, run.warmup, run.per_epoch)
    factor = 1.0
    for trick in stages.schedule:
        factor *= trick.schedule(progress)
    for trick in stages.rate:
        factor *= trick.rate(run)
    for group in run.optimizer.param_groups:
        group["lr"] = factor * group["peak"]
    for trick in stages.momentum_at:
        momentum = trick.momentum_at(progress)
        if momentum is not None:
            _set_momentum(run.optimizer, momentum)
    first = run.optimizer.param_groups[0]
    return float(first["lr"] / first["scale"])


def _set_momentum(optimizer: torch.optim.Optimizer, momentum: float) -> None:
    """Set the momentum, which Adam and its kin call beta 1."""
    for group in optimizer.param_groups:
        if "betas" in group:
            group["betas"] = (momentum, *group["betas"][1:])
        elif "momentum" in group:
            group["momentum"] = momentum


def augmented(run: Run, stages: Stages, samples: NDArray[np.int64]) -> Pictures:
    """Return the samples' pictures after geometry and colour.

    Raises:
        TrickError: The images have masks, and a trick cannot move these.
    """
    augmenting: Sequence[Trick] = stages.on_images
    for trick in stages.order_image_tricks:
        augmenting = trick.order_image_tricks(augmenting, run)
    return augment(run.pictures(samples), augmenting, samples, run)


def batch_of(run: Run, stages: Stages, samples: NDArray[np.int64]) -> Batch:
    """Return the examples as the network will see them: augmented, normalised, erased, mixed."""
    pictures = augmented(run, stages, samples)
    labels = _stored_targets(run, pictures, samples).to(run.device)
    targets = run.task.dense(labels, run.classes)
    batch = Batch(run.normalised(pictures), targets, labels, samples)
    for trick in stages.on_tensor:
        batch = trick.on_tensor(batch, run)
    mixed = False
    for trick in stages.on_batch:
        before = batch.targets
        batch = trick.on_batch(batch, run)
        mixed |= trick.slot == "mix" and batch.targets is not before
    batch.mixed = batch.targets if mixed else None
    for trick in stages.on_target:
        batch.targets = trick.on_target(batch.targets, run)
    batch.images = run.resized(batch.images)
    return batch


def _stored_targets(run: Run, pictures: Pictures, samples: NDArray[np.int64]) -> Tensor:
    """Return the samples' (N, ...) stored targets; maps as they were moved with the images."""
    if pictures.masks is not None:
        return torch.from_numpy(pictures.backend.to_numpy(pictures.masks))
    return torch.from_numpy(run.labels[samples % len(run.labels)])


def _backward(run: Run, stages: Stages, batches: list[Batch], hits: list[Tensor]) -> Tensor:
    """Add up the gradients of the mean loss over the update's batches; return that loss.

    Args:
        hits: Gets, of every batch that was mixed, how far each prediction agrees with the mixed
            target. Nothing waits for these numbers before the epoch ends.
    """
    total = torch.zeros((), device=run.device)
    examples = sum(len(batch.labels) for batch in batches)
    for run.forward, batch in enumerate(batches):
        run.reseed("forward", run.address)
        with run.autocast():
            logits = run.model(batch.images).float()
        if batch.mixed is not None and run.task.agreement:
            hits.append(run.task.agreements(logits.detach(), batch.mixed))
        loss = run.task.loss(logits, batch.targets)
        for trick in stages.on_loss:
            loss = trick.on_loss(loss, logits, batch, run)
        share = len(batch.labels) / examples
        torch.autograd.backward(loss * share)
        total += loss.detach() * share
    return total


def _again(run: Run, stages: Stages, batches: list[Batch]) -> None:
    run.optimizer.zero_grad(set_to_none=True)
    with frozen_statistics(run.model):
        _backward(run, stages, batches, [])
