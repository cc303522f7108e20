"""The values that cross every border: what decides a trial, and what it found."""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from autotrick.domain import Value
from autotrick.limits import most
from autotrick.tasks import ACCURACY, CLASSIFICATION

Settings = dict[str, Value]
"""The settings of a trick or an architecture, by name; plain JSON values."""

LARGEST_SIDE = most("image_size")
"""Pixels: one such image takes 48 MiB decoded, and 192 MiB as the floats that a network gets."""


class DataRef(BaseModel):
    """Which images, and how they were split.

    Attributes:
        name: As the space names it: `digits`, `fashion_mnist`, `cifar10`, `folder`, `parquet`.
        fingerprint: Digest of the arrays and of the class names, after the options below.
        image_size: Side in pixels that images were resized to, at most LARGEST_SIDE; None keeps the
            source's size.
        resize: How images become square: `squash` stretches them, `crop` cuts their middle out, `pad`
            puts black beside them.
        validation: Share of the training images that is carved off, in (0, 1); None when the source
            has a validation split of its own.
        split_seed: Decides which images are carved off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    fingerprint: str = ""
    image_size: int | None = Field(default=None, ge=4, le=LARGEST_SIDE)
    validation: float | None = Field(default=0.1, gt=0, lt=1)
    split_seed: int = 0
    resize: Literal["squash", "crop", "pad"] = "squash"

    @model_serializer(mode="wrap")
    def _as_ever(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave `resize` out where it says nothing: recipes keep the digest that they had without it."""
        found: dict[str, Any] = handler(self)
        if self.resize == "squash":
            found.pop("resize", None)
        return found


class Fidelity(BaseModel):
    """What the epochs before the last rung leave out, so that they cost less.

    Attributes:
        of: `data`: epochs see a part of the training images, an earlier one of those that a later one
            sees; `image_size`: they see smaller images, and so does their evaluation.
        rungs: Pairs of an epoch and a share in (0, 1): of the images, or of the pixels of an image,
            until that epoch is over. Both rise. After the last rung everything is whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    of: Literal["data", "image_size"]
    rungs: tuple[tuple[int, float], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> "Fidelity":
        epochs, shares = zip(*self.rungs, strict=True)
        if list(epochs) != sorted(set(epochs)) or epochs[0] < 1:
            raise ValueError(f"rungs come one after the other from epoch 1 on, not at {epochs}")
        if list(shares) != sorted(set(shares)) or not 0 < shares[0] <= shares[-1] < 1:
            raise ValueError(f"shares rise between 0 and 1, not as {shares}")
        return self

    def share(self, epoch: int) -> float:
        """Return the share in (0, 1] that an epoch sees.

        Args:
            epoch: Counted from 0.
        """
        return next((share for rung, share in self.rungs if epoch < rung), 1.0)


class Leg(BaseModel):
    """Settings that change in the middle of a training and stay so until the next leg.

    Attributes:
        after: Epochs that lie before the change.
        fields: New values of base_lr, momentum and weight_decay, where they change.
        tricks: All settings of those tricks of which some change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: int = Field(ge=1)
    fields: dict[Literal["base_lr", "momentum", "weight_decay"], float] = {}
    tricks: dict[str, Settings] = {}


