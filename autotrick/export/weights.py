"""The weights of an exported model: as safetensors, and as a plain state dict.

Both are the weights that predict: averages, where a trick of the recipe averages. Neither file can
execute code when it is read.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file

from autotrick.bounded_file import read_bounded
from autotrick.errors import TrainingError
from autotrick.export import files
from autotrick.train.checkpoint import LARGEST

if TYPE_CHECKING:
    from torch import Tensor, nn


def write_weights(network: nn.Module, folder: Path) -> None:
    """Write the weights of a network into a folder, in both formats."""
    tensors = {
        # safetensors refuses tensors that share memory, and those in another memory format.
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in network.state_dict().items()
    }
    save_file(tensors, folder / files.SAFETENSORS, metadata={"format": "pt"})
    torch.save(tensors, folder / files.WEIGHTS)
    # safetensors lets only the owner read its file.
    shutil.copymode(folder / files.WEIGHTS, folder / files.SAFETENSORS)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file by name.

    Raises:
        TrainingError: It is missing or damaged.
    """
    try:
        return load(read_bounded(path, LARGEST))
    except OSError as error:
        message = f"no weights at {path.absolute()} ({error.strerror or error})."
        raise TrainingError(message, reason="lost_weights") from error
    except SafetensorError as error:
        message = f"{path.absolute()} is not a safetensors file, or is damaged: {error}."
        raise TrainingError(message, reason="damaged_weights") from None
