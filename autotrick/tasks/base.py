"""What a task declares: what a target is, how it is batched, the loss, the metrics.

A task is one value, made in one file. Data, trainer, evaluation, records, analysis and reports ask
it; none of them knows a task by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias

from autotrick.lazy import numpy as np
from autotrick.tasks.metric import Metric

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

Targets: TypeAlias = "NDArray[Any]"
"""(N, ...) stored targets of N images, of the task's `dtype`."""


class Accumulator(Protocol):
    """Exact sums over the batches of one evaluation.

    They stay on the device: nothing waits for it before `metrics` and `loss`.
    """

    def update(self, logits: Tensor, targets: Tensor) -> None:
        """Add a batch.

        Args:
            logits: (N, K, ...) what the network gives for N images, as float32.
            targets: (N, ...) stored targets, on the device of the logits.
        """

    def metrics(self) -> dict[str, float]:
        """Return the task's metrics over all batches, by name, in the order of `Task.metrics`."""

    def loss(self) -> float:
        """Return the mean loss over all images, without what tricks change of it."""


@dataclass(frozen=True, slots=True)
class TaskSource:
    """A data set, or a kind of data set, that a task brings along.

    Attributes:
        name: As a space names it.
        summary: One line for the list of data sets.
        link: Where it was published.
        locate: Finds it: takes what follows `NAME:` in the space, the folder of the data or None,
            and the `autotrick.data.dataset.Resizing` that images get; returns a
            `autotrick.data.dataset.Located`, whose `SourceSplits` says `task=` the task's name.
        path: Whether a space writes `NAME:PATH`.
    """

    name: str
    summary: str
    link: str
    locate: Callable[[str, Any, Any], Any]
    path: bool = False


class Task:
    """What is learnt. One instance of a subclass is registered under its name.

    Attributes:
        name: In recipes, databases and files.
        summary: One line for people.
        metrics: What evaluation measures; a study looks for the first one unless its space names
            another one.
        dtype: Of stored targets on disk and in memory, little-endian, such as `<i8`.
        spatial: Whether targets are (N, H, W) uint8 maps of the images' height and width: image
            tricks move them with the images, and pixels from outside get
            `autotrick.augment.pictures.IGNORE`.
        sources: Data sets that the task brings along.
        architectures: Architectures (`autotrick.models.base.Architecture`) that it brings along.
        tricks: Names of tricks that were written for other tasks and serve this one as well.
        agreement: Name under which reports hold how far predictions agree with mixed targets; None
            where that is not measured.
        ensembles: Whether predictions of several networks can be averaged (`probabilities`).
    """

    name: ClassVar[str]
    summary: ClassVar[str] = ""
    metrics: ClassVar[tuple[Metric, ...]]
    dtype: ClassVar[str] = "<i8"
    spatial: ClassVar[bool] = False
    sources: ClassVar[tuple[TaskSource, ...]] = ()
    architectures: ClassVar[tuple[Any, ...]] = ()
    tricks: ClassVar[frozenset[str]] = frozenset()
    agreement: ClassVar[str | None] = None
    ensembles: ClassVar[bool] = False

    @property
    def metric(self) -> Metric:
        """The metric that a study looks for unless its space names another one."""
        return self.metrics[0]

    def serves(self, trick: str, tasks: frozenset[str] | None) -> bool:
        """Return whether a trick can train this task.

        Args:
            trick: Its name.
            tasks: The tasks that it declares; None for all.
        """
        return tasks is None or self.name in tasks or trick in self.tricks

    # Data.

    def outputs(self, classes: int) -> int:
        """Return the number K of values that the network gives for an image, or for a pixel.

        Args:
            classes: How many class names the data have; 0 where targets are not classes.
        """
        return classes

    def fault(self, targets: Targets, size: tuple[int, int], classes: int) -> str | None:
        """Return what is wrong with the stored targets of a split in one clause, or None.

        Args:
            targets: (N, ...) of all images of the split.
            size: Height and width of the images.
            classes: How many class names the data have.
        """
        return None

    def untrainable(self, targets: Targets, name: str) -> str | None:
        """Return why no network can be trained on these targets in one clause, or None.

        Args:
            targets: (N, ...) of the training split.
            name: Of the data set.
        """
        return None

    def strata(self, targets: Targets) -> NDArray[np.int64]:
        """Return (N,) group numbers from 0 on; splits and subsets keep the groups' shares."""
        return np.zeros(len(targets), np.int64)

    # Training.

    def dense(self, targets: Tensor, outputs: int) -> Tensor:
        """Return (N, K, ...) floats that mixing can blend, from (N, ...) stored targets.

        Args:
            targets: On the device.
            outputs: K.
        """
        raise NotImplementedError

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss, a scalar.

        Args:
            logits: (N, K, ...) what the network gives.
            targets: (N, K, ...) dense targets, after mixing.
        """
        raise NotImplementedError

    def agreements(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return (N,) how far predictions agree with mixed dense targets, in [0, 1]."""
        raise NotImplementedError

    # Evaluation.

    def accumulator(self, device: torch.device) -> Accumulator:
        """Return sums of nothing yet, on the device."""
        raise NotImplementedError

    def probabilities(self, logits: Tensor) -> Tensor:
        """Return predictions that can be averaged over several networks, from (N, K, ...) logits."""
        raise NotImplementedError

    def chance(self, classes: int) -> float | None:
        """Return the first metric of a network that has learnt nothing; None if that is not known.

        Args:
            classes: How many class names the data have.
        """
        return None

    # Figures.

    def told(self, target: NDArray[np.float32], classes: Sequence[str]) -> str:
        """Return in words what an image's dense target says; empty where it says nothing new.

        Args:
            target: (K, ...) of one image, after mixing.
            classes: Class names of the data.
        """
        return ""
