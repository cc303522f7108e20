"""A second task, all of it: regression on the mean brightness of an image.

Nothing of autotrick knows it. Whoever needs it imports this module, or names it in the environment
variable AUTOTRICK_TASKS.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from autotrick.data.dataset import Located, Resizing, SourceSplits
from autotrick.data.pixels import part_of
from autotrick.errors import DataError
from autotrick.tasks import Metric, Targets, Task, TaskSource, register

LEVELS = 255.0
ERROR = Metric(
    "mean_absolute_error",
    "mean absolute error",
    larger=False,
    unit="grey levels",
    digits=2,
    least=0.0,
)


def locate(path: str, data_dir: Path | None, size: Resizing) -> Located:
    """Return grey images of many brightnesses; `brightness:60` are 60 of them."""
    if not path.isdecimal():
        raise DataError(f"brightness takes a number of images, but got {path!r}.")
    return Located(f"brightness {path}", lambda: _read(int(path), size))


def _read(count: int, size: Resizing) -> SourceSplits:
    rng = np.random.default_rng(0)
    level = rng.uniform(40, 215, (count, 1, 1, 1))
    images = (level + rng.normal(0, 20, (count, 16, 16, 1))).clip(0, 255).astype(np.uint8)
    return SourceSplits((), part_of(images, means(images), size), task="brightness")


def means(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (N,) means of (N, H, W, C) images."""
    found: NDArray[np.float32] = images.mean((1, 2, 3), dtype=np.float64).astype(np.float32)
    return found


class Brightness(Task):
    """Tell how bright an image is on average; targets are (N,) grey levels."""

    name = "brightness"
    summary = "the mean grey level of an image"
    metrics = (ERROR,)
    dtype = "<f4"
    sources = (TaskSource("brightness", "grey noise", "https://example.org", locate, path=True),)
    tricks = frozenset({"mixup"})  # the mean of a blend is the blend of the means

    def outputs(self, classes: int) -> int:
        return 1

    def fault(self, targets: Targets, size: tuple[int, int], classes: int) -> str | None:
        return None if np.isfinite(targets).all() else "must be finite"

    def dense(self, targets: Tensor, outputs: int) -> Tensor:
        return targets[:, None] / LEVELS

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        return functional.mse_loss(logits, targets)

    def accumulator(self, device: torch.device) -> "_Errors":
        return _Errors(device)

    def told(self, target: NDArray[np.float32], classes: Sequence[str]) -> str:
        return f"{LEVELS * target[0]:.0f} grey levels"


class _Errors:
    def __init__(self, device: torch.device) -> None:
        self._images = 0
        self._absolute, self._square = torch.zeros(2, dtype=torch.float64, device=device)

    def update(self, logits: Tensor, targets: Tensor) -> None:
        self._images += len(targets)
        apart = logits[:, 0].double() - targets.double() / LEVELS
        self._absolute += apart.abs().sum()
        self._square += apart.square().sum()

    def metrics(self) -> dict[str, float]:
        return {ERROR.name: LEVELS * float(self._absolute) / self._images}

    def loss(self) -> float:
        return float(self._square) / self._images


BRIGHTNESS = Brightness()
register(BRIGHTNESS)
