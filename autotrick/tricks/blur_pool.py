"""Blur pooling: smooth feature maps before downsampling them by two.

Max pools and convolutions of stride 2 run at stride 1; a (1 2 1) / 4 blur in both directions then
takes every other pixel. A blur moves in front of a 1x1 convolution, which gives the same result
faster. Differs: the blur follows the convolution instead of the activation after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from autotrick.lazy import functional, nn, torch
from autotrick.tricks.base import Run, Trick
from autotrick.tricks.papers import ZHANG_2019_BLUR_POOL
from autotrick.tricks.surgery import is_plain_convolution, replace

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


@dataclass(frozen=True, kw_only=True)
class BlurPool(Trick):
    """Blur feature maps before downsampling them."""

    name = "blur_pool"
    papers = (ZHANG_2019_BLUR_POOL,)
    cost = 1.4
    position = 14
    expert = False

    def on_model(self, model: Module, run: Run) -> Module:
        count = replace(model, _halves, _blurred)
        run.notes[f"{self.name}.layers"] = count
        return model


def _halves(module: Any) -> bool:
    pool = isinstance(module, nn.MaxPool2d) and module.dilation in (1, (1, 1))
    return (pool or is_plain_convolution(module)) and module.stride in (2, (2, 2))


def _blurred(module: Any) -> Module:
    if isinstance(module, nn.MaxPool2d):
        dense = nn.MaxPool2d(module.kernel_size, 1, module.padding)
        return nn.Sequential(dense, blur()(ceil=module.ceil_mode))
    module.stride = (1, 1)
    if module.kernel_size == (1, 1) and module.padding in ((0, 0), "valid"):
        return nn.Sequential(blur()(), module)
    return nn.Sequential(module, blur()())


@cache
def blur() -> Any:
    """Return the layer that blurs maps and takes every other pixel."""

    class Blur(nn.Module):
        """Blur and halve (N, C, H, W) maps, rounding up, and once more if `ceil` as pools do."""

        kernel: Tensor

        def __init__(self, *, ceil: bool = False) -> None:
            super().__init__()
            line = torch.tensor([1.0, 2.0, 1.0]) / 4
            self.register_buffer("kernel", line[:, None] * line, persistent=False)
            self.after = 2 if ceil else 1

        def forward(self, maps: Tensor) -> Tensor:
            # Reflection cannot pad by more pixels than a map has beside its border.
            mode = "reflect" if min(maps.shape[2:]) > self.after else "replicate"
            framed = functional.pad(maps, (1, self.after, 1, self.after), mode)
            channels = maps.shape[1]
            kernel = self.kernel.to(maps.dtype).expand(channels, 1, 3, 3)
            return functional.conv2d(framed, kernel, stride=2, groups=channels)

    return Blur
