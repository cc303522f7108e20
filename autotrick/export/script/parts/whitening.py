"""A first layer that whitens patches of the images (Jordan, 2024)."""

import torch
import torch.nn.functional as F
from torch import nn

from autotrick.export.script.parts.data import Data
from autotrick.export.script.parts.pixels import normalised
from autotrick.export.script.parts.streams import generator


def whiten(conv: nn.Conv2d, data: Data, eps: float, count: int) -> None:
    """Set the first filters to those that whiten patches, and to their opposites."""
    rows = generator("whitening").permutation(len(data.labels))[:count]
    rows.sort()
    size = conv.in_channels * conv.kernel_size[0] * conv.kernel_size[1]
    total, patches_seen = torch.zeros(size, size, dtype=torch.float64), 0
    for start in range(0, len(rows), 250):
        images = normalised(data.images[rows[start : start + 250]], data)
        patches = F.unfold(images, conv.kernel_size).transpose(0, 1).flatten(1)
        total += (patches @ patches.T).double()
        patches_seen += patches.shape[1]
    variances, directions = torch.linalg.eigh(total / max(1, patches_seen))
    filters = (directions / (variances.clamp_min(0) + eps).sqrt()).T.flip(0).float()
    half = min(len(filters), len(conv.weight) // 2)
    chosen = filters[:half].reshape(half, *conv.weight.shape[1:])
    with torch.no_grad():
        conv.weight[: 2 * half] = torch.cat([chosen, -chosen])