class Recipe(BaseModel):
    """All that decides a trial's result: equal recipes give equal weights, bit for bit.

    Equal means on equal hardware and library versions. Treat the mappings as read-only.

    Attributes:
        data: The images.
        architecture: A name of the catalogue, such as `lenet5` or `timm/resnet18`.
        architecture_settings: Its settings, such as `width`.
        epochs: Passes over the training set that the schedule is made for.
        batch_size: Examples of one forward pass.
        accumulation: Forward passes that one update sums up.
        base_lr: Learning rate at 256 examples an update.
        scaling_exponent: How the rate grows with the examples of an update: 1 linear (Goyal et al.,
            2017), 0.5 square root, 0 not at all.
        momentum: Of SGD with Nesterov's momentum, when no trick brings another optimizer; in [0, 1).
        weight_decay: As the optimizer applies it; SGD adds it to the gradient (L2).
        tricks: Name to settings; a trick that is off is absent.
        seed: Decides initial weights, data order and every draw of a trick.
        precision: `bf16` runs the forward pass under autocast.
        threads: Threads of one trial on the CPU, at most `LIMITS["threads"]`; they change floating-point
            sums.
        channels_last: Memory format of weights and images; it changes floating-point sums.
        compiled: Whether the network goes through torch.compile; reports then say for how long
            (`compile_seconds`).
        course: Changes on the way, the earliest first, as population-based training makes them.
        fidelity: What the first epochs leave out; None for nothing.
        task: What is learnt (`autotrick.tasks`).
        code: Digests of the user's own code that it trains with, by package or file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: DataRef
    architecture: str
    architecture_settings: Settings = {}
    epochs: int = Field(ge=1, le=most("epochs"))
    batch_size: int = Field(ge=1, le=most("batch_size"))
    accumulation: int = Field(default=1, ge=1, le=most("accumulation"))
    base_lr: float = Field(gt=0, allow_inf_nan=False)
    scaling_exponent: float = Field(default=1.0, ge=0, le=1)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: float = Field(default=5e-4, ge=0, allow_inf_nan=False)
    tricks: dict[str, Settings] = {}
    seed: int = Field(default=0, ge=0, lt=2**63)
    precision: Literal["fp32", "bf16"] = "fp32"
    threads: int = Field(default=1, ge=1, le=most("threads"))
    channels_last: bool = True
    compiled: bool = False
    course: tuple[Leg, ...] = ()
    fidelity: Fidelity | None = None
    task: str = CLASSIFICATION.name
    code: dict[str, str] = {}

    @model_serializer(mode="wrap")
    def _without_what_is_new(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Recipes of old keep their digest.
        table: dict[str, Any] = write(self)
        if not self.course:
            table.pop("course", None)
        if self.fidelity is None:
            table.pop("fidelity", None)
        if self.task == CLASSIFICATION.name:
            table.pop("task", None)
        if not self.code:
            table.pop("code", None)
        return table

    @model_validator(mode="after")
    def _in_order(self) -> "Recipe":
        moments = [leg.after for leg in self.course]
        if moments != sorted(set(moments)) or any(moment >= self.epochs for moment in moments):
            raise ValueError(
                f"legs begin one after the other before the last epoch, not at {moments}"
            )
        absent = {name for leg in self.course for name in leg.tricks} - self.tricks.keys()
        if absent:
            raise ValueError(
                f"a leg changes settings of tricks that are on, not of {sorted(absent)}"
            )
        return self

    @model_validator(mode="after")
    def _whole_at_last(self) -> "Recipe":
        if self.fidelity and self.fidelity.rungs[-1][0] >= self.epochs:
            raise ValueError(
                f"the last of {self.epochs} epochs leaves nothing out, so no rung is at "
                f"{self.fidelity.rungs[-1][0]}"
            )
        return self

    def share(self, of: Literal["data", "image_size"], epoch: int) -> float:
        """Return the share of the images, or of their pixels, that an epoch sees, in (0, 1].

        Args:
            epoch: Counted from 0.
        """
        return self.fidelity.share(epoch) if self.fidelity and self.fidelity.of == of else 1.0

    def at(self, epochs: int) -> "Recipe":
        """Return the recipe by which the training goes on after so many epochs, without a course."""
        if not self.course:
            return self
        changes: dict[str, Any] = {"course": (), "tricks": dict(self.tricks)}
        for leg in self.course:
            if leg.after <= epochs:
                changes |= {str(name): value for name, value in leg.fields.items()}
                changes["tricks"] |= leg.tricks
        return self.model_copy(update=changes)

    def until(self, epochs: int) -> "Recipe":
        """Return the recipe without the legs that begin after so many epochs or later."""
        course = tuple(leg for leg in self.course if leg.after < epochs)
        return self.model_copy(update={"course": course})

    @property
    def lr(self) -> float:
        """base_lr x (batch_size x accumulation / 256) ^ scaling_exponent.

        It is the peak rate of an optimizer without a rate of its own; `autotrick.tricks.peak_lr` is
        that of any.
        """
        examples = self.batch_size * self.accumulation
        return self.base_lr * float((examples / 256) ** self.scaling_exponent)

    def digest(self) -> str:
        """Return 16 hex digits that name this recipe, whatever the order of its keys."""
        return digest_of(self.model_dump(mode="json"))


class EpochReport(BaseModel):
    """What one epoch of a trial came to.

    Attributes:
        epoch: Counted from 1.
        metrics: The task's metrics on the validation split by name, the first one first, with what
            the evaluation tricks bring. Where it is accuracy alone, JSON has a key `accuracy` in
            place of `metrics`, and `EpochReport` takes it as an argument of that name.
        loss: The task's loss on the validation split without what tricks change of it; of classes
            the cross-entropy without label smoothing, in nats.
        train_loss: Mean over the epoch's batches, of the loss that was trained on.
        lr: Learning rate of the epoch's last update.
        seconds: Wall time of the epoch, evaluation included.
        weights: Digest of the weights that a prediction would use after this epoch.
        extra: Further numbers, such as a metric's `raw_` value without averaging, or the task's
            `agreement` of predictions with the targets of training images that were mixed.
    """

    # Plain JSON has no infinity, and a number that became null could not be read again.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    epoch: int = Field(ge=1, lt=2**31)
    metrics: dict[str, float] = Field(min_length=1)
    loss: float
    train_loss: float
    lr: float
    seconds: float = Field(ge=0)
    weights: str
    extra: dict[str, float] = {}

    if TYPE_CHECKING:  # what the validator below takes

        def __init__(  # noqa: PLR0913 -- the fields
            self,
            *,
            epoch: int,
            loss: float,
            train_loss: float,
            lr: float,
            seconds: float,
            weights: str,
            metrics: Mapping[str, float] = ...,
            accuracy: float = ...,
            extra: Mapping[str, float] = ...,
        ) -> None: ...

    def curves(self) -> dict[str, float]:
        """Return what is drawn of an epoch: its metrics, losses, rate and time."""
        own = {name: getattr(self, name) for name in ("loss", "train_loss", "lr", "seconds")}
        return {**self.metrics, **own}

    @property
    def without_effect(self) -> tuple[str, ...]:
        """The tricks that found nothing to change in the network, by what they note in `extra`.

        `stochastic_depth` and `zero_init_norm` are such where there are no residual branches. They are
        on in the recipe all the same.
        """
        return idle_tricks(self.extra)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, values: Any) -> Any:
        """Take accuracy under a key of its own, as reports of classifiers are written."""
        if not isinstance(values, Mapping) or ACCURACY.name not in values:
            return values
        others = {name: value for name, value in values.items() if name != ACCURACY.name}
        named = {ACCURACY.name: values[ACCURACY.name], **(others.get("metrics") or {})}
        return others | {"metrics": named}

    @field_validator("metrics")
    @classmethod
    def _possible(cls, metrics: dict[str, float]) -> dict[str, float]:
        accuracy = metrics.get(ACCURACY.name)
        if accuracy is not None and not ACCURACY.possible(accuracy):
            raise ValueError(f"an accuracy is in [0, 1], not {accuracy}")
        return metrics

    @model_serializer(mode="wrap")
    def _as_ever(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write accuracy under a key of its own where it is the only metric, as it ever was."""
        table: dict[str, Any] = write(self)
        if list(self.metrics) != [ACCURACY.name] or "metrics" not in table:
            return table
        return {
            (ACCURACY.name if name == "metrics" else name): (
                self.metrics[ACCURACY.name] if name == "metrics" else value
            )
            for name, value in table.items()
        }

    def model_copy(
        self, *, update: Mapping[str, Any] | None = None, deep: bool = False
    ) -> "EpochReport":
        """Return a copy with some fields changed, `accuracy` among them."""
        changes = dict(update or {})
        if ACCURACY.name in changes:
            changes["metrics"] = self.metrics | {ACCURACY.name: changes.pop(ACCURACY.name)}
        return super().model_copy(update=changes, deep=deep)

    @property
    def accuracy(self) -> float:
        """On the validation split, in [0, 1].

        Raises:
            KeyError: The task is not classification.
        """
        return self.metrics[ACCURACY.name]

    @property
    def value(self) -> float:
        """The first metric, which a study looks for unless its space names another one."""
        return next(iter(self.metrics.values()))


