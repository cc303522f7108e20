"""A third task, with a target for every pixel: which pixels are bright."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from autotrick.augment.pictures import IGNORE
from autotrick.data.dataset import Located, Resizing, SourceSplits
from autotrick.data.pixels import part_of
from autotrick.models import Architecture
from autotrick.models.base import Shape
from autotrick.tasks import Metric, Targets, Task, TaskSource, register
from autotrick.tricks.declare import Paper

BRIGHT = 128
SHARE = {"unit": "%", "factor": 100.0, "digits": 2, "difference": "points", "least": 0, "most": 1}
OVERLAP = Metric("mean_iou", "mean IoU", **SHARE)  # type: ignore[arg-type]
PIXELS = Metric("pixel_accuracy", "pixel accuracy", **SHARE)  # type: ignore[arg-type]


def locate(path: str, data_dir: Path | None, size: Resizing) -> Located:
    return Located("stripes", lambda: _read(size))


def _read(size: Resizing) -> SourceSplits:
    images = np.random.default_rng(1).integers(0, 256, (48, 6, 8, 1)).astype(np.uint8)
    return SourceSplits(("dark", "bright"), part_of(images, bright(images), size), task="stripes")


def bright(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (N, H, W) maps of (N, H, W, 1) images: 1 where a pixel is bright."""
    return (images[..., 0] >= BRIGHT).astype(np.uint8)


def _make(values: dict[str, Any], shape: Shape) -> nn.Module:
    return nn.Conv2d(shape.channels, shape.classes, 1)


class Stripes(Task):
    """Tell which pixels are bright; targets are (N, H, W) class numbers."""

    name = "stripes"
    metrics = (OVERLAP, PIXELS)
    dtype = "|u1"
    spatial = True
    sources = (TaskSource("stripes", "noise", "https://example.org", locate),)
    architectures = (
        Architecture(
            "one_layer",
            "one linear layer for every pixel",
            (Paper("None", "Nobody", 2026, "https://example.org"),),
            (),
            _make,
        ),
    )
    tricks = frozenset({"mixup"})
    agreement = "mixed_pixel_accuracy"

    def fault(self, targets: Targets, size: tuple[int, int], classes: int) -> str | None:
        if targets.shape[1:] != size:
            return f"must be maps of {size}, but are of {targets.shape[1:]}"
        return None if (targets < classes).all() else "name classes that are not there"

    def dense(self, targets: Tensor, outputs: int) -> Tensor:
        known = targets != IGNORE
        rows = functional.one_hot((targets * known).long(), outputs) * known[..., None]
        return rows.permute(0, 3, 1, 2).float()

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        return -(targets * logits.log_softmax(1)).sum(1).mean()

    def agreements(self, logits: Tensor, targets: Tensor) -> Tensor:
        return targets.gather(1, logits.argmax(1, keepdim=True)).mean((1, 2, 3))

    def accumulator(self, device: torch.device) -> "_Confusion":
        return _Confusion(device)


class _Confusion:
    def __init__(self, device: torch.device) -> None:
        self._images = 0
        self._counts = torch.zeros(2, 2, dtype=torch.int64, device=device)
        self._loss = torch.zeros((), dtype=torch.float64, device=device)

    def update(self, logits: Tensor, targets: Tensor) -> None:
        self._images += len(targets)
        pairs = 2 * targets.long() + logits.argmax(1)
        self._counts += torch.bincount(pairs.flatten(), minlength=4).view(2, 2)
        self._loss += len(targets) * STRIPES.loss(logits, STRIPES.dense(targets, 2)).double()

    def metrics(self) -> dict[str, float]:
        counts = self._counts.double()
        right = counts.diag()
        overlap = right / (counts.sum(0) + counts.sum(1) - right)
        return {
            OVERLAP.name: float(overlap.nan_to_num().mean()),
            PIXELS.name: float(right.sum() / counts.sum()),
        }

    def loss(self) -> float:
        return float(self._loss) / self._images


STRIPES = Stripes()
register(STRIPES)
