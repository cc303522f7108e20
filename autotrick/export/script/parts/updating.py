"""What happens between an update's gradients and the next one."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autotrick.export.script.parts.data import Data
from autotrick.export.script.parts.pixels import LAYOUT, normalised
from autotrick.export.script.parts.streams import generator, torch_seed


def climb(model: nn.Module, rho: float) -> list[Tensor]:
    """Move the weights to where the loss is higher; return what they were (Foret et al., 2021)."""
    weights = [weight for weight in model.parameters() if weight.grad is not None]
    scale = rho / (nn.utils.get_total_norm([weight.grad for weight in weights]) + 1e-12)
    before = [weight.detach().clone() for weight in weights]
    with torch.no_grad():
        for weight in weights:
            weight.add_(weight.grad * scale)
    return before


def climb_back(model: nn.Module, before: list[Tensor]) -> None:
    """Set the weights with gradients to what they were."""
    weights = [weight for weight in model.parameters() if weight.grad is not None]
    with torch.no_grad():
        for weight, kept in zip(weights, before, strict=True):
            weight.copy_(kept)


def norm_statistics(model: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """Return the running statistics of normalisation, each with a copy."""
    norms = [m for m in model.modules() if getattr(m, "track_running_stats", False)]
    return [(b, b.clone()) for norm in norms for b in norm.buffers(recurse=False)]


def average_epoch(average: dict, model: nn.Module, count: int) -> None:
    """Add the network's weights to the mean of those after earlier epochs."""
    current = model.state_dict()
    if not average:
        average |= {name: tensor.clone() for name, tensor in current.items()}
        return
    for name, tensor in average.items():
        if tensor.is_floating_point():
            tensor.lerp_(current[name], 1 / count)
        else:
            tensor.copy_(current[name])


def renew_norms(model: nn.Module, data: Data, update: int, count: int) -> nn.Module:
    """Compute the statistics of batch normalisation anew (Izmailov et al., 2018)."""
    kind = nn.modules.batchnorm._BatchNorm
    norms = [module for module in model.modules() if isinstance(module, kind)]
    momenta = [norm.momentum for norm in norms]
    model.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.train()
        norm.momentum = None
    rows = generator("swa").permutation(len(data.labels))[:count]
    torch.manual_seed(torch_seed("swa", update))
    with torch.no_grad():
        for start in range(0, len(rows) if norms else 0, 256):
            model(normalised(data.images[rows[start : start + 256]], data))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return model.eval()


def selected(
    model: nn.Module, images: Tensor, targets: Tensor, update: int, keep: float
) -> tuple[Tensor, Tensor]:
    """Keep a share of the batch, harder examples more likely (Jiang et al., 2019)."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    with torch.no_grad():
        losses = F.cross_entropy(model(images).float(), targets, reduction="none")
    for module, training in modes:
        module.training = training
    count = len(losses)
    chances = ((np.arange(count) + 0.5) / count) ** (1 / keep - 1)
    kept = max(1, int(keep * count))
    rng = generator("selective_backprop", update)
    places = rng.choice(count, kept, replace=False, p=chances / chances.sum())
    rows = losses.argsort(stable=True)[torch.from_numpy(places)]
    return images[rows].contiguous(memory_format=LAYOUT), targets[rows]


def freeze(layers: list, depth: int, model: nn.Module) -> None:
    """Stop the training of the first layers, which are lists of paths."""
    for module in (model.get_submodule(path) for layer in layers[:depth] for path in layer):
        module.eval()
        for weight in module.parameters(recurse=False):
            weight.requires_grad_(False)


class ErrorWarmup:
    """A smaller rate until the training error falls below a value (He et al., 2016)."""

    def __init__(self, error: float, factor: float, memory: int) -> None:
        self.error, self.factor, self.memory = error, factor, memory
        self.wrong, self.seen = 0.0, 0.0

    def note(self, logits: Tensor, targets: Tensor) -> None:
        """Take note of an update's predictions."""
        if self.factor == 1.0:
            return
        wrong = int((logits.detach().argmax(1) != targets.argmax(1)).sum())
        kept = (1 - 1 / self.memory) ** len(targets)
        self.wrong = kept * self.wrong + (1 - kept) * wrong / len(targets)
        self.seen = kept * self.seen + (1 - kept)
        if self.wrong / self.seen < self.error:
            self.factor = 1.0


class EarlyStopping:
    """Stop when the accuracy has not risen for some epochs, and keep the best network."""

    def __init__(self, patience: int, min_delta: float) -> None:
        self.patience, self.min_delta = patience, min_delta
        self.best, self.waited = -1.0, 0
        self.kept: nn.Module | None = None
        self.highest = -1.0

    def over(self, accuracy: float, model: nn.Module) -> bool:
        """Take note of an epoch; return whether to stop."""
        if accuracy > self.highest:
            self.highest, self.kept = accuracy, copy.deepcopy(model)
        if accuracy > self.best + self.min_delta:
            self.best, self.waited = accuracy, 0
        else:
            self.waited += 1
        return self.waited >= self.patience
