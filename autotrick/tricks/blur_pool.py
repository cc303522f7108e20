"""Blur pooling: smooth maps before every other pixel is dropped.

A max pool or a convolution of stride 2 works at stride 1, and a blur of (1 2 1) / 4 in both
directions then takes every other pixel. Differs: the blur follows the convolution and not the
nonlinearity after it. In front of a 1x1 convolution it comes before, which is the same and cheaper.
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
    """Blur maps where they are halved."""

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
    """Return the layer that blurs and takes every other pixel."""

    class Blur(nn.Module):
        """Halves (N, C, H, W) maps, rounding up, and once more if `ceil` as pools do."""

        kernel: Tensor

        def __init__(self, *, ceil: bool = False) -> None:
            super().__init__()
            line = torch.tensor([1.0, 2.0, 1.0]) / 4
            self.register_buffer("kernel", line[:, None] * line, persistent=False)
            self.after = 2 if ceil else 1

        def forward(self, maps: Tensor) -> Tensor:
            # A border cannot show more pixels than there are beside it.
            mode = "reflect" if min(maps.shape[2:]) > self.after else "replicate"
            framed = functional.pad(maps, (1, self.after, 1, self.after), mode)
            channels = maps.shape[1]
            kernel = self.kernel.to(maps.dtype).expand(channels, 1, 3, 3)
            return functional.conv2d(framed, kernel, stride=2, groups=channels)

    return Blur
