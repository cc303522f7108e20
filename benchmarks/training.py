"""Images trained per second with AutoAugment: autotrick against the usual PyTorch loop.

The other side is the loop of PyTorch's and torchvision's documentation: a `DataLoader` without worker
processes over PIL images that torchvision v2 augments one by one. Both train the same network with
the same recipe (pad-crop, flip, AutoAugment, normalisation, random erasing; SGD with Nesterov
momentum) on one thread. One row times the network alone, which is an upper bound for any trainer;
another gives the share of augmentation in autotrick's time.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotrick.data import Dataset, Split
from autotrick.recipe import DataRef, Recipe, Settings
from benchmarks.augmentation import batches
from benchmarks.children import say
from benchmarks.images import TITLES, available, images, loader, tricks
from benchmarks.row import Row, alone, compared
from benchmarks.sides import Measured, Side, Work, Works, in_turns

if TYPE_CHECKING:
    from torch import nn

BATCH = 128
POLICY = "auto_augment"
SHARE_GOAL = 10.0
RUNS = 5
QUICK_RUNS = 2


@dataclass(frozen=True, slots=True)
class Network:
    """Describe a network to train.

    Attributes:
        goal: Goal for the speedup over the other side.
        updates: Updates per epoch; one turn is one epoch.
    """

    title: str
    architecture: str
    settings: Settings
    goal: float
    updates: int


NETWORKS = (
    Network("LeNet-5", "lenet5", {}, 4.0, 160),
    Network("fastnet (width 0.25)", "fastnet", {"width": 0.25}, 2.0, 48),
    Network("MobileNetV3-small", "torchvision/mobilenet_v3_small", {}, 2.0, 32),
    Network("ResNet-20", "resnet20", {}, 1.2, 24),
)


def run(quick: bool, data_dir: Path) -> list[Row]:
    """Return the loops, the networks alone and augmentation's share for each data set and network.

    Raises:
        DataError: There are no images.
    """
    names, runs = available(data_dir), QUICK_RUNS if quick else RUNS
    with Side(ours, names, data_dir) as first, Side(theirs, names, data_dir) as second:
        return [
            row
            for name in names
            for network in NETWORKS
            for row in _rows(name, network, [first, second], runs)
        ]


def _rows(name: str, network: Network, sides: list[Side], runs: int) -> list[Row]:
    say(f"training: {TITLES[name]}, {network.title}, {runs} runs")
    key = f"{name} {network.title}"
    label = f"training: {TITLES[name]}, {network.title}"
    loops = [_rates(turns) for turns in in_turns(sides, key, runs)]
    bare = [_rates(turns) for turns in in_turns(sides, f"{key} alone", runs)]
    (made,) = (_rates(turns) for turns in in_turns(sides[:1], f"{name} augment", runs))
    shares = [100 * loop / rate for loop, rate in zip(loops[0], made, strict=True)]
    goal = SHARE_GOAL if network.architecture == "fastnet" else None
    return [
        compared(label, loops[0], loops[1], "images/s", network.goal),
        compared(f"{label}, the network alone", bare[0], bare[1], "images/s", None),
        alone(f"{label}, share of our time in augmentation", shares, "%", goal),
    ]


def _rates(turns: list[Measured]) -> list[float]:
    return [turn.rate for turn in turns]


def ours(names: list[str], data_dir: Path, networks: tuple[Network, ...] = NETWORKS) -> Works:
    """Return autotrick's epochs, from building the network to the digest of its weights."""
    from autotrick.train import train

    def make(data: Dataset, network: Network) -> Work:
        recipe = Recipe(
            data=DataRef(name=data.name),
            architecture=network.architecture,
            architecture_settings=network.settings,
            epochs=1,
            batch_size=BATCH,
            base_lr=0.02,
            tricks=tricks(POLICY),
        )

        def epoch() -> int:
            train(recipe, data)
            return len(data.train)

        return epoch

    works = _works(names, data_dir, networks, make, "channels_last")
    for name in names:
        works[f"{name} augment"] = batches(images(name, data_dir, 32 * BATCH), POLICY, BATCH)
    return works


def theirs(names: list[str], data_dir: Path, networks: tuple[Network, ...] = NETWORKS) -> Works:
    """Return the plain loop's epochs."""

    def make(data: Dataset, network: Network) -> Work:
        from torch.nn import functional

        def epoch() -> int:
            model = _built(data, network)
            optimizer = _sgd(model)
            for batch, labels in loader(data, POLICY, BATCH):
                optimizer.zero_grad()
                loss: Any = functional.cross_entropy(model(batch), labels)
                loss.backward()
                optimizer.step()
            return len(data.train)

        return epoch

    return _works(names, data_dir, networks, make, "contiguous_format")


def _works(
    names: list[str],
    data_dir: Path,
    networks: tuple[Network, ...],
    epoch_of: Callable[[Dataset, Network], Work],
    layout: str,
) -> dict[str, Work]:
    """Return one epoch of each network on each data set, and the network alone."""
    works = {}
    for name in names:
        longest = images(name, data_dir, BATCH * max(network.updates for network in networks))
        for network in networks:
            rows = slice(network.updates * BATCH)
            train = Split(longest.train.images[rows], longest.train.labels[rows])
            data = replace(longest, train=train)
            works[f"{name} {network.title}"] = epoch_of(data, network)
            works[f"{name} {network.title} alone"] = _bare(data, network, layout)
    return works


def _bare(data: Dataset, network: Network, layout: str) -> Work:
    """Return the forward pass, backward pass and step, repeated on one batch."""
    import torch
    from torch.nn import functional

    def updates() -> int:
        model = _built(data, network).to(memory_format=getattr(torch, layout))
        optimizer = _sgd(model)
        height, width, channels = data.shape
        batch = torch.randn(BATCH, channels, height, width)
        batch = batch.contiguous(memory_format=getattr(torch, layout))
        labels = torch.from_numpy(data.train.labels[:BATCH])
        for _ in range(network.updates):
            optimizer.zero_grad()
            loss: Any = functional.cross_entropy(model(batch), labels)
            loss.backward()
            optimizer.step()
        return network.updates * BATCH

    return updates


def _built(data: Dataset, network: Network) -> "nn.Module":
    from autotrick import models

    height, width, channels = data.shape
    return models.build(
        network.architecture,
        network.settings,
        classes=len(data.classes),
        channels=channels,
        image_size=(height, width),
        seed=0,
    )


def _sgd(model: "nn.Module") -> Any:
    import torch

    return torch.optim.SGD(
        model.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
