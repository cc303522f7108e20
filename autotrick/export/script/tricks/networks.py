"""Tricks that change the network before it is trained.

Where a trick looks for places in the network, such as its residual branches, the program has the places
themselves: they are found when it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autotrick.export.script.literal import rows
from autotrick.export.script.program import Program
from autotrick.tricks.activation import FUNCTIONS
from autotrick.tricks.graph import branches, outputs
from autotrick.tricks.surgery import head, is_activation, is_plain_convolution


def _places(program: Program, wanted: Callable[[Any], bool]) -> list[str]:
    """Return the paths of the layers that a trick acts on."""
    return [path for path, m in program.network.model.named_modules() if path and wanted(m)]


def _for_each(program: Program, paths: list[str], line: str) -> None:
    """Add a loop over paths; none where there are none."""
    if paths:
        name = f"for path in {rows(paths, '    for path in ')}:"
        program.build.append(f"{name}\n    {line}")


def _path(program: Program, module: Any) -> str:
    modules = program.network.model.named_modules()
    return next(str(path) for path, each in modules if each is module)


def _activation(program: Program, trick: Any) -> None:
    paths = _places(program, is_activation)
    _for_each(program, paths, f"put(model, path, nn.{FUNCTIONS[trick.function]}())")


def _blur_pool(program: Program, _trick: Any) -> None:
    from autotrick.tricks.blur_pool import _halves

    paths = _places(program, _halves)
    _for_each(program, paths, "put(model, path, blurred(model.get_submodule(path)))")


def _initialisation(program: Program, trick: Any) -> None:
    even = trick.distribution == "uniform"
    cut = 2 * trick.std
    fills = {
        "xavier": f"nn.init.xavier_{trick.distribution}_",
        "kaiming": "partial(nn.init.kaiming_{}_, nonlinearity={})".format(
            "uniform" if even else "normal", '"relu"'
        ),
        "orthogonal": "nn.init.orthogonal_",
        "truncated_normal": (
            f"partial(nn.init.trunc_normal_, std={trick.std!r}, a={-cut!r}, b={cut!r})"
        ),
        "dirac": "dirac",
    }
    if trick.scheme == "xavier":
        fills["xavier"] = f"nn.init.xavier_{'uniform' if even else 'normal'}_"
    program.build.append(f"initialise(model, {fills[trick.scheme]}, gain={trick.gain!r})")


def _group_norm(program: Program, trick: Any) -> None:
    program.build.append(f"replace_norms(model, partial(group_norm, most={trick.groups!r}))")


def _no_norm(program: Program, _trick: Any) -> None:
    program.build.append("replace_norms(model, Affine)")


def _local_response_norm(program: Program, trick: Any) -> None:
    numbers = f"{trick.size!r}, {trick.alpha * trick.size!r}, {trick.beta!r}, {trick.k!r}"
    layer = f"nn.LocalResponseNorm({numbers})"
    from torch import nn

    if _places(program, lambda m: isinstance(m, nn.BatchNorm2d)):
        program.build.append(f"response = {layer}")
        program.build.append("replace_norms(model, partial(local_response, response=response))")
    else:
        paths = _places(program, is_activation)[:2]
        line = f"put(model, path, nn.Sequential(model.get_submodule(path), {layer}))"
        _for_each(program, paths, line)


def _ghost_batch_norm(program: Program, trick: Any) -> None:
    program.build.append(f"make_ghosts(model, size={trick.size!r})")


def _norm_momentum(program: Program, trick: Any) -> None:
    program.build += [
        "for module in model.modules():",
        "    if isinstance(module, nn.BatchNorm2d):",
        f"        module.momentum = {trick.momentum!r}",
    ]


def _weight_standardisation(program: Program, _trick: Any) -> None:
    program.build.append("standardise_weights(model)")


def _zero_init_norm(program: Program, _trick: Any) -> None:
    found = branches(program.network.model, program.network.run)
    paths = sorted({branch.norm for branch in found if branch.norm is not None})
    _for_each(program, paths, "nn.init.zeros_(model.get_submodule(path).weight)")


def _stochastic_depth(program: Program, trick: Any) -> None:
    found = branches(program.network.model, program.network.run)
    ends = list(dict.fromkeys(branch.end for branch in found))
    if ends:
        program.build.append(f"ends = {rows(ends, '    ends')}")
        chance = f"{trick.probability!r} * number / {len(ends)}"
        each = f"each_image={trick.unit == 'image'}"
        program.build.append("for number, path in enumerate(ends, start=1):")
        program.build.append(f"    skip_branch(model.get_submodule(path), {chance}, {each})")
        program.draws = True


def _squeeze_excite(program: Program, trick: Any) -> None:
    maps: dict[str, int] = {}

    def note(path: str, given: Any) -> None:
        if given.ndim == 4:
            maps[path] = given.shape[1]

    model, run = program.network.model, program.network.run
    outputs(model, run, note)
    ends = [branch.end for branch in branches(model, run)]
    ends = ends or _places(program, is_activation)
    places = [(path, maps[path]) for path in dict.fromkeys(ends) if path in maps]
    if places:
        program.build.append(f"places = {rows(places, '    places')}")
        program.build.append(f"add_gates(model, places, reduction={trick.reduction!r})")


def _dropout(program: Program, trick: Any) -> None:
    last = head(program.network.model, program.classes)
    if last is not None:
        layer = f'model.get_submodule("{_path(program, last)}")'
        program.build.append(f"drop_inputs({layer}, {trick.probability!r})")
        program.draws = True


def _logit_scale(program: Program, trick: Any) -> None:
    program.build.append(f"scale_logits(model, {trick.scale!r})")


def _per_image_standardisation(program: Program, _trick: Any) -> None:
    program.build += [
        "mean, std = (torch.from_numpy(255 * x)[:, None, None] for x in (data.mean, data.std))",
        "standardise_inputs(model, mean, std)",
    ]


def _whitening(program: Program, trick: Any) -> None:
    model = program.network.model
    first: Any = next((m for m in model.modules() if is_plain_convolution(m)), None)
    if first is None or first.in_channels != program.shape[2] or first.groups != 1:
        return
    program.build += [
        f'first = model.get_submodule("{_path(program, first)}")',
        f"whiten(first, data, eps={trick.eps!r}, count={trick.images!r})",
    ]
    if trick.frozen:
        program.build.append("first.weight.requires_grad_(False)")
        first.weight.requires_grad_(False)


WRITERS: Mapping[str, Callable[[Program, Any], None]] = {
    "activation": _activation,
    "blur_pool": _blur_pool,
    "dropout": _dropout,
    "ghost_batch_norm": _ghost_batch_norm,
    "group_norm": _group_norm,
    "initialisation": _initialisation,
    "local_response_norm": _local_response_norm,
    "logit_scale": _logit_scale,
    "no_norm": _no_norm,
    "norm_momentum": _norm_momentum,
    "per_image_standardisation": _per_image_standardisation,
    "squeeze_excite": _squeeze_excite,
    "stochastic_depth": _stochastic_depth,
    "weight_standardisation": _weight_standardisation,
    "whitening": _whitening,
    "zero_init_norm": _zero_init_norm,
}
"""Those that change the structure are applied to the network after they are written."""
