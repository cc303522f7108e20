"""One training run, as tricks see it."""

from __future__ import annotations

from collections.abc import Callable
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
    """The examples of one forward pass, on the device.

    Attributes:
        images: (N, C, H, W) floats, normalised per channel.
        targets: (N, K, ...) floats, as the task makes them dense; of classes each row is a
            distribution over the K of them.
        labels: (N, ...) the stored targets before any mixing: class numbers.
        samples: (N,) row numbers in the training split, for addressed draws; on the CPU.
        mixed: (N, K, ...) targets before label smoothing and its kin, where a trick of slot `mix` has
            mixed the batch; the trainer sets it.
    """

    images: Tensor
    targets: Tensor
    labels: Tensor
    samples: NDArray[np.int64]
    mixed: Tensor | None = None


@dataclass(slots=True)
class Group:
    """Parameters that share their optimizer settings.

    Attributes:
        names: Of the parameters, as `model.named_parameters` gives them.
        weight_decay: Overrides the recipe's.
        lr_scale: Factor on the learning rate of every update.
    """

    names: list[str]
    parameters: list[nn.Parameter]
    weight_decay: float
    lr_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where in the trial an update stands. Schedules are functions of this alone.

    Attributes:
        update: Counted from 0.
        updates: All updates of the trial.
        warmup: Updates that belong to the warmup.
        per_epoch: Updates of one epoch.
    """

    update: int
    updates: int
    warmup: int
    per_epoch: int

    @property
    def fraction(self) -> float:
        """Share of the trial that is behind, in [0, 1)."""
        return self.update / self.updates

    @property
    def decay(self) -> float:
        """Share of the time after the warmup that is behind, in [0, 1): 0 during the warmup."""
        return max(0, self.update - self.warmup) / max(1, self.updates - self.warmup)


@dataclass
class Run:
    """One training run, as tricks see it.

    Attributes:
        classes: Number K of values that the network gives: one for each class.
        channels: Of the images, 1 or 3.
        mean: (C,) mean of the training images, in [0, 1].
        std: (C,) their standard deviation.
        updates: All optimizer updates of the trial.
        per_epoch: Updates of one epoch; of the first, when a trick lets the batch grow.
        starts: The first update of every epoch, and the number of updates at the end.
        window: The most batches that an update sums up.
        warmup: Updates that belong to the warmup.
        update: The current update, counted from 0.
        epoch: The current epoch, counted from 0.
        model: The network; set before `on_groups`.
        optimizer: Set before `on_start`.
        state: What tricks keep between updates, by trick name, then by a name of theirs: tensors,
            numbers, strings, lists and dicts of them. Every checkpoint carries it.
        scratch: Like `state`, but rebuilt by `on_start` and not in checkpoints (a teacher, say).
        metrics: Numbers that tricks want in the epoch's report; emptied after every epoch.
        notes: Numbers that hold for the whole trial, such as how many layers a trick changed; in
            every epoch's report. Set by `on_model` or `on_start`.
        network: Returns the network that a checkpoint file of ours would predict with, in
            evaluation mode on the device, which takes whole images; raises a RecipeError when its
            checksum does not begin with the given one, or when it was trained on other data.
        images: (N, H, W, C) uint8 training images, read-only.
        labels: (N, ...) their stored targets: class numbers.
        task: What is learnt.
        masks: (N, H, W) uint8 masks of the images, read-only, which image tricks move with them; None
            if the data have none.
        forward: Which batch of the update this is, counted from 0; above 0 only when gradients are
            accumulated.
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
    images: Images = field(init=False)
    labels: NDArray[np.int64] = field(init=False)
    masks: NDArray[np.uint8] | None = None
    forward: int = 0
    starts: tuple[int, ...] = ()
    window: int = 1
    task: Task = CLASSIFICATION
    _scale: Tensor | None = field(default=None, init=False, repr=False)

    def stream(self, name: str) -> Stream:
        """Return the draws of the named consumer; the same for the whole trial."""
        return Stream(self.recipe.seed, name)

    def generator(self, name: str) -> np.random.Generator:
        """Return the consumer's draws that the current batch shares."""
        return self.stream(name).generator(self.address)

    def reseed(self, name: str, update: int) -> None:
        """Let the named stream decide what torch's own generators draw next, for dropout say.

        Without `torch.manual_seed`, which asks every kind of device there could be: for a small
        network that took 3 % of an update.
        """
        seed = self.stream(name).torch_seed(update)
        torch.default_generator.manual_seed(seed)
        if self.device.type == "cuda":
            torch.cuda.manual_seed(seed)

    @property
    def address(self) -> int:
        """A number for the current batch that no other batch of the trial has."""
        return self.update * max(self.window, self.recipe.accumulation) + self.forward

    def pictures(self, samples: NDArray[np.int64]) -> Pictures:
        """Return copies of the samples' images before any trick, with their masks if they have some.

        Args:
            samples: (N,) row numbers in the training split; further copies of a row may add multiples
                of the number of rows.
        """
        rows = samples % len(self.labels)
        return Pictures(self.images[rows], None if self.masks is None else self.masks[rows])

    def normalised(self, images: Images | Pictures) -> Tensor:
        """Return (N, H, W, C) uint8 images as the network takes them: (N, C, H, W) floats.

        Each channel has the training split's mean 0 and standard deviation 1.
        """
        pixels = images.to_numpy() if isinstance(images, Pictures) else images
        writable = np.require(pixels, requirements=["C", "W"])  # copies rows of a memory map
        way = self._on_cpu if self.device.type == "cpu" else self._on_device
        return self.to_memory_format(way(writable))

    def pixels(self, images: Tensor) -> Images:
        """Return what `normalised` made these images of: (N, H, W, C) uint8, rounded and clipped."""
        shift, spread = (torch.from_numpy(255 * x).to(images.device) for x in (self.mean, self.std))
        levels = images.float().permute(0, 2, 3, 1) * spread + shift
        found: Images = levels.round().clamp(0, 255).byte().cpu().numpy()
        return found

    def to_memory_format(self, images: Tensor) -> Tensor:
        """Return (N, C, H, W) images in the order of memory that the recipe asks for."""
        layout = torch.channels_last if self.recipe.channels_last else torch.contiguous_format
        return images.contiguous(memory_format=layout)

    def seen_size(self) -> tuple[int, int]:
        """Return height and width of the images that the current epoch sees, whatever tricks do.

        Below the recipe's last rung they are multiples of 4 pixels, and 8 at least, where the whole
        images are larger.
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
        """Return (N, C, H, W) images no larger than the current epoch sees them."""
        whole = (images.shape[2], images.shape[3])
        height, width = map(min, zip(whole, self.seen_size(), strict=True))
        if (height, width) == whole:
            return images
        size = [height, width]
        small = functional.interpolate(images, size, mode="bilinear", antialias=True)
        return self.to_memory_format(small)

    def as_evaluated(self, images: Tensor) -> Tensor:
        """Return whole (N, C, H, W) images as the network sees them when it is evaluated.

        Their middle where tricks cut smaller parts out of them to train on, no larger than the
        current epoch sees it. In this order, which is the order of training.
        """
        return self.resized(self.middle(images))

    def middle(self, images: Tensor) -> Tensor:
        """Return the middle of (N, C, H, W) images, as large as the parts that the network gets."""
        height, width = self.image_size
        down, right = images.shape[2] - height, images.shape[3] - width
        if down <= 0 and right <= 0:
            return images
        top, left = max(0, down) // 2, max(0, right) // 2
        return self.to_memory_format(images[:, :, top : top + height, left : left + width])

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context of a forward pass: bfloat16 where the recipe says so."""
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
