"""What each trick costs in time: declared against measured, on a small network and on a larger one.

A trick's `cost` is the time that training takes with it, as a factor of the time without (see
`autotrick/tricks/declare.py`). Two short trials, with it and without, take turns update by update on
the same images, so that whatever else the machine does meets both; processor time on one thread
counts, evaluation does not. The goal is a factor of two.
"""

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from autotrick.data import Dataset
from autotrick.recipe import DataRef, EpochReport, Recipe, Settings
from autotrick.tricks import TRICKS
from benchmarks.children import say
from benchmarks.row import Row
from benchmarks.tiles import images

NETWORKS: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("fastnet", {"width": 0.25}, 64),
    ("resnet20", {}, 32),
)
"""Architecture, its settings, and images in a batch."""
EPOCHS = 4
UPDATES = 1
"""Of an epoch. Some tricks act in a part of the training alone, so that whole trials are measured."""
FACTOR = 2.0
BESIDE: dict[str, tuple[str, ...]] = {
    "augmentation_curriculum": ("flip",),
    "random_order": ("flip", "pad_crop"),
}
"""What is on with and without a trick that acts on others."""


def run(quick: bool) -> list[Row]:
    """Return declared and measured cost of every trick, on each network."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        networks = NETWORKS[:1] if quick else NETWORKS
        return [row for network in networks for row in _rows(*network, 1 if quick else 3)]
    finally:
        torch.set_num_threads(threads)


def _rows(name: str, settings: dict[str, Any], batch: int, runs: int) -> Iterator[Row]:
    data = images(UPDATES * batch)
    for _ in updates(recipe({}, name, settings, batch), data):
        pass  # the first trial of a process pays for what it loads
    for trick, kind in TRICKS.items():
        say(f"costs: {name}, {trick}")
        beside = BESIDE.get(trick, ())
        with_it, without = (
            recipe({other: {} for other in tricks}, name, settings, batch)
            for tricks in ((*kind.needs, *beside, trick), beside)
        )
        next(updates(with_it, data))  # compiles
        measured = median(ratio(with_it, without, data) for _ in range(runs))
        yield Row(
            name=f"costs: {trick} on {name}, declared x{kind.cost:g}",
            ours=float(f"{measured:.3g}"),
            theirs=kind.cost,
            ratio=float(f"{max(measured / kind.cost, kind.cost / measured):.3g}"),
            unit="x",
            goal=FACTOR,
            runs=runs,
        )


def recipe(tricks: dict[str, Settings], name: str, settings: dict[str, Any], batch: int) -> Recipe:
    """Return the recipe of a trial of EPOCHS epochs."""
    return Recipe(
        data=DataRef(name="tiles"),
        architecture=name,
        architecture_settings=settings,
        epochs=EPOCHS,
        batch_size=batch,
        base_lr=0.02,
        tricks=tricks,
    )


def ratio(with_it: Recipe, without: Recipe, data: Dataset) -> float:
    """Return how many times as long the one trial takes as the other, taking turns.

    Without the first update of each, which builds the network.
    """
    trials = [updates(with_it, data), updates(without, data)]
    for trial in trials:
        next(trial)
    seconds, going = [0.0, 0.0], [True, True]
    while any(going):
        for i in (0, 1):
            start = time.process_time()
            going[i] = next(trials[i], None) is not None
            seconds[i] += time.process_time() - start
    return seconds[0] / seconds[1]


def updates(asked: Recipe, data: Dataset) -> Iterator[int]:
    """Train a whole trial without evaluation, and yield after every update."""
    import torch

    from autotrick.train.loop import losses
    from autotrick.train.prepare import Stages, prepare
    from autotrick.tricks import assemble

    stages = Stages(assemble(asked))
    run = prepare(asked, data, stages, torch.device("cpu"))
    for loss in losses(run, stages):
        if run.update in run.starts:
            # Some tricks begin when an epoch has been reported.
            report = EpochReport(
                epoch=run.starts.index(run.update),
                accuracy=0.5,
                loss=loss,
                train_loss=loss,
                lr=0.02,
                seconds=1,
                weights="",
            )
            for trick in stages.on_report:
                trick.on_report(report, run)
        yield run.update
        if run.update == run.updates:
            return
