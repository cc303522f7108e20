"""Losses of logits (N, K) against targets (N, K), whose rows are distributions."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autotrick.export.script.parts.streams import Array


def smooth(targets: Tensor, epsilon: float) -> Tensor:
    """Give a share of each target to all classes (Szegedy et al., 2016)."""
    return targets * (1 - epsilon) + epsilon / targets.shape[1]


def smooth_others(targets: Tensor, epsilon: float) -> Tensor:
    """Give a share of each target to the other classes."""
    return targets * (1 - epsilon) + (1 - targets) * (epsilon / (targets.shape[1] - 1))


def binary_loss(logits: Tensor, targets: Tensor, threshold: float) -> Tensor:
    """Return the (N, K) cross-entropy of each class by itself."""
    wanted = (targets > threshold).to(logits.dtype) if threshold else targets
    return F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")


def focal_loss(logits: Tensor, targets: Tensor, gamma: float) -> Tensor:
    """Return the cross-entropy with less weight on what is right already (Lin et al., 2017)."""
    log_p = logits.log_softmax(1)
    far = (-log_p.expm1()).clamp_min(1e-07)
    return -(targets * far.pow(gamma) * log_p).sum(1).mean()


def square_loss(outputs: Tensor, targets: Tensor, value: float, weight: float) -> Tensor:
    """Return the mean squared error, with another weight on the true class."""
    errors = (outputs - value * targets).square()
    return ((1 + (weight - 1) * targets) * errors).mean()


def entropy(logits: Tensor) -> Tensor:
    """Return the (N,) entropy of predictions."""
    log_p = logits.log_softmax(1)
    return -(log_p.exp() * log_p).sum(1)


def soft_bootstrapping(logits: Tensor) -> Tensor:
    """Return the cross-entropy with the network's own predictions (Reed et al., 2015)."""
    log_p = logits.log_softmax(1)
    return -(log_p.exp() * log_p).sum(1).mean()


def hard_bootstrapping(logits: Tensor) -> Tensor:
    """Return the cross-entropy with the network's own classes (Reed et al., 2015)."""
    log_p = logits.log_softmax(1)
    belief = F.one_hot(logits.argmax(1), logits.shape[1]).to(log_p.dtype)
    return -(belief * log_p).sum(1).mean()


def log_t(x: Tensor, t: float) -> Tensor:
    """Return the tempered logarithm."""
    return x.log() if t == 1 else (x.pow(1 - t) - 1) / (1 - t)


def exp_t(x: Tensor, t: float) -> Tensor:
    """Return the tempered exponential, t above 1."""
    return (1 + (1 - t) * x).pow(1 / (1 - t))


def tempered_softmax(logits: Tensor, t: float) -> Tensor:
    """Return the softmax with heavier tails, found by Newton's method."""
    if t == 1:
        return logits.softmax(1)

    def excess(level: Tensor) -> Tensor:
        return exp_t(logits - level, t).sum(1, keepdim=True) - 1

    def slope(level: Tensor) -> Tensor:
        return -exp_t(logits - level, t).pow(t).sum(1, keepdim=True)

    with torch.no_grad():
        level = logits.amax(1, keepdim=True)
        for _ in range(30):
            level = level - excess(level) / slope(level)
        last = slope(level)
    return exp_t(logits - (level - excess(level) / last), t)


def bi_tempered_loss(logits: Tensor, targets: Tensor, t1: float, t2: float) -> Tensor:
    """Return a bounded loss of a heavy-tailed softmax (Amid et al., 2019)."""
    if t1 == t2 == 1:
        return -(targets * (logits.log_softmax(1) - targets.clamp_min(1e-30).log())).sum(1).mean()
    p = tempered_softmax(logits, t2).clamp_min(1e-10)
    own = targets * (log_t(targets.clamp_min(1e-10), t1) - log_t(p, t1))
    rest = (targets.pow(2 - t1) - p.pow(2 - t1)) / (2 - t1)
    return (own - rest).sum(1).mean()


def weights_of(labels: Array, classes: int, beta: float) -> Tensor:
    """Return the weight of each class by its effective number of images (Cui et al., 2019)."""
    counts = np.bincount(labels, minlength=classes)
    raw = (1 - beta) / (1 - beta ** np.maximum(counts, 1).astype(np.float64))
    return torch.from_numpy(raw * len(counts) / raw.sum()).float()


def all_weights(model: nn.Module) -> list[Tensor]:
    """Return all weights that are trained."""
    return [weight for weight in model.parameters() if weight.requires_grad]


def decaying_weights(model: nn.Module) -> list[Tensor]:
    """Return the weights that are trained, but for biases and those of normalisation."""
    return [weight for weight in all_weights(model) if weight.ndim > 1]
