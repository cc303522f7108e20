"""What a trick declares, and where it acts on a training run.

A trick is one frozen dataclass in one file. Its fields are its settings, each made with `setting`;
its class variables say what it is; the stages that it overrides say what it does. It keeps no state
of its own: what must outlive an update goes into `run.state`, which every checkpoint carries, and
randomness comes from `run.stream(name)`, addressed by update and sample.

A trick is not called at its neutral settings: `assemble` leaves it out, so no stage checks for them.

The stages, in the order in which the trainer calls them:

    once a trial     accumulate, input_size, on_model, base_decay, on_groups, make_optimizer, on_start
    once an epoch    on_order
    every update     schedule, rate, momentum_at
    every batch      order_image_tricks, on_images (uint8), on_tensor (normalised), on_batch, on_target, on_loss
    every update     on_gradient, after_step
    every epoch      model_for_evaluation, on_predict, rewrite_report, on_report, should_stop
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.pictures import Pictures
from autotrick.errors import TrickError
from autotrick.recipe import EpochReport, Settings
from autotrick.tricks.declare import Claim, Paper, Setting, declared, setting
from autotrick.tricks.rules import Together
from autotrick.tricks.run import Batch, Group, Images, Progress, Run

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

__all__ = [
    "Batch",
    "Claim",
    "Group",
    "Images",
    "Paper",
    "Pictures",
    "Predict",
    "Progress",
    "Run",
    "Setting",
    "Trick",
    "setting",
]

Predict: TypeAlias = "Callable[[Tensor], Tensor]"


@dataclass(frozen=True, kw_only=True)
class Trick:
    """A change to training. Every stage defaults to no change.

    Attributes:
        name: As the paper names it, in snake case; equal to the file's name.
        slot: At most one trick of a slot is on in a recipe (`mix`, `erase`, `policy`, `warmup`,
            `decay`, `average`, `optimizer`, `loss`, `norm`); None for no such limit.
        excludes: Names of tricks that cannot be on together with this one, each with the reason.
        replaces: Names of tricks that do nothing while this one is on; the trainer leaves them out.
        needs: Names of tricks that must be on too.
        tasks: Names of the tasks that it can train; None for all, as of tricks that touch neither
            targets nor logits. A task may admit further ones (`Task.tricks`).
        rules: How its settings must fit each other.
        papers: Where it was published; the first is the definition followed here.
        claims: Published effects.
        cost: Expected time of training with it, as a factor of the time without (`declare`).
        position: Order among the tricks of one stage; smaller acts first.
        reshapes: Whether the number or the size of the images in a batch may change.
        does: What it does to images that a data set's profile may forbid, of
            `augment.policies.TRANSFORMATIONS`.
        without_masks: Why images that it acts on in `on_images` cannot have masks, as a clause; None
            where masks follow the images.
        multiplies: How many times as large a data set it makes, written to disk by `autotrick augment`.
        expert: Whether the recipe "published defaults" switches it on when a space lists it.
    """

    name: ClassVar[str]
    slot: ClassVar[str | None] = None
    excludes: ClassVar[Mapping[str, str]] = {}
    replaces: ClassVar[frozenset[str]] = frozenset()
    needs: ClassVar[frozenset[str]] = frozenset()
    tasks: ClassVar[frozenset[str] | None] = None
    rules: ClassVar[tuple[Together, ...]] = ()
    papers: ClassVar[tuple[Paper, ...]]
    claims: ClassVar[tuple[Claim, ...]] = ()
    cost: ClassVar[float] = 1.0
    position: ClassVar[int] = 50
    reshapes: ClassVar[bool] = False
    does: ClassVar[frozenset[str]] = frozenset()
    without_masks: ClassVar[str | None] = None
    multiplies: ClassVar[int] = 2
    expert: ClassVar[bool] = True

    def __post_init__(self) -> None:
        alone = (spec.rule.fault(spec.name, getattr(self, spec.name)) for spec in self.settings())
        together = (
            rule.fault(*(getattr(self, name) for name in rule.names)) for rule in self.rules
        )
        for fault in filter(None, itertools.chain(alone, together)):
            raise TrickError(f"{self.name}: {fault}")

    @classmethod
    def settings(cls) -> tuple[Setting, ...]:
        """Return what can be set, in the order of declaration."""
        if cls not in _SETTINGS:
            entries = (entry for entry in dataclasses.fields(cls) if entry.metadata)
            _SETTINGS[cls] = tuple(map(declared, entries))
        return _SETTINGS[cls]

    @classmethod
    def summary(cls) -> str:
        """Return the first line of the class's docstring."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    def values(self) -> Settings:
        """Return the settings as a recipe writes them."""
        return {spec.name: getattr(self, spec.name) for spec in self.settings()}

    def is_neutral(self) -> bool:
        """Return whether a setting stands at its neutral value: then the trick is not called.

        Override it where that is not enough, because other settings or the state matter too.
        """
        return any(
            spec.neutral is not None and getattr(self, spec.name) == spec.neutral
            for spec in self.settings()
        )

    def transformations(self) -> frozenset[str]:
        """Return what it does to images with these settings: `does`, or what a policy holds."""
        return self.does

    # Once a trial.

    def input_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return height and width of the part of the images that the network gets.

        The trick cuts such parts out in `on_images`. Evaluation, averages of weights and students of
        the network take the middle part of whole images (`Run.as_evaluated`).

        Args:
            size: Of the images before this trick.
        """
        return size

    def on_model(self, model: nn.Module, run: Run) -> nn.Module:
        """Return the network to train."""
        return model

    def on_groups(self, groups: list[Group], run: Run) -> list[Group]:
        """Return the parameter groups."""
        return groups

    def base_decay(self) -> float | None:
        """Return the weight decay that groups start from; None leaves it to the recipe.

        For tricks of slot `optimizer` whose decay has another meaning than the recipe's.
        """
        return None

    def make_optimizer(
        self, groups: list[dict[str, Any]], run: Run
    ) -> torch.optim.Optimizer | None:
        """Return the optimizer; None leaves it to the recipe. For tricks of slot `optimizer`.

        Args:
            groups: As torch optimizers take them, with weight_decay, lr, peak and scale filled in.
                Every update sets lr to peak times the schedules' factors; an optimizer with a rate
                of its own (in place of the recipe's) writes its own peak, scale (what `on_groups`
                made of the rate) included. Reports show the rate of the first group by its scale.
        """
        return None

    def on_start(self, run: Run) -> None:
        """Prepare `run.state[name]` (fresh) and `run.scratch`; a checkpoint then replaces the state."""

    # Once an epoch.

    def on_order(self, order: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
        """Return the samples that the epoch visits, in order; every epoch as many.

        A sample is a row number of the training split of N rows. For a further copy of it with draws
        of its own add a multiple of N.
        """
        return order

    # Every update.

    def warmup_updates(self, updates: int, per_epoch: int) -> int:
        """Return how many updates this trick's warmup takes."""
        return 0

    def accumulate(self, epoch: int, epochs: int) -> int:
        """Return a factor on the number of batches that each update of the epoch sums up.

        Args:
            epoch: Counted from 0.
            epochs: All of the trial's.
        """
        return 1

    def schedule(self, progress: Progress) -> float:
        """Return a factor on the learning rate; the factors of all tricks are multiplied.

        A pure function: reports draw the schedule from it.
        """
        return 1.0

    def rate(self, run: Run) -> float:
        """Return a further factor, which depends on what happened (recorded in `run.state`)."""
        return 1.0

    def momentum_at(self, progress: Progress) -> float | None:
        """Return the momentum of this update; None leaves it as it is."""
        return None

    # Every batch.

    def order_image_tricks(self, tricks: Sequence[Trick], run: Run) -> Sequence[Trick]:
        """Return the tricks of `on_images` in the order in which the current batch meets them."""
        return tricks

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        """Return the pictures after operations of `Pictures`, with draws of its own for each image.

        Geometric operations move masks with the images, by the same draws.

        Args:
            pictures: A batch of N, which is changed in place.
            samples: (N,) row numbers in the training split, to address the draws.
        """
        return pictures

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        """Return the batch after a change to normalised images, such as erasing.

        It hides pixels of images only: masks keep what is there.

        Args:
            batch: Its images may be written to.
        """
        return batch

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        """Return the batch after mixing its examples."""
        return batch

    def on_target(self, targets: Tensor, run: Run) -> Tensor:
        """Return (N, K, ...) targets; label smoothing acts here, after mixing."""
        return targets

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        """Return the scalar loss to descend, given the task's mean loss."""
        return loss

    def on_gradient(self, run: Run, again: Callable[[], None]) -> None:
        """Change the gradients in place.

        Args:
            again: Clears the gradients and computes them anew on the same examples, with the same
                draws and without touching batch-norm statistics: SAM's second pass.
        """

    def after_step(self, run: Run) -> None:
        """Act after the optimizer's step, on `run.model` or `run.state`."""

    # Every epoch.

    def model_for_evaluation(self, model: nn.Module, run: Run) -> nn.Module:
        """Return the network that is evaluated and handed over: an average of weights, say."""
        return model

    def on_predict(self, predict: Predict, run: Run) -> Predict:
        """Return a function from (N, C, H, W) images to (N, K) logits: test-time augmentation."""
        return predict

    def rewrite_report(
        self, report: EpochReport, before: Sequence[EpochReport], run: Run
    ) -> EpochReport:
        """Return the epoch's report, given those before; of what is handed over, if not its own."""
        return report

    def on_report(self, report: EpochReport, run: Run) -> None:
        """Take note of the epoch's outcome, in `run.state`."""

    def should_stop(self, reports: Sequence[EpochReport], run: Run) -> bool:
        """Return whether the trial ends here."""
        return False


_SETTINGS: dict[type[Trick], tuple[Setting, ...]] = {}
