"""One training run, as tricks see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.backend import CPU
from autotrick.augment.pictures import Pictures
from autotrick.lazy import functional, torch
from autotrick.random_streams import Stream
from autotrick.recipe import Recipe
from autotrick.tasks import CLASSIFICATION, Task

if TYPE_CHECKING:
    from torch import Tensor, nn

Images = NDArray[np.uint8]

_MULTIPLE, _LEAST = 4, 8


@dataclass(slots=True)
class Batch:
    """Hold the examples of one forward pass, on the device.

    Attributes:
        images: (N, C, H, W) floats, normalised per channel.
        targets: (N, K, ...) floats, as the task makes them dense; of classes each row is a
            distribution over the K of them.
        labels: (N, ...) stored targets before any mixing: class numbers.
        samples: (N,) row numbers in the training split, which address draws; on the CPU.
        mixed: (N, K, ...) targets before label smoothing and similar tricks, if a trick of slot `mix` has
            mixed the batch; set by the trainer.
    """

    images: Tensor
    targets: Tensor
    labels: Tensor
    samples: NDArray[np.int64]
    mixed: Tensor | None = None


@dataclass(slots=True)
class Group:
    """Hold parameters that share their optimizer settings.

    Attributes:
        names: Names of the parameters, as `model.named_parameters` gives them.
        weight_decay: Overrides the recipe's weight decay.
        lr_scale: Factor on the learning rate of every update.
    """

    names: list[str]
    parameters: list[nn.Parameter]
    weight_decay: float
    lr_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Locate an update in the trial. Schedules are functions of this alone.

    Attributes:
        update: Counted from 0.
        updates: Number of updates in the trial.
        warmup: Number of updates in the warmup.
        per_epoch: Number of updates per epoch.
    """

    update: int
    updates: int
    warmup: int
    per_epoch: int

    @property
    def fraction(self) -> float:
        """Return the completed share of the trial, in [0, 1)."""
        return self.update / self.updates

    @property
    def decay(self) -> float:
        """Return the completed share of the time after the warmup, in [0, 1): 0 during the warmup."""
        return max(0, self.update - self.warmup) / max(1, self.updates - self.warmup)


