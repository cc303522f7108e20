"""What a trick declares, and where it acts on a training run.

A trick is one frozen dataclass in one file. Its fields are its settings, each made with `setting`;
its class variables say what it is; the stages that it overrides say what it does. It keeps no state
of its own: what must outlive an update goes into `run.state`, which every checkpoint carries, and
randomness comes from `run.stream(name)`, addressed by update and sample.

The stages, in the order in which the trainer calls them:

    once a trial     on_model, on_groups, make_optimizer, on_start
    once an epoch    on_order
    every update     schedule
    every batch      on_images (uint8), on_tensor (normalised), on_batch, on_target, on_loss
    every update     on_gradient, after_step
    every epoch      evaluated, on_predict, should_stop
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Domain, Value
from autotrick.draws import Stream
from autotrick.errors import TrickError
from autotrick.lazy import torch
from autotrick.recipe import EpochReport, Recipe, Settings

if TYPE_CHECKING:
    from torch import Tensor, nn

Images = NDArray[np.uint8]
Task = Literal["classification"]
Predict = "Callable[[Tensor], Tensor]"


@dataclass(frozen=True, slots=True)
class Paper:
    """Where a trick was published."""

    title: str
    authors: str
    year: int
    link: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A published effect: the metric without the trick and with it.

    Attributes:
        before: Accuracy in percent without the trick.
        after: Accuracy in percent with it.
    """

    data: str
    architecture: str
    before: float
    after: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a trick.

    Attributes:
        default: The published value.
        domain: What a search tries unless the space says otherwise; None means it is not searched.
        neutral: The value at which the trick does nothing; None when no single value does.
        legal: The rule in words, such as `0 <= alpha`, and its check.
    """

    name: str
    about: str
    default: Value
    domain: Domain | None
    neutral: Value
    rule: str
    accepts: Callable[[Any], bool]


def setting(
    default: Any,
    about: str,
    *,
    search: Domain | None = None,
    neutral: Value = None,
    rule: str = "",
    accepts: Callable[[Any], bool] = lambda value: True,
) -> Any:
    """Declare a setting, as the default of a dataclass field.

    Args:
        default: The published value.
        about: Meaning, unit and range in one sentence.
        search: What a search tries unless the space says otherwise.
        neutral: The value at which the trick does nothing.
        rule: The rule for any value, as an expression that a reader understands: `0 <= alpha`.
        accepts: Whether a value (already of the field's type) keeps the rule.
    """
    spec = {"about": about, "search": search, "neutral": neutral, "rule": rule, "accepts": accepts}
    if isinstance(default, list | dict):
        return field(default_factory=lambda: default, metadata=spec)
    return field(default=default, metadata=spec)


@dataclass(slots=True)
class Batch:
    """The examples of one forward pass, on the device.

    Attributes:
        images: (N, C, H, W) floats, normalised per channel.
        targets: (N, K) floats; each row is a distribution over the K classes.
        labels: (N,) the integer labels before any mixing, for bookkeeping.
        samples: (N,) row numbers in the training split, for addressed draws; on the CPU.
    """

    images: Tensor
    targets: Tensor
    labels: Tensor
    samples: NDArray[np.int64]


@dataclass(slots=True)
class Group:
    """Parameters that share their optimizer settings.

    Attributes:
        names: Of the parameters, as `model.named_parameters` gives them.
        weight_decay: Overrides the recipe's.
        lr_scale: Factor on the learning rate of every update.
    """

    names: list[str]
    parameters: list[nn.Parameter]
    weight_decay: float
    lr_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where in the trial an update stands. Schedules are functions of this alone.

    Attributes:
        update: Counted from 0.
        updates: All updates of the trial.
        warmup: Updates that belong to the warmup.
        per_epoch: Updates of one epoch.
    """

    update: int
    updates: int
    warmup: int
    per_epoch: int

    @property
    def fraction(self) -> float:
        """Share of the trial that is behind, in [0, 1)."""
        return self.update / self.updates

    @property
    def decay(self) -> float:
        """Share of the time after the warmup that is behind, in [0, 1): 0 during the warmup."""
        return max(0, self.update - self.warmup) / max(1, self.updates - self.warmup)


@dataclass
class Run:
    """One training run, as tricks see it.

    Attributes:
        classes: Number K of classes.
        channels: Of the images, 1 or 3.
        mean: (C,) mean of the training images, in [0, 1].
        std: (C,) their standard deviation.
        updates: All optimizer updates of the trial.
        per_epoch: Updates of one epoch.
        warmup: Updates that belong to the warmup.
        update: The current update, counted from 0.
        epoch: The current epoch, counted from 0.
        model: The network; set before `on_groups`.
        optimizer: Set before `on_start`.
        state: What tricks keep between updates, by trick name, then by a name of theirs: tensors,
            numbers, strings, lists and dicts of them. Every checkpoint carries it.
        scratch: Like `state`, but rebuilt by `on_start` and not in checkpoints (a teacher, say).
        metrics: Numbers that tricks want in the epoch's report; emptied after every epoch.
    """

    recipe: Recipe
    classes: int
    channels: int
    image_size: tuple[int, int]
    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    updates: int
    per_epoch: int
    device: torch.device
    warmup: int = 0
    update: int = 0
    epoch: int = 0
    model: nn.Module = field(init=False)
    optimizer: torch.optim.Optimizer = field(init=False)
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    scratch: dict[str, dict[str, Any]] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    _scale: Tensor | None = field(default=None, init=False, repr=False)

    def stream(self, name: str) -> Stream:
        """Return the draws of the named consumer; the same for the whole trial."""
        return Stream(self.recipe.seed, name)

    def normalised(self, images: Images) -> Tensor:
        """Return (N, H, W, C) uint8 images as the network takes them: (N, C, H, W) floats.

        Each channel has the training split's mean 0 and standard deviation 1.
        """
        if self._scale is None:
            scale = torch.from_numpy(255 * np.stack([self.mean, self.std]))
            self._scale = scale.to(self.device)[:, :, None, None]
        shift, spread = self._scale
        writable = np.require(images, requirements=["C", "W"])  # copies rows of a memory map
        pixels = torch.from_numpy(writable).to(self.device)
        floats = pixels.permute(0, 3, 1, 2).float().sub_(shift).div_(spread)
        layout = torch.channels_last if self.recipe.channels_last else torch.contiguous_format
        return floats.contiguous(memory_format=layout)


@dataclass(frozen=True, kw_only=True)
class Trick:
    """A change to training. Every stage defaults to no change.

    Class variables:
        name: As the paper names it, in snake case; equal to the file's name.
        slot: At most one trick of a slot is on in a recipe (`mix`, `erase`, `policy`, `warmup`,
            `decay`, `average`, `optimizer`); None for no such limit.
        excludes: Names of tricks that cannot be on together with this one, each with the reason.
        replaces: Names of tricks that do nothing while this one is on; the trainer leaves them out.
        needs: Names of tricks that must be on too.
        tasks: What it can train.
        papers: Where it was published; the first is the definition followed here.
        claims: Published effects.
        cost: Expected time of a training step with it, as a factor of the step without.
        position: Order among the tricks of one stage; smaller acts first.
        expert: Whether the recipe "published defaults" switches it on when a space lists it.
    """

    name: ClassVar[str]
    slot: ClassVar[str | None] = None
    excludes: ClassVar[Mapping[str, str]] = {}
    replaces: ClassVar[frozenset[str]] = frozenset()
    needs: ClassVar[frozenset[str]] = frozenset()
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    papers: ClassVar[tuple[Paper, ...]]
    claims: ClassVar[tuple[Claim, ...]] = ()
    cost: ClassVar[float] = 1.0
    position: ClassVar[int] = 50
    expert: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for spec in self.settings():
            value = getattr(self, spec.name)
            if not spec.accepts(value):
                message = f"{self.name}: `{spec.rule}` must hold, but got {spec.name}={value!r}."
                raise TrickError(message)

    @classmethod
    def settings(cls) -> tuple[Setting, ...]:
        """Return what can be set, in the order of declaration."""
        return tuple(_setting(entry) for entry in dataclasses.fields(cls) if entry.metadata)

    @classmethod
    def summary(cls) -> str:
        """Return the first line of the class's docstring."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    def values(self) -> Settings:
        """Return the settings as a recipe writes them."""
        return {spec.name: getattr(self, spec.name) for spec in self.settings()}

    # Once a trial.

    def on_model(self, model: nn.Module, run: Run) -> nn.Module:
        """Return the network to train."""
        return model

    def on_groups(self, groups: list[Group], run: Run) -> list[Group]:
        """Return the parameter groups."""
        return groups

    def make_optimizer(self, groups: list[dict[str, Any]], run: Run) -> torch.optim.Optimizer | None:
        """Return the optimizer; None leaves it to the recipe. For tricks of slot `optimizer`.

        Args:
            groups: As torch optimizers take them, with lr, weight_decay and lr_scale filled in.
        """
        return None

    def on_start(self, run: Run) -> None:
        """Prepare `run.state[name]` (fresh) and `run.scratch`; a checkpoint then replaces the state."""

    # Once an epoch.

    def on_order(self, order: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
        """Return the row numbers of the training split that the epoch visits, in order."""
        return order

    # Every update.

    def warmup_updates(self, updates: int, per_epoch: int) -> int:
        """Return how many updates this trick's warmup takes."""
        return 0

    def schedule(self, progress: Progress) -> float:
        """Return a factor on the learning rate; the factors of all tricks are multiplied."""
        return 1.0

    # Every batch.

    def on_images(self, images: Images, samples: NDArray[np.int64], run: Run) -> Images:
        """Return augmented images: geometry and colour on (N, H, W, C) uint8, a draw per image.

        Args:
            images: A batch that may be written to.
            samples: (N,) row numbers in the training split, to address the draws.
        """
        return images

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        """Return the batch after a change to normalised images, such as erasing."""
        return batch

    def on_batch(self, batch: Batch, run: Run) -> Batch:
        """Return the batch after mixing its examples."""
        return batch

    def on_target(self, targets: Tensor, run: Run) -> Tensor:
        """Return (N, K) targets; label smoothing acts here, after mixing."""
        return targets

    def on_loss(self, loss: Tensor, logits: Tensor, batch: Batch, run: Run) -> Tensor:
        """Return the scalar loss to descend, given the mean cross-entropy."""
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

    def evaluated(self, model: nn.Module, run: Run) -> nn.Module:
        """Return the network that is evaluated and handed over: an average of weights, say."""
        return model

    def on_predict(self, predict: Predict, run: Run) -> Predict:
        """Return a function from (N, C, H, W) images to (N, K) logits: test-time augmentation."""
        return predict

    def should_stop(self, reports: Sequence[EpochReport], run: Run) -> bool:
        """Return whether the trial ends here."""
        return False


def _setting(entry: dataclasses.Field[Any]) -> Setting:
    made = entry.default_factory
    default = made() if made is not dataclasses.MISSING else entry.default
    spec = entry.metadata
    return Setting(
        entry.name,
        spec["about"],
        default,
        spec["search"],
        spec["neutral"],
        spec["rule"],
        spec["accepts"],
    )
