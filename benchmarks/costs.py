"""Compare declared and measured time of each trick on a small and a larger network.

A trick's `cost` is the training time with it divided by the time without (see
`autotrick/tricks/declare.py`). Two short trials, with and without the trick, alternate update by
update on the same images, so that other load on the machine affects both. Processor time on one
thread is counted, without evaluation. The goal is agreement within a factor of two.
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
"Architecture, its settings, and images per batch."
EPOCHS = 4
UPDATES = 1
"Updates per epoch. Some tricks act only in part of the training, so whole trials are measured."
FACTOR = 2.0
BESIDE: dict[str, tuple[str, ...]] = {
    "augmentation_curriculum": ("flip",),
    "random_order": ("flip", "pad_crop"),
}
"Other tricks, on in both trials, that a trick needs in order to act."


def run(quick: bool) -> list[Row]:
    """Return declared and measured cost of every trick on each network."""
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
        pass  # the first trial of a process also loads libraries
    for trick, kind in TRICKS.items():
        say(f"costs: {name}, {trick}")
        beside = BESIDE.get(trick, ())
        with_it, without = (
            recipe({other: {} for other in tricks}, name, settings, batch)
            for tricks in ((*kind.needs, *beside, trick), beside)
        )
        next(updates(with_it, data))  # includes compilation
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
    """Return the ratio of the trials' times, measured in turns.

    Excludes the first update of each, which builds the network.
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
    """Train a whole trial without evaluation and yield after every update."""
    import torch

    from autotrick.train.loop import losses
    from autotrick.train.prepare import Stages, prepare
    from autotrick.tricks import assemble

    stages = Stages(assemble(asked))
    run = prepare(asked, data, stages, torch.device("cpu"))
    for loss in losses(run, stages):
        if run.update in run.starts:
            # Some tricks start after an epoch's report.
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
