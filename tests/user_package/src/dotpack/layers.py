"""Layers that the network is made of."""

from torch import nn


def block(before: int, after: int) -> nn.Module:
    """Return a convolution with batch normalisation and ReLU."""
    return nn.Sequential(nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU())
