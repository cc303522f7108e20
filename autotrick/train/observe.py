"""Observe a training for TensorBoard: distributions, losses, rate, speed, and images.

An observer only looks. It reads what the loop has computed, draws no random number and adds nothing to a
checkpoint, so the weights are those of an unobserved training, bit for bit. Where looking takes time
(distributions and images) it looks at the last update of each epoch only.

Every step of the event files is a number of updates. A trial that goes on from a checkpoint begins a file
whose first event tells readers to drop what an earlier attempt has written after that checkpoint.

tensorboardX, which Ray Tune brings, encodes the events; they are written here at once and not by its
thread, whose `flush` does not wait and which waits without end on a full disk.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autotrick.atomic_file import whole_file
from autotrick.errors import ResourceError
from autotrick.observing import EVENTS, EVERY, SMOOTHED_LOSS, check_every, kinds_of
from autotrick.recipe import EpochReport
from autotrick.tricks import Batch, Run

SMOOTHING = 0.9
"""Share of the earlier mean in the smoothed loss, as in TensorFlow's CIFAR-10 tutorial."""
SAMPLE = 2**16
"""Values of a tensor that its distribution counts at most, evenly spaced; shares of zeros count all."""
BARS = 64
GRID = 25
"""Images of a grid at most."""
EXPLODING = 100.0
"""A gradient whose norm is so many times the median of the earlier ones is told of."""
_NORMS = 100
"""Earlier norms that the median is of."""


