"""Changes of a network before it is trained."""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autotrick.export.script.parts.library_networks import put
from autotrick.export.script.parts.streams import torch_seed


def initialise(model: nn.Module, fill, gain: float) -> None:
    """Draw the weights of convolutions and linear layers anew, and set biases to 0."""
    for path, layer in model.named_modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            seed = torch_seed(f"initialisation.{path}")
            with torch.no_grad():
                fill(layer.weight, generator=torch.Generator().manual_seed(seed))
                layer.weight.mul_(gain)
                if layer.bias is not None:
                    layer.bias.zero_()


def dirac(weight: Tensor, **_generator: torch.Generator) -> None:
    """Make convolutions pass on their input."""
    if weight.ndim == 4:
        nn.init.dirac_(weight[: weight.shape[1]])


def replace_norms(model: nn.Module, make) -> None:
    """Put another layer in the place of each batch normalisation."""
    norms = [(p, m) for p, m in model.named_modules() if p and isinstance(m, nn.BatchNorm2d)]
    for path, norm in norms:
        after = [getattr(norm, name) for name in ("drop", "act") if hasattr(norm, name)]
        new = make(norm.num_features)
        put(model, path, nn.Sequential(new, *after) if after else new)


def group_norm(channels: int, most: int) -> nn.Module:
    """Return group normalisation with as many groups as divide the channels, up to a number."""
    groups = next(n for n in range(min(most, channels), 0, -1) if channels % n == 0)
    return nn.GroupNorm(groups, channels)


class Affine(nn.Module):
    """Multiply each channel by a weight and add a bias."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, maps: Tensor) -> Tensor:
        return maps * self.weight[:, None, None] + self.bias[:, None, None]


def local_response(channels: int, response: nn.Module) -> nn.Module:
    """Return local response normalisation with a weight and a bias."""
    scaled = Affine(channels)
    nn.init.constant_(scaled.weight, response.k**response.beta)
    return nn.Sequential(copy.deepcopy(response), scaled)


class GhostNorm(nn.BatchNorm2d):
    """Batch normalisation over parts of the batch (Hoffer et al., 2017)."""

    def forward(self, maps: Tensor) -> Tensor:
        parts = len(maps) // self.ghost_size if self.training else 1
        if parts < 2:
            return super().forward(maps)
        return torch.cat([super(GhostNorm, self).forward(x) for x in maps.tensor_split(parts)])


def make_ghosts(model: nn.Module, size: int) -> None:
    """Normalise over parts of the batch of at least so many images."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.__class__, module.ghost_size = GhostNorm, size


class StandardisedConv(nn.Conv2d):
    """A convolution whose weights have mean 0 and deviation 1 (Qiao et al., 2019)."""

    def _conv_forward(self, images: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        centred = weight - weight.mean((1, 2, 3), keepdim=True)
        variance = centred.square().mean((1, 2, 3), keepdim=True)
        return super()._conv_forward(images, centred * (variance + 1e-05).rsqrt(), bias)


def standardise_weights(model: nn.Module) -> None:
    """Standardise the weights of convolutions."""
    for module in model.modules():
        if type(module) is nn.Conv2d and module.weight[0].numel() > 1:
            module.__class__ = StandardisedConv


def skip_branch(module: nn.Module, probability: float, each_image: bool) -> None:
    """Leave a residual branch out with this probability (Huang et al., 2016)."""

    def hook(module: nn.Module, _inputs: tuple, output: Tensor) -> Tensor:
        if not module.training:
            return output
        shape = [len(output) if each_image else 1, *[1] * (output.ndim - 1)]
        keep = output.new_empty(shape).bernoulli_(1 - probability)
        return output * (keep / (1 - probability))

    module.register_forward_hook(hook)


def drop_inputs(layer: nn.Module, probability: float) -> None:
    """Drop inputs of a layer (Srivastava et al., 2014)."""

    def hide(layer: nn.Module, given: tuple) -> tuple:
        return (F.dropout(given[0], probability, layer.training), *given[1:])

    layer.register_forward_pre_hook(hide)


def scale_logits(model: nn.Module, scale: float) -> None:
    """Multiply the logits."""
    model.register_forward_hook(lambda _, __, logits: logits * scale)


class Gate(nn.Module):
    """Squeeze and excitation: weigh channels by what all of them show (Hu et al., 2018)."""

    def __init__(self, channels: int, between: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, between)
        self.excite = nn.Linear(between, channels)

    def forward(self, maps: Tensor) -> Tensor:
        gates = self.excite(self.squeeze(maps.mean((2, 3))).relu()).sigmoid()
        return maps * gates[:, :, None, None]


def add_gates(model: nn.Module, places: list, reduction: int) -> None:
    """Put a gate after the layers at these paths, which have so many channels."""
    torch.manual_seed(torch_seed("squeeze_excite"))
    for path, channels in places:
        gate = Gate(channels, max(1, channels // reduction))
        put(model, path, nn.Sequential(model.get_submodule(path), gate))


class Blur(nn.Module):
    """Halve a map after smoothing it."""

    def __init__(self, ceil: bool = False) -> None:
        super().__init__()
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("kernel", line[:, None] * line, persistent=False)
        self.after = 2 if ceil else 1

    def forward(self, maps: Tensor) -> Tensor:
        mode = "reflect" if min(maps.shape[2:]) > self.after else "replicate"
        framed = F.pad(maps, (1, self.after, 1, self.after), mode)
        channels = maps.shape[1]
        kernel = self.kernel.to(maps.dtype).expand(channels, 1, 3, 3)
        return F.conv2d(framed, kernel, stride=2, groups=channels)


def blurred(module: nn.Module) -> nn.Module:
    """Return a layer that halves its maps with a blur (Zhang, 2019)."""
    if isinstance(module, nn.MaxPool2d):
        dense = nn.MaxPool2d(module.kernel_size, 1, module.padding)
        return nn.Sequential(dense, Blur(ceil=module.ceil_mode))
    module.stride = (1, 1)
    if module.kernel_size == (1, 1) and module.padding in ((0, 0), "valid"):
        return nn.Sequential(Blur(), module)
    return nn.Sequential(module, Blur())


def standardise_inputs(model: nn.Module, mean: Tensor, std: Tensor) -> None:
    """Give the network images of mean 0 and deviation 1 each."""

    def first(_model: nn.Module, inputs: tuple) -> tuple:
        images, *rest = inputs
        levels = images * std + mean
        centred = levels - levels.mean(dim=(1, 2, 3), keepdim=True)
        deviation = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
        return (centred / deviation.clamp(min=levels[0].numel() ** -0.5), *rest)

    model.register_forward_pre_hook(first)
