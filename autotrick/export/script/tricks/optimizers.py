"""Optimizers, and what decides the rate and decay of each weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autotrick.export.script.literal import literal, rows
from autotrick.export.script.program import Program
from autotrick.tricks.layers import head as last_layer
from autotrick.tricks.layers import layers, parameters
from autotrick.tricks.optimizers import scaled


def make(program: Program, name: str, *settings: str) -> None:
    """Set the program's optimizer."""
    program.optimizer = name, list(settings)


def _rate(program: Program, trick: Any) -> None:
    program.rate = repr(scaled(trick.lr, program.recipe))


def _adam_like(kind: str) -> Callable[[Program, Any], None]:
    def write(program: Program, trick: Any) -> None:
        _rate(program, trick)
        betas = literal((trick.beta1, trick.beta2))
        make(program, kind, "lr=RATE", f"betas={betas}", f"eps={trick.eps!r}")

    return write


def _lamb(program: Program, trick: Any) -> None:
    _rate(program, trick)
    betas = literal((trick.beta1, trick.beta2))
    more = ("max_grad_norm=None", "always_adapt=True")
    make(program, "timm.optim.Lamb", "lr=RATE", f"betas={betas}", f"eps={trick.eps!r}", *more)


def _adan(program: Program, trick: Any) -> None:
    _rate(program, trick)
    betas = literal((trick.beta1, trick.beta2, trick.beta3))
    make(program, "timm.optim.Adan", "lr=RATE", f"betas={betas}", f"eps={trick.eps!r}")


def _lion(program: Program, trick: Any) -> None:
    _rate(program, trick)
    betas = literal((trick.beta1, trick.beta2))
    make(program, "timm.optim.Lion", "lr=RATE", f"betas={betas}")


def _madgrad(program: Program, trick: Any) -> None:
    _rate(program, trick)
    settings = (f"momentum={trick.momentum!r}", f"eps={trick.eps!r}")
    make(program, "timm.optim.MADGRAD", "lr=RATE", *settings)


def _rmsprop(program: Program, trick: Any) -> None:
    _rate(program, trick)
    kind = "timm.optim.RMSpropTF" if trick.kind == "tensorflow" else "torch.optim.RMSprop"
    settings = [f"alpha={trick.decay!r}", f"momentum={trick.momentum!r}", f"eps={trick.eps!r}"]
    make(program, kind, "lr=RATE", *settings)


def _sgd(program: Program, trick: Any) -> None:
    momentum = 0.0 if trick.kind == "plain" else trick.momentum
    nesterov = trick.kind == "nesterov" and momentum > 0
    make(program, "torch.optim.SGD", "lr=RATE", f"momentum={momentum!r}", f"nesterov={nesterov}")


def _sgdw(program: Program, trick: Any) -> None:
    nesterov = trick.nesterov and trick.momentum > 0
    settings = (f"momentum={trick.momentum!r}", f"nesterov={nesterov}")
    make(program, "timm.optim.SGDW", "lr=RATE", *settings)


def _adabound(decoupled: bool) -> Callable[[Program, Any], None]:
    def write(program: Program, trick: Any) -> None:
        _rate(program, trick)
        gamma = repr(trick.gamma) if trick.per_update else f"{trick.gamma!r} / updates"
        program.before_optimizer.append("bounds = {")
        entries = {
            "final_per_lr": repr(trick.final_lr / trick.lr),
            "gamma": gamma,
            "amsbound": repr(trick.amsbound),
            "betas": literal((trick.beta1, trick.beta2)),
            "eps": repr(trick.eps),
            "decoupled": repr(decoupled),
        }
        program.before_optimizer += [f'    "{key}": {value},' for key, value in entries.items()]
        program.before_optimizer.append("}")
        program.scaled = True
        program.own_groups = True
        make(program, "Bounded", "bounds")

    return write


def _split(
    program: Program, names: list[str], mine: dict[str, str], others: dict[str, str]
) -> None:
    """Split the groups by names of weights, and give each side entries of its own."""

    def entries(table: dict[str, str]) -> str:
        return "{" + ", ".join(f'"{key}": {value}' for key, value in table.items()) + "}"

    program.groups.append(f"names = {rows(names, '    names')}")
    program.groups.append("inner, outer = split_by_name(model, parts, names)")
    own = {key: value for key, value in mine.items() if key != "peak"}
    peak = f'{{"peak": {mine["peak"]} * part.get("scale", 1.0)}}'
    program.groups.append(f"inner = [part | {peak} for part in inner]")
    program.groups.append(f"own = {entries(own)}")
    program.groups.append("parts = [part | own for part in inner]")
    program.groups.append(f"parts += [part | {entries(others)} for part in outer]")


def _muon(program: Program, trick: Any) -> None:
    model = program.network.model
    last = set(last_layer(model))
    names = [n for n, p in model.named_parameters() if p.ndim > 1 and n not in last]
    peak = repr(scaled(trick.lr, program.recipe))
    inner = {"peak": peak, "momentum": repr(trick.momentum), "matrices": "True"}
    outer = {"momentum": repr(program.recipe.momentum), "matrices": "False"}
    program.last_groups.append(lambda: _split(program, names, inner, outer))
    program.scaled = True
    make(program, "Muon", "{}")


def _lars(program: Program, trick: Any) -> None:
    names = [n for n, p in program.network.model.named_parameters() if p.ndim > 1]
    inner = {"peak": repr(scaled(trick.lr, program.recipe)), "always_adapt": "True"}
    outer = {"always_adapt": "False", "weight_decay": "0.0"}
    program.last_groups.append(lambda: _split(program, names, inner, outer))
    program.scaled = True
    settings = (f"momentum={trick.momentum!r}", f"trust_coeff={trick.trust!r}")
    make(program, "timm.optim.Lars", "lr=RATE", *settings)


def _no_norm_decay(program: Program, _trick: Any) -> None:
    program.groups.append("parts = without_norm_decay(parts)")


def _bias_lr(program: Program, trick: Any) -> None:
    program.scaled = True
    program.groups.append(f"parts = faster_norm_biases(model, parts, factor={trick.factor!r})")


def _discriminative_lr(program: Program, trick: Any) -> None:
    found = layers(program.network.model)
    stages = min(trick.stages, len(found))
    names: list[list[str]] = [[] for _ in range(stages)]
    for i, layer in enumerate(found):
        names[i * stages // len(found)] += list(parameters(layer))
    scales = [trick.decay ** (stages - 1 - stage) for stage in range(stages)]
    program.scaled = True
    program.groups.append(f"stages = {rows(names, '    stages')}")
    program.groups.append(f"scales = {literal(scales)}")
    program.groups.append("parts = by_stage(model, parts, stages, scales)")


WRITERS: Mapping[str, Callable[[Program, Any], None]] = {
    "adabound": _adabound(False),
    "adaboundw": _adabound(True),
    "adam": _adam_like("torch.optim.Adam"),
    "adamw": _adam_like("torch.optim.AdamW"),
    "adan": _adan,
    "bias_lr": _bias_lr,
    "discriminative_lr": _discriminative_lr,
    "lamb": _lamb,
    "lars": _lars,
    "lion": _lion,
    "madgrad": _madgrad,
    "muon": _muon,
    "nadam": _adam_like("torch.optim.NAdam"),
    "no_norm_decay": _no_norm_decay,
    "radam": _adam_like("torch.optim.RAdam"),
    "rmsprop": _rmsprop,
    "sgd": _sgd,
    "sgdw": _sgdw,
}