_CHANGED = ("layers", "branches", "tensors")
"""What tricks count of a network that they change."""


def idle_tricks(extra: Mapping[str, float]) -> tuple[str, ...]:
    """Return the tricks that changed nothing, given the further numbers of an epoch's report."""
    parts = ((*name.rpartition("."), count) for name, count in extra.items())
    return tuple(trick for trick, _, what, count in parts if what in _CHANGED and count == 0)


class TrialResult(BaseModel):
    """What training found.

    Attributes:
        reports: One an epoch, in order, those of earlier attempts included.
        parameters: Number of trainable weights.
        stopped: Whether it ended before the last epoch of its recipe.
        measures: What was measured at the end, by the names of `autotrick.measures`.
        ended_by: Name of the trick that ended it before its last epoch; None if none did.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reports: tuple[EpochReport, ...]
    parameters: int
    stopped: bool = False
    measures: dict[str, float] = {}
    ended_by: str | None = None

    @property
    def seconds(self) -> float:
        return sum(report.seconds for report in self.reports)

    @property
    def metrics(self) -> dict[str, float]:
        """The task's metrics on the validation split after the last epoch."""
        return self.reports[-1].metrics

    @property
    def accuracy(self) -> float:
        """Validation accuracy after the last epoch, in [0, 1]."""
        return self.reports[-1].accuracy

    @property
    def weights(self) -> str:
        """Digest of the final weights."""
        return self.reports[-1].weights


def digest_of(value: Mapping[str, Any]) -> str:
    """Return 16 hex digits of the SHA-256 of a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
