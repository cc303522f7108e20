"""The networks of the catalogue."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def lenet5(channels: int, classes: int, height: int, width: int, widths: tuple) -> nn.Module:
    """LeNet-5 with ReLU and max-pooling."""
    first, second, third, fourth = widths
    rows, columns = ((side // 2 - 4) // 2 for side in (height, width))
    return nn.Sequential(
        nn.Conv2d(channels, first, 5, padding=2),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(first, second, 5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(second * rows * columns, third),
        nn.ReLU(),
        nn.Linear(third, fourth),
        nn.ReLU(),
        nn.Linear(fourth, classes),
    )


class Scale(nn.Module):
    """Shrink the logits, so that training starts from uniform predictions."""

    def forward(self, logits: Tensor) -> Tensor:
        return logits * (1 / 9)


def fastnet(channels: int, classes: int, widths: tuple) -> nn.Module:
    """Seven convolutions with batch norm and GELU, as used for training speed records."""
    before, *blocks = widths
    layers: list[nn.Module] = [nn.Conv2d(channels, before, 3, padding=1), nn.GELU()]
    for width in blocks:
        layers += [
            nn.Conv2d(before, width, 3, padding=1, bias=False),
            nn.MaxPool2d(2, ceil_mode=True),
            nn.BatchNorm2d(width),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.GELU(),
        ]
        before = width
    head = nn.Linear(before, classes, bias=False)
    return nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), head, Scale())


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut that has no weights."""

    def __init__(self, before: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu1, self.relu2 = nn.ReLU(), nn.ReLU()
        self.stride, self.added = stride, channels - before

    def forward(self, images: Tensor) -> Tensor:
        inside = self.relu1(self.bn1(self.conv1(images)))
        inside = self.bn2(self.conv2(inside))
        short = images[:, :, :: self.stride, :: self.stride]
        if self.added:
            low = self.added // 2
            short = F.pad(short, (0, 0, 0, 0, low, self.added - low))
        return self.relu2(inside + short)


def resnet20(channels: int, classes: int, widths: tuple) -> nn.Module:
    """The residual network with 20 layers (He et al., 2016, section 4.2)."""
    before = widths[0]
    layers: list[nn.Module] = [
        nn.Conv2d(channels, before, 3, padding=1, bias=False),
        nn.BatchNorm2d(before),
        nn.ReLU(),
    ]
    for stage, width in enumerate(widths):
        for i in range(3):
            layers.append(ResidualBlock(before, width, 2 if stage and i == 0 else 1))
            before = width
    head = nn.Linear(before, classes)
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    return model


class ShakeDropBlock(nn.Module):
    """A bottleneck whose branch is randomly perturbed, with a shortcut without weights."""

    def __init__(self, before: int, channels: int, stride: int, keep: float) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.BatchNorm2d(before),
            nn.Conv2d(before, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels * 4, 1, bias=False),
            nn.BatchNorm2d(channels * 4),
        )
        self.stride, self.keep = stride, keep

    def forward(self, images: Tensor) -> Tensor:
        shaken = self.shaken(self.branch(images))
        short = F.avg_pool2d(images, self.stride, ceil_mode=True)
        return shaken + F.pad(short, (0, 0, 0, 0, 0, shaken.shape[1] - short.shape[1]))

    def shaken(self, values: Tensor) -> Tensor:
        """Return values and their gradient with random factors (Yamada et al., 2018)."""
        if self.keep == 1:
            return values
        if not self.training:
            return values * self.keep
        passes = (torch.rand(()) < self.keep).to(values.dtype)
        draws = torch.rand((2, len(values), 1, 1, 1), dtype=values.dtype)
        forward = passes + (1 - passes) * (2 * draws[0] - 1)
        backward = passes + (1 - passes) * draws[1]
        return backward * values + ((forward - backward) * values).detach()


def pyramidnet(channels: int, classes: int, depth: int, widening: int, keep: float) -> nn.Module:
    """PyramidNet with ShakeDrop (Han et al., 2017): channels grow with every block."""
    blocks, before = (depth - 2) // 9, 16
    layers: list[nn.Module] = [
        nn.Conv2d(channels, before, 3, padding=1, bias=False),
        nn.BatchNorm2d(before),
    ]
    for number in range(1, 3 * blocks + 1):
        width = round(16 + widening * number / (3 * blocks))
        stride = 2 if number in (blocks + 1, 2 * blocks + 1) else 1
        own = 1 - number / (3 * blocks) * (1 - keep)
        layers.append(ShakeDropBlock(before, width, stride, own))
        before = width * 4
    layers += [nn.BatchNorm2d(before), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    model = nn.Sequential(*layers, nn.Linear(before, classes))
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model


class ShakeShortcut(nn.Module):
    """Take half of the channels from every kept pixel and half from its lower right neighbour."""

    def __init__(self, before: int, channels: int, stride: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.even = nn.Conv2d(before, channels // 2, 1, bias=False)
        self.odd = nn.Conv2d(before, channels - channels // 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.stride = stride

    def forward(self, images: Tensor) -> Tensor:
        images = self.relu(images)
        moved = F.pad(images, (0, 1, 0, 1))[:, :, 1:, 1:]
        even, odd = (part[:, :, :: self.stride, :: self.stride] for part in (images, moved))
        return self.norm(torch.cat((self.even(even), self.odd(odd)), 1))


def shake_branch(before: int, channels: int, stride: int) -> nn.Module:
    """Return one of the two branches of a block."""
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(before, channels, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
    )


class ShakeBlock(nn.Module):
    """Two branches, mixed by random shares that differ forward and backward."""

    def __init__(self, before: int, channels: int, stride: int) -> None:
        super().__init__()
        self.one = shake_branch(before, channels, stride)
        self.other = shake_branch(before, channels, stride)
        same = before == channels and stride == 1
        self.short = nn.Identity() if same else ShakeShortcut(before, channels, stride)

    def forward(self, images: Tensor) -> Tensor:
        one, other = self.one(images), self.other(images)
        if not self.training:
            return self.short(images) + (one + other) / 2
        short = self.short(images)
        forward, backward = torch.rand((2, len(one), 1, 1, 1), dtype=one.dtype)
        apart = one - other
        return short + (other + backward * apart + ((forward - backward) * apart).detach())


def shake_shake(channels: int, classes: int, base_channels: int) -> nn.Module:
    """Shake-Shake with 26 layers (Gastaldi, 2017)."""
    before = 16
    layers: list[nn.Module] = [
        nn.Conv2d(channels, before, 3, padding=1, bias=False),
        nn.BatchNorm2d(before),
    ]
    for stage in range(3):
        for i in range(4):
            width = base_channels * 2**stage
            layers.append(ShakeBlock(before, width, 2 if stage and i == 0 else 1))
            before = width
    layers += [nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes)]
    model = nn.Sequential(*layers)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model
