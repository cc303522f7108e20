"""What a recipe needs of a training program, by stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autotrick.export.script.network import Network
    from autotrick.recipe import Recipe


@dataclass(kw_only=True)
class Program:
    """Lines of source for each stage of a training program.

    Lines use the names of the loop: `data`, `model`, `samples` (row numbers that address draws),
    `images`, `targets`, `update`, `updates` (of the trial), `epoch`.

    Attributes:
        recipe: What is trained.
        shape: Height, width and channels of what the network sees.
        classes: How many there are.
        network: As it is when a trick's lines are written.
        constants: Values of the recipe as source, by name; they replace those of the parts.
        texts: Definitions that replace those of the parts or stand beside them, by name.
        replacements: Pieces of the parts' source, and what stands there instead.
        read: Lines that make `data`, of `options.data_dir`.
        build: Lines that make `model`, of `data`, `channels`, `height`, `width`, and change it.
        order: Lines that change `order`, the samples of an epoch.
        pixels: Lines that change `images`, uint8 (N, H, W, C).
        tensor: Lines that change `images`, normalised (N, C, H, W).
        mix: Lines that change `images` and `targets`.
        target: Lines that change `targets`.
        warmup: Expressions of `updates` for updates of warmup.
        rates: Expressions for factors on the rate, of `update`, `updates`, `warmup` and `done`.
        factors: Further factors, of names of the loop.
        groups: Lines that change `parts`, the parameter groups.
        scaled: Whether groups have rates of their own.
        own_groups: Whether the optimizer needs groups as `groups` makes them.
        rate: Peak learning rate, as source.
        weight_decay: Of the first group, as source.
        last_groups: Called after all tricks, to change groups for the optimizer.
        before_optimizer: Lines before the optimizer is made.
        optimizer: Name and settings of the optimizer.
        setup: Lines before the first epoch.
        before: Lines of an update before its batch.
        loss: Lines that change `loss`, of `logits` and `targets`.
        gradient: Lines after the gradients are there.
        step: Lines after the optimizer's step.
        evaluated: Lines that set `evaluated`, the network to evaluate.
        report: Lines after an evaluation, of `accuracy`.
        ending: Lines at the end of an epoch.
        finished: Lines after the last epoch.
        operations: Policy operations by name: the function; and start, slope and sign, as source.
        cropped: Whether the network sees parts of the images.
        copies: Whether samples may be beyond the number of images, for copies with draws of their own.
        draws: Whether the network draws random numbers in its forward pass.
        apart: Whether gradients are computed more than once an update, so by a function.
    """

    recipe: Recipe
    shape: tuple[int, int, int]
    classes: int
    network: Network
    constants: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    replacements: dict[str, str] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    build: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    pixels: list[str] = field(default_factory=list)
    tensor: list[str] = field(default_factory=list)
    mix: list[str] = field(default_factory=list)
    target: list[str] = field(default_factory=list)
    warmup: list[str] = field(default_factory=list)
    rates: list[str] = field(default_factory=list)
    factors: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    scaled: bool = False
    own_groups: bool = False
    rate: str = ""
    weight_decay: str = ""
    last_groups: list[Callable[[], None]] = field(default_factory=list)
    before_optimizer: list[str] = field(default_factory=list)
    optimizer: tuple[str, list[str]] = ("", [])
    setup: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    loss: list[str] = field(default_factory=list)
    gradient: list[str] = field(default_factory=list)
    step: list[str] = field(default_factory=list)
    evaluated: list[str] = field(default_factory=list)
    report: list[str] = field(default_factory=list)
    ending: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    operations: dict[str, tuple[str, str]] = field(default_factory=dict)
    cropped: bool = False
    copies: bool = False
    draws: bool = False
    apart: bool = False
