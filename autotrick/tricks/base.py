"""Trick: what it declares, and where it changes a training run.

A trick is one frozen dataclass in one file. Its fields are its settings, each made with `setting`.
Its class variables describe it. The stages that it overrides change the training. It keeps no state
of its own: values that must outlive an update go into `run.state`, which every checkpoint stores.
Randomness comes from `run.stream(name)`, addressed by update and sample.

Stages need not check for neutral settings: `assemble` leaves out a trick whose settings are neutral.

The trainer calls the stages in this order:

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
    """Change a training run. Every stage changes nothing by default.

    Attributes:
        name: The paper's name in snake case; equal to the file's name.
        slot: A recipe can use at most one trick of each slot (`mix`, `erase`, `policy`, `warmup`,
            `decay`, `average`, `optimizer`, `loss`, `norm`); None for no such limit.
        excludes: Names of the tricks that cannot be used together with this one, each with the
            reason.
        replaces: Names of the tricks that have no effect while this one is on; the trainer drops
            them.
        needs: Names of the tricks that this one requires.
        tasks: Names of the tasks that it works for; None for all, as for tricks that change neither
            targets nor logits. A task may admit more of them (`Task.tricks`).
        rules: Conditions between its settings.
        papers: Where it was published; the implementation follows the first one. Only a trick of the user's
            own may have none.
        claims: Published effects.
        cost: Expected training time with it, relative to training without it (`declare`).
        position: Order among the tricks of one stage; smaller runs first.
        reshapes: Whether it can change the number or the size of the images in a batch.
        does: Transformations from `augment.policies.TRANSFORMATIONS` that it applies to images, which
            a data set's profile may forbid.
        without_masks: Why `on_images` cannot handle images with masks, as a clause; None if masks
            follow the images.
        multiplies: Factor by which `autotrick augment` enlarges the data set on disk.
        expert: Whether the recipe "published defaults" switches it on when a space lists it.
        only_weights: Whether `on_model` changes weights alone and not the network's structure. Then a
            network that gets its weights from a checkpoint does without it, and without the files
            and images that it reads.
    """

    name: ClassVar[str]
    slot: ClassVar[str | None] = None
    excludes: ClassVar[Mapping[str, str]] = {}
    replaces: ClassVar[frozenset[str]] = frozenset()
    needs: ClassVar[frozenset[str]] = frozenset()
    tasks: ClassVar[frozenset[str] | None] = None
    rules: ClassVar[tuple[Together, ...]] = ()
    papers: ClassVar[tuple[Paper, ...]] = ()
    claims: ClassVar[tuple[Claim, ...]] = ()
    cost: ClassVar[float] = 1.0
    position: ClassVar[int] = 50
    reshapes: ClassVar[bool] = False
    does: ClassVar[frozenset[str]] = frozenset()
    without_masks: ClassVar[str | None] = None
    multiplies: ClassVar[int] = 2
    expert: ClassVar[bool] = True
    only_weights: ClassVar[bool] = False

    def __post_init__(self) -> None:
        alone = (spec.rule.fault(spec.name, getattr(self, spec.name)) for spec in self.settings())
        together = (
            rule.fault(*(getattr(self, name) for name in rule.names)) for rule in self.rules
        )
        for fault in filter(None, itertools.chain(alone, together)):
            raise TrickError(f"{self.name}: {fault}")

    @classmethod
    def settings(cls) -> tuple[Setting, ...]:
        """Return the settings in the order of declaration."""
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
        """Return whether the settings make the trick a no-op; if so, no stage is called.

        By default, one setting at its neutral value is enough. Override it if other settings or the
        state matter too.
        """
        return any(
            spec.neutral is not None and getattr(self, spec.name) == spec.neutral
            for spec in self.settings()
        )

    def transformations(self) -> frozenset[str]:
        """Return the transformations that these settings apply: `does`, or those in a policy."""
        return self.does

    # Once a trial.

    def input_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the height and width of the image part that the network receives.

        The trick cuts this part out in `on_images`. Evaluation, weight averages and students of the
        network use the middle part of whole images (`Run.as_evaluated`).

        Args:
            size: (height, width) of the images before this trick.
        """
        return size

    def on_model(self, model: nn.Module, run: Run) -> nn.Module:
        """Return the network to train."""
        return model

    def on_groups(self, groups: list[Group], run: Run) -> list[Group]:
        """Return the parameter groups."""
        return groups

    def base_decay(self) -> float | None:
        """Return the default weight decay of the parameter groups; None keeps the recipe's.

        For tricks of slot `optimizer` whose weight decay has another meaning than the recipe's.
        """
        return None

    def make_optimizer(
        self, groups: list[dict[str, Any]], run: Run
    ) -> torch.optim.Optimizer | None:
        """Return the optimizer; None keeps the recipe's. For tricks of slot `optimizer`.

        Args:
            groups: Parameter groups in torch's format, with weight_decay, lr, peak and scale filled
                in. Every update sets lr to peak times the schedules' factors. An optimizer with its
                own learning rate instead of the recipe's sets its own peak, which includes scale (the
                factor from `on_groups`). Reports show the first group's rate divided by its scale.
        """
        return None

    def on_start(self, run: Run) -> None:
        """Initialise `run.state[name]` and `run.scratch`; a checkpoint then overwrites the state."""

    # Once an epoch.

    def on_order(self, order: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
        """Return the samples of the epoch in order; every epoch has the same number.

        A sample is a row number of the training split, which has N rows. To visit a row again with
        separate random draws, add a multiple of N.
        """
        return order

    # Every update.

    def warmup_updates(self, updates: int, per_epoch: int) -> int:
        """Return the number of updates that this trick's warmup takes."""
        return 0

    def accumulate(self, epoch: int, epochs: int) -> int:
        """Return a factor on the number of batches that each update of the epoch accumulates.

        Args:
            epoch: Counted from 0.
            epochs: Number of epochs in the trial.
        """
        return 1

    def schedule(self, progress: Progress) -> float:
        """Return a factor on the learning rate; the factors of all tricks are multiplied.

        Must be a pure function, because reports plot the schedule with it.
        """
        return 1.0

    def rate(self, run: Run) -> float:
        """Return a further factor that depends on earlier results (stored in `run.state`)."""
        return 1.0

    def momentum_at(self, progress: Progress) -> float | None:
        """Return the momentum for this update; None leaves it unchanged."""
        return None

    # Every batch.

    def order_image_tricks(self, tricks: Sequence[Trick], run: Run) -> Sequence[Trick]:
        """Return the `on_images` tricks in the order to apply them to the current batch."""
        return tricks

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        """Return the pictures after applying operations of `Pictures`, with separate draws per image.

        Geometric operations move masks and images by the same draws.

        Args:
            pictures: A batch of N; changed in place.
            samples: (N,) row numbers in the training split, which address the draws.
        """
        return pictures

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        """Return the batch after changing normalised images, for example by erasing.

        Changes pixels of images only; masks stay as they are.

        Args:
            batch: The batch; its images can be changed in place.
        """
        return batch

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        """Return the batch after mixing its examples."""
        return batch

    def on_target(self, targets: Tensor, run: Run) -> Tensor:
        """Return (N, K, ...) targets; runs after mixing. Label smoothing uses it."""
        return targets

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        """Return the scalar loss to minimise, given the task's mean loss."""
        return loss

    def on_gradient(self, run: Run, again: Callable[[], None]) -> None:
        """Change the gradients in place.

        Args:
            again: Clears the gradients and recomputes them on the same examples with the same draws,
                without updating batch-norm statistics; SAM's second pass.
        """

    def after_step(self, run: Run) -> None:
        """Change `run.model` or `run.state` after the optimizer's step."""

    # Every epoch.

    def model_for_evaluation(self, model: nn.Module, run: Run) -> nn.Module:
        """Return the network to evaluate and save, such as an average of weights."""
        return model

    def on_predict(self, predict: Predict, run: Run) -> Predict:
        """Return a function from (N, C, H, W) images to (N, K) logits, for test-time augmentation."""
        return predict

    def rewrite_report(
        self, report: EpochReport, before: Sequence[EpochReport], run: Run
    ) -> EpochReport:
        """Return the epoch's report, changed if the saved network is not the epoch's own."""
        return report

    def on_report(self, report: EpochReport, run: Run) -> None:
        """Record the epoch's results in `run.state`."""

    def should_stop(self, reports: Sequence[EpochReport], run: Run) -> bool:
        """Return whether to end the trial after this epoch."""
        return False


_SETTINGS: dict[type[Trick], tuple[Setting, ...]] = {}
