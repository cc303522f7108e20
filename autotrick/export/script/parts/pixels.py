"""From uint8 images to the network's input."""

import numpy as np
import torch
from torch import Tensor

from autotrick.export.script.parts.data import Data
from autotrick.export.script.parts.streams import Array

LAYOUT = torch.channels_last


def normalised(images: Array, data: Data) -> Tensor:
    """Return (N, H, W, C) uint8 images as (N, C, H, W) floats of mean 0 and deviation 1."""
    floats = (images.astype(np.float32) - 255 * data.mean) / (255 * data.std)
    return torch.from_numpy(floats).permute(0, 3, 1, 2).contiguous(memory_format=LAYOUT)
