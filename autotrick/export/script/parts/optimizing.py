"""Parameter groups, the optimizer's rate and momentum, and what happens around its steps."""

import copy
import math

import torch
from torch import Tensor, nn

RATE = 0.1


def groups(model: nn.Module, weight_decay: float) -> list[dict]:
    """Return all weights as one parameter group."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    return [{"params": weights, "weight_decay": weight_decay, "peak": RATE}]


def without_norm_decay(parts: list[dict]) -> list[dict]:
    """Spare biases and the weights of normalisation from weight decay (He et al., 2019)."""
    split = []
    for part in parts:
        matrices = [weight for weight in part["params"] if weight.ndim > 1]
        vectors = [weight for weight in part["params"] if weight.ndim <= 1]
        split += [part | {"params": matrices}] if matrices else []
        split += [part | {"params": vectors, "weight_decay": 0.0}] if vectors else []
    return split


def faster_norm_biases(model: nn.Module, parts: list[dict], factor: float) -> list[dict]:
    """Train the biases of normalisation faster, by a factor (Jordan, 2024)."""
    kinds = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm)
    norms = [module for module in model.modules() if isinstance(module, kinds)]
    biases = {id(norm.bias) for norm in norms if norm.bias is not None}
    split = []
    for part in parts:
        others = [weight for weight in part["params"] if id(weight) not in biases]
        mine = [weight for weight in part["params"] if id(weight) in biases]
        split += [part | {"params": others}] if others else []
        decay, scale = part["weight_decay"] / factor, part.get("scale", 1.0) * factor
        faster = {"params": mine, "weight_decay": decay, "scale": scale, "peak": RATE * scale}
        split += [part | faster] if mine else []
    return split


def set_rate(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set the learning rate to a share of its peak."""
    for group in optimizer.param_groups:
        group["lr"] = factor * group["peak"]


def set_momentum(optimizer: torch.optim.Optimizer, momentum: float) -> None:
    """Set the momentum, which Adam and its kin call beta 1."""
    for group in optimizer.param_groups:
        if "betas" in group:
            group["betas"] = (momentum, *group["betas"][1:])
        elif "momentum" in group:
            group["momentum"] = momentum


def update_average(average: dict, model: nn.Module, decay: float) -> None:
    """Move an exponential moving average of the weights towards them."""
    for name, tensor in model.state_dict().items():
        if name in average and tensor.is_floating_point():
            average[name].lerp_(tensor, 1 - decay)
        else:
            average[name] = tensor.clone()


def averaged(model: nn.Module, average: dict) -> nn.Module:
    """Return a copy of the network with the average of its weights."""
    model = copy.deepcopy(model)
    model.load_state_dict(average)
    return model


class Lookahead:
    """Slow weights that follow the network's every few updates (Zhang et al., 2019)."""

    def __init__(self, model: nn.Module, every: int, alpha: float) -> None:
        self.model, self.every, self.alpha = model, every, alpha
        self.slow = [weight.detach().clone() for weight in model.parameters()]

    @torch.no_grad()
    def after_step(self, done: int, updates: int) -> None:
        """Move the slow weights, and set the network's to them."""
        if done % self.every == 0 or done == updates:
            for weight, slow in zip(self.model.parameters(), self.slow, strict=True):
                weight.copy_(slow.lerp_(weight, self.alpha))


def centralise(model: nn.Module) -> None:
    """Take the mean of each output's gradient away (Yong et al., 2020)."""
    for weight in model.parameters():
        if weight.grad is not None and weight.ndim > 1:
            axes = tuple(range(1, weight.ndim))
            weight.grad.sub_(weight.grad.mean(dim=axes, keepdim=True))


class Bounded(torch.optim.Optimizer):
    """AdaBound: Adam whose rates are bounded, more tightly with time (Luo et al., 2019)."""

    @torch.no_grad()
    def step(self) -> None:
        """Take a step."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self.move(weight, group, self.state[weight])

    def move(self, weight: Tensor, group: dict, state: dict) -> None:
        """Take a step for one tensor."""
        gradient, decay, (beta1, beta2) = weight.grad, group["weight_decay"], group["betas"]
        if group["decoupled"]:
            weight.mul_(1 - decay * group.get("scale", 1.0) * group["lr"] / group["peak"])
        else:
            gradient = gradient.add(weight, alpha=decay)
        if not state:
            state |= {"step": 0, "mean": torch.zeros_like(weight)}
            state["square"] = torch.zeros_like(weight)
        state["step"] += 1
        state["mean"].lerp_(gradient, 1 - beta1)
        state["square"].mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        square, step = state["square"], state["step"]
        if group["amsbound"]:
            square = torch.maximum(state.get("largest", torch.zeros_like(weight)), square)
            state["largest"] = square
        corrected = math.sqrt(1 - beta2**step) / (1 - beta1**step)
        low, high = 1 - 1 / (group["gamma"] * step + 1), 1 + 1 / (group["gamma"] * step)
        final = group["final_per_lr"] * group["lr"]
        rates = group["lr"] * corrected / (square.sqrt() + group["eps"])
        weight.addcmul_(rates.clamp_(final * low, final * high), state["mean"], value=-1)


def split_by_name(
    model: nn.Module, parts: list[dict], names: list[str]
) -> tuple[list[dict], list[dict]]:
    """Return the groups of the named weights, and those of the others."""
    chosen = {id(model.get_parameter(name)) for name in names}
    split: tuple[list[dict], list[dict]] = ([], [])
    for part in parts:
        for into, inside in ((0, True), (1, False)):
            weights = [w for w in part["params"] if (id(w) in chosen) == inside]
            split[into].extend([part | {"params": weights}] if weights else [])
    return split


def by_stage(
    model: nn.Module, parts: list[dict], stages: list[list[str]], scales: list[float]
) -> list[dict]:
    """Split the groups by stages of the network, each with a rate of its own."""
    split = []
    for part in parts:
        for names, by in reversed(list(zip(stages, scales, strict=True))):
            chosen = {id(model.get_parameter(name)) for name in names}
            weights = [weight for weight in part["params"] if id(weight) in chosen]
            scale = part.get("scale", 1.0) * by
            more = {"params": weights, "scale": scale, "peak": RATE * scale}
            split += [part | more] if weights else []
    return split
