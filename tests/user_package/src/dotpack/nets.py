"""A network that looks for dots."""

from torch import Tensor, nn

from dotpack.layers import block


class DotNet(nn.Module):
    """Two convolutions, then a linear layer."""

    def __init__(self, num_classes: int, in_chans: int = 1, width: int = 8) -> None:
        super().__init__()
        self.body = nn.Sequential(block(in_chans, width), block(width, width))
        self.head = nn.Linear(width, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.head(self.body(images).mean((2, 3)))
        return logits
