"""Evaluation, and the digest of the weights."""

import hashlib

import torch
import torch.nn.functional as F
from torch import nn

from autotrick.export.script.parts.data import Data
from autotrick.export.script.parts.pixels import normalised


@torch.inference_mode()
def evaluate(model: nn.Module, data: Data) -> tuple[float, float]:
    """Return accuracy and mean loss on the validation images."""
    model.eval()
    correct, loss, count = 0, 0.0, len(data.validation_labels)
    for start in range(0, count, 1000):
        images = normalised(data.validation_images[start : start + 1000], data)
        labels = torch.from_numpy(data.validation_labels[start : start + 1000])
        logits = model(images)
        correct += int((logits.argmax(1) == labels).sum())
        loss += float(F.cross_entropy(logits, labels, reduction="sum"))
    return correct / count, loss / count


def digest(model: nn.Module) -> str:
    """Return 16 hex digits that name the weights and buffers, bit for bit."""
    found = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        found.update(name.encode())
        plain = tensor.detach().contiguous().reshape(-1)
        found.update(plain.view(torch.uint8).numpy().tobytes())
    return found.hexdigest()[:16]


def mirrored(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Return the mean logits of images and their mirror images."""
    return (model(images) + model(images.flip(3))) / 2


def shifted(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Return the mean logits of images, their mirror images, and both moved by a pixel."""
    height, width = images.shape[2:]
    framed = F.pad(images, (1, 1, 1, 1), "reflect")
    moved = [framed[:, :, i : i + height, i : i + width] for i in (0, 2)]
    aside = (mirrored(model, moved[0]) + mirrored(model, moved[1])) / 2
    return (mirrored(model, images) + aside) / 2