@dataclass
class Run:
    """One training run, as tricks see it.

    Attributes:
        classes: Number K of outputs of the network: one for each class.
        channels: Channels of the images, 1 or 3.
        mean: (C,) that `normalised` subtracts, in [0, 1]: the mean of the training images, or what
            pretrained weights expect.
        std: (C,) that it divides by: their standard deviation, or what pretrained weights expect.
        statistics: Mean and standard deviation of the training images.
        updates: Number of optimizer updates in the trial.
        per_epoch: Updates per epoch; of the first epoch if a trick enlarges the batch.
        starts: The first update of every epoch, followed by the number of updates.
        window: The largest number of batches that an update accumulates.
        warmup: Number of updates in the warmup.
        update: The current update, counted from 0.
        epoch: The current epoch, counted from 0.
        model: The network; set before `on_groups`.
        optimizer: Set before `on_start`.
        state: What tricks keep between updates, by trick name and a key of the trick: tensors,
            numbers, strings, lists and dicts of them. Every checkpoint stores it.
        scratch: Like `state`, but rebuilt by `on_start` and not in checkpoints (a teacher, for
            example).
        metrics: Numbers that tricks add to the epoch's report; cleared after every epoch.
        notes: Numbers for the whole trial, such as how many layers a trick changed; in every epoch's
            report. Set by `on_model` or `on_start`.
        network: Returns the network that predicts from an autotrick checkpoint file, in evaluation
            mode on the device, for whole images. Raises RecipeError if its checksum does not begin
            with the given one or if it was trained on other data.
        images: (N, H, W, C) uint8 training images, read-only.
        labels: (N, ...) stored targets of the training images: class numbers.
        task: What is learnt.
        masks: (N, H, W) uint8 masks of the images, read-only, which image tricks transform with them;
            None if the data have none.
        forward: Number of the batch within the update, counted from 0; above 0 only with gradient
            accumulation.
    """

    recipe: Recipe
    classes: int
    channels: int
    image_size: tuple[int, int]
    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    updates: int
    per_epoch: int
    device: torch.device
    warmup: int = 0
    update: int = 0
    epoch: int = 0
    model: nn.Module = field(init=False)
    optimizer: torch.optim.Optimizer = field(init=False)
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    scratch: dict[str, dict[str, Any]] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    notes: dict[str, float] = field(default_factory=dict)
    network: Callable[[str, str], nn.Module] = field(init=False)
    statistics: tuple[NDArray[np.float32], NDArray[np.float32]] = field(init=False)
    images: Images = field(init=False)
    labels: NDArray[np.int64] = field(init=False)
    masks: NDArray[np.uint8] | None = None
    forward: int = 0
    starts: tuple[int, ...] = ()
    window: int = 1
    task: Task = CLASSIFICATION
    _scale: Tensor | None = field(default=None, init=False, repr=False)

    def stream(self, name: str) -> Stream:
        """Return the random stream of this name; the same for the whole trial."""
        return Stream(self.recipe.seed, name)

    def generator(self, name: str) -> np.random.Generator:
        """Return a generator of this stream for draws that the current batch shares."""
        return self.stream(name).generator(self.address)

    def reseed(self, name: str, update: int) -> None:
        """Seed torch's own generators from the named stream, for dropout for example.

        Avoids `torch.manual_seed`, which queries every kind of device; for a small network that took
        3 % of an update.
        """
        seed = self.stream(name).torch_seed(update)
        torch.default_generator.manual_seed(seed)
        if self.device.type == "cuda":
            torch.cuda.manual_seed(seed)

    @property
    def address(self) -> int:
        """Return a number that identifies the current batch within the trial."""
        return self.update * max(self.window, self.recipe.accumulation) + self.forward

    def pictures(self, samples: NDArray[np.int64]) -> Pictures:
        """Return copies of the samples' images before any trick, with their masks if there are any.

        Args:
            samples: (N,) row numbers in the training split; further copies of a row may add multiples
                of the number of rows.
        """
        rows = samples % len(self.labels)
        return Pictures(self.images[rows], None if self.masks is None else self.masks[rows])

    def normalised(self, images: Images | Pictures) -> Tensor:
        """Return (N, H, W, C) uint8 images as network input: (N, C, H, W) floats.

        Each channel of the training split has mean 0 and standard deviation 1, unless the network's
        pretrained weights expect another normalisation.
        """
        pixels = images.to_numpy() if isinstance(images, Pictures) else images
        writable = np.require(pixels, requirements=["C", "W"])  # copies rows of a memory map
        way = self._on_cpu if self.device.type == "cpu" else self._on_device
        return self.to_memory_format(way(writable))

    def pixels(self, images: Tensor) -> Images:
        """Invert `normalised`: return (N, H, W, C) uint8, rounded and clipped."""
        shift, spread = (torch.from_numpy(255 * x).to(images.device) for x in (self.mean, self.std))
        levels = images.float().permute(0, 2, 3, 1) * spread + shift
        found: Images = levels.round().clamp(0, 255).byte().cpu().numpy()
        return found

    def normalise_by(self, mean: Sequence[float], std: Sequence[float]) -> None:
        """Use this mean and standard deviation per channel from now on."""
        self.mean, self.std = np.asarray(mean, np.float32), np.asarray(std, np.float32)
        self._scale = None

    def normalises_like(self, other: Run) -> bool:
        """Return whether another run normalises images in the same way."""
        return np.array_equal(self.mean, other.mean) and np.array_equal(self.std, other.std)

    def renormalised(self, images: Tensor, other: Run) -> Tensor:
        """Return (N, C, H, W) images that another run normalised, as this one normalises them."""
        factor, shift = (
            torch.from_numpy(part)[:, None, None].to(images.device, images.dtype)
            for part in (other.std / self.std, (other.mean - self.mean) / self.std)
        )
        return self.to_memory_format(images * factor + shift)

    def to_memory_format(self, images: Tensor) -> Tensor:
        """Return (N, C, H, W) images in the memory format that the recipe asks for."""
        layout = torch.channels_last if self.recipe.channels_last else torch.contiguous_format
        return images.contiguous(memory_format=layout)

    def seen_size(self) -> tuple[int, int]:
        """Return the height and width of images in the current epoch, apart from tricks.

        Below the recipe's last rung they are multiples of 4 pixels and at least 8, unless whole
        images are smaller.
        """
        scale = sqrt(self.recipe.share("image_size", self.epoch))
        if scale == 1:
            return self.image_size
        small = (
            max(_LEAST, _MULTIPLE * round(scale * side / _MULTIPLE)) for side in self.image_size
        )
        height, width = map(min, zip(small, self.image_size, strict=True))
        return height, width

    def resized(self, images: Tensor) -> Tensor:
        """Return (N, C, H, W) images, shrunk to the current epoch's size if they are larger."""
        whole = (images.shape[2], images.shape[3])
        height, width = map(min, zip(whole, self.seen_size(), strict=True))
        if (height, width) == whole:
            return images
        size = [height, width]
        small = functional.interpolate(images, size, mode="bilinear", antialias=True)
        return self.to_memory_format(small)

    def as_evaluated(self, images: Tensor) -> Tensor:
        """Return whole (N, C, H, W) images as the network sees them in evaluation.

        Cuts out the centre if tricks train on smaller parts, then shrinks it to the current epoch's
        size. This is the order used in training.
        """
        return self.resized(self.middle(images))

    def middle(self, images: Tensor) -> Tensor:
        """Return the centre of (N, C, H, W) images, as large as the parts that the network receives."""
        height, width = self.image_size
        down, right = images.shape[2] - height, images.shape[3] - width
        if down <= 0 and right <= 0:
            return images
        top, left = max(0, down) // 2, max(0, right) // 2
        return self.to_memory_format(images[:, :, top : top + height, left : left + width])

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context of a forward pass: bfloat16 if the recipe says so."""
        low = self.recipe.precision == "bf16"
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=low)

    def _on_cpu(self, images: Images) -> Tensor:
        """Return the same floats as `_on_device`, bit for bit, in a tenth of the time."""
        floats = CPU.normalise(images, 255 * self.mean, 255 * self.std)
        return torch.from_numpy(floats).permute(0, 3, 1, 2)

    def _on_device(self, images: Images) -> Tensor:
        if self._scale is None:
            scale = torch.from_numpy(255 * np.stack([self.mean, self.std]))
            self._scale = scale.to(self.device)[:, :, None, None]
        shift, spread = self._scale
        pixels = torch.from_numpy(images).to(self.device)
        return pixels.permute(0, 3, 1, 2).float().sub_(shift).div_(spread)