@dataclass(slots=True)
class Distribution:
    """What is counted of a tensor, or of several together.

    Attributes:
        count: Number of values.
        zeros: How many of them are 0.
        infinite: How many of them are infinite or NaN.
        sample: Finite values, at most SAMPLE of each tensor.
    """

    count: int = 0
    zeros: int = 0
    infinite: int = 0
    sample: list[NDArray[np.float32]] = field(default_factory=list)

    def add(self, values: Tensor) -> None:
        """Count a tensor's values."""
        flat = values.detach().flatten()
        finite = torch.isfinite(flat)
        self.count += len(flat)
        self.zeros += int((flat == 0).sum())
        self.infinite += len(flat) - int(finite.sum())
        step = max(1, -(-len(flat) // SAMPLE))
        kept = flat[::step][finite[::step]]
        self.sample.append(kept.float().cpu().numpy())

    @property
    def sparsity(self) -> float:
        """The share of zeros, in [0, 1]."""
        return self.zeros / self.count

    def bars(self) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        """Return the sample, and its counts between edges: one edge more than counts."""
        # In single precision, values that differ in their last bit have no room for edges.
        values = np.concatenate(self.sample).astype(np.float64)
        counts, edges = np.histogram(values, bins=BARS)
        return values, counts, edges


class Observer:
    """Writes what happens in one attempt of a trial into event files of a folder.

    Args:
        folder: Made with the first event.
        kinds: Some of `autotrick.observing.KINDS`. Losses, rate and speed come with any of them.
        every: Updates between two values of the losses, the rate, the speed and the gradient's norm.

    Raises:
        ResourceError: A kind is unknown, or `every` is below 1. Its methods raise it where the folder
            cannot be written to.
    """

    def __init__(self, folder: Path, kinds: Collection[str], *, every: int = EVERY) -> None:
        self._folder, self._kinds, self._every = folder, kinds_of(kinds), check_every(every)
        self._writer: Any = None
        self._purge: int | None = None
        self._smoothed: Tensor | None = None
        self._after: dict[int, float] = {}
        self._norms: list[float] = []
        self._clock: float | None = None
        self._examples = self._updates = 0

    def begin(self, run: Run, epochs: int) -> None:
        """Go on after this many epochs; what is already there of later ones is told to be dropped."""
        self._purge = run.starts[epochs] + 1
        self._after = {e: mean for e, mean in _read(self._folder).items() if e <= epochs}
        last = self._after.get(epochs)
        self._smoothed = None if last is None else torch.tensor(last, device=run.device)
        if run.recipe.compiled and "activations" in self._kinds:
            self._tell(run, "activations are not observed: the recipe compiles the network.")

    @contextmanager
    def forward(self, run: Run, batches: Sequence[Batch]) -> Iterator[None]:
        """Look at the images and activations of an epoch's last update while its loss is computed."""
        if not _is_last(run):
            yield
            return
        self._write_speed(run)
        if "images" in self._kinds:
            self._image("images/training", grid(run, batches[0].images[:GRID]), run.update + 1)
        if "activations" not in self._kinds or run.recipe.compiled:
            yield
            return
        found: dict[str, Distribution] = {}
        with _watched(run.model, found):
            yield
        for name, values in found.items():
            self._distribution("activations", name, values, run.update + 1)

    def gradients(self, run: Run) -> None:
        """Look at the gradients that the optimizer gets."""
        if "gradients" not in self._kinds:
            return
        if self._is_due(run.update + 1) or _is_last(run):
            self._norm(run)
        if not _is_last(run):
            return
        for name, weight in run.model.named_parameters():
            if weight.grad is None:
                continue
            values = Distribution()
            values.add(weight.grad)
            self._distribution("gradients", name, values, run.update + 1)
            if values.infinite:
                told = f"{values.infinite} of {values.count} gradients of {name} are not finite"
                self._tell(run, f"{told}. Lower base_lr.")

    def update(self, run: Run, loss: Tensor, lr: float, examples: int) -> None:
        """Write the loss, the rate and the speed of an update, if it is due; it is over."""
        earlier = self._smoothed
        self._smoothed = loss if earlier is None else torch.lerp(loss, earlier, SMOOTHING)
        if self._clock is not None:
            self._examples += examples
            self._updates += 1
        last = run.update == run.starts[run.epoch + 1]
        if self._is_due(run.update) or last:
            self._scalar("update/loss", float(loss), run.update)
            self._scalar("update/loss_smoothed", float(self._smoothed), run.update)
            self._scalar("update/lr", lr, run.update)
            if not last:
                self._write_speed(run)
        if last:
            self._clock = None
        elif self._clock is None:
            # The first update of an epoch warms up and is not counted.
            self._clock = time.perf_counter()

    def epoch(self, run: Run, report: EpochReport) -> None:
        """Write the weights and the report of an epoch that is over."""
        step = run.starts[report.epoch]
        if "weights" in self._kinds:
            for name, weight in run.model.named_parameters():
                values = Distribution()
                values.add(weight)
                self._distribution("weights", name, values, step)
        for name, value in {**report.extra, **report.curves()}.items():
            self._scalar(f"epoch/{name}", value, step)
        if self._smoothed is not None:
            self._after[report.epoch] = float(self._smoothed)
        with self._sentence():
            self._writer.flush()
            _write(self._folder, self._after)

    def close(self) -> None:
        """Close the file; a later event begins another one."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            with self._sentence():
                writer.close()

    def _is_due(self, update: int) -> bool:
        return update % self._every == 0

    def _write_speed(self, run: Run) -> None:
        """Write the speed since the last time, and begin to measure it anew."""
        if self._clock is None:
            return
        seconds = time.perf_counter() - self._clock
        if self._updates and seconds > 0:
            self._scalar("update/examples_per_second", self._examples / seconds, run.update)
            self._scalar("update/seconds", seconds / self._updates, run.update)
        self._examples = self._updates = 0
        self._clock = time.perf_counter()

    def _norm(self, run: Run) -> None:
        """Write the norm of the whole gradient, and tell when it explodes."""
        grads = [w.grad for w in run.model.parameters() if w.grad is not None]
        norm = float(
            torch.stack([torch.linalg.vector_norm(g.detach().float()) for g in grads]).norm()
        )
        self._scalar("update/gradient_norm", norm, run.update + 1)
        usual = median(self._norms) if self._norms else math.inf
        if norm > EXPLODING * usual > 0:
            told = (
                f"the gradient's norm is {norm:.3g}, {norm / usual:.3g} times its usual {usual:.3g}"
            )
            self._tell(run, f"{told}: it explodes. Lower base_lr, or switch on clip_norm.")
        if math.isfinite(norm):
            self._norms = [*self._norms, norm][-_NORMS:]

    def _distribution(self, kind: str, name: str, values: Distribution, step: int) -> None:
        from tensorboardX import summary

        self._scalar(f"{kind}_zeros/{name}", values.sparsity, step)
        if values.infinite:
            self._scalar(f"{kind}_not_finite/{name}", values.infinite / values.count, step)
        if not any(map(len, values.sample)):
            return
        wide, counts, edges = values.bars()
        made = summary.histogram_raw(
            f"{kind}/{name}",
            *(float(x) for x in (wide.min(), wide.max(), wide.size, wide.sum(), (wide**2).sum())),
            [float(edge) for edge in edges[1:]],
            [float(count) for count in counts],
        )
        self._event(made, step)

    def _scalar(self, tag: str, value: float, step: int) -> None:
        from tensorboardX import summary

        self._event(summary.scalar(tag, value), step)

    def _image(self, tag: str, pixels: NDArray[np.uint8], step: int) -> None:
        from tensorboardX import summary

        self._event(summary.image(tag, pixels, dataformats="HWC"), step)

    def _tell(self, run: Run, sentence: str) -> None:
        from tensorboardX import summary

        self._event(summary.text("notes", sentence), run.update + 1)

    def _event(self, made: Any, step: int) -> None:
        from tensorboardX.proto.event_pb2 import Event

        with self._sentence():
            if self._writer is None:
                self._writer = self._opened()
            self._writer.write_event(Event(wall_time=time.time(), step=step, summary=made))

    def _opened(self) -> Any:
        """Begin a file; the first one of an attempt says which earlier events hold no more."""
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto.event_pb2 import Event, SessionLog

        self._folder.mkdir(parents=True, exist_ok=True)
        # Readers take files by name, which has whole seconds: an attempt may begin within one of them.
        writer = EventsWriter(str(self._folder / EVENTS), f".{time.time_ns() % 10**9:09d}")
        if self._purge is not None:
            log = SessionLog(status=SessionLog.START)
            writer.write_event(Event(wall_time=time.time(), step=self._purge, session_log=log))
            self._purge = None
        return writer

    @contextmanager
    def _sentence(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ResourceError(
                f"what is observed cannot be written to {self._folder}: {error.strerror or error}. "
                "Make room there, or go on without: --observe none"
            ) from error


def grid(run: Run, images: Tensor) -> NDArray[np.uint8]:
    """Return (N, C, H, W) images that the network gets as one picture, (H', W', 3) uint8."""
    pixels = run.pixels(images.detach())
    pixels = pixels.repeat(3, axis=3) if pixels.shape[3] == 1 else pixels
    columns = math.ceil(math.sqrt(len(pixels)))
    rows = -(-len(pixels) // columns)
    framed = np.pad(pixels, ((0, rows * columns - len(pixels)), (0, 1), (0, 1), (0, 0)))
    height, width = framed.shape[1:3]
    lying = framed.reshape(rows, columns, height, width, 3).swapaxes(1, 2)
    return lying.reshape(rows * height, columns * width, 3)


@contextmanager
def _watched(model: nn.Module, found: dict[str, Distribution]) -> Iterator[None]:
    """Count the outputs of the network's innermost parts; all calls of one part together."""

    def hook(path: str) -> Callable[[nn.Module, Any, Any], None]:
        def count(_: nn.Module, __: Any, output: Any) -> None:
            if isinstance(output, Tensor) and output.numel():
                found.setdefault(path, Distribution()).add(output)

        return count

    handles = [
        part.register_forward_hook(hook(path))
        for path, part in model.named_modules()
        if path and not any(True for _ in part.children()) and not isinstance(part, _PASSING)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


_PASSING = (nn.Identity, nn.Flatten)
"""Parts whose output is their input."""


def _is_last(run: Run) -> bool:
    """Return whether the update that is under way is its epoch's last one."""
    return run.update + 1 == run.starts[run.epoch + 1]


def _read(folder: Path) -> dict[int, float]:
    """Return the smoothed loss after each epoch of earlier attempts; none if the file is damaged."""
    try:
        found = json.loads((folder / SMOOTHED_LOSS).read_text())
        return {int(epoch): float(mean) for epoch, mean in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _write(folder: Path, means: Mapping[int, float]) -> None:
    with whole_file(folder / SMOOTHED_LOSS) as partial:
        partial.write_text(json.dumps(means))
