"""The tables of a space that say how to search it: `[study]`, `[pruning]`, `[constraints]`, `[[recipes]]`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from autotrick.domain import Scalar
from autotrick.limits import most
from autotrick.measures import bytes_of

Phase = Literal["base", "screen", "search"]
PHASES: tuple[Phase, ...] = ("base", "screen", "search")

Text = Annotated[str, Field(max_length=most("text"))]


class Plateau(BaseModel):
    """When a search no longer improves.

    Attributes:
        trials: Begin no new trial after this many in a row finished without improvement.
            A trial that waits at a rung has not finished.
        delta: By how much a trial must be better to count, in the units of the objective; with
            several objectives one counts that is new to the Pareto set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    trials: int = Field(ge=1, le=most("trials"))
    delta: float = Field(default=0.0, ge=0, allow_inf_nan=False)


class StudySettings(BaseModel):
    """What a study of this space does unless the command line says otherwise.

    Attributes:
        trials: Number of trials.
        sampler: Who proposes them. `tpe`, `bayes`, `gp`, `cmaes`, `nsga2` and `nsga3` learn from what
            was found; `random` and `qmc` (evenly spread) do not; `grid` tries every recipe once.
        priors: Where expectations come from: `own`, what the space says of its values with `prior`;
            `published` adds what is published of tricks and settings that it says nothing of.
        duplicates: What happens to a proposal that equals an earlier recipe: `replicate` runs it with the
            next seed, `resample` first asks a few times for another one, `reuse` copies the earlier
            outcome without training.
        warm_start: Names of earlier studies whose trials teach the sampler, and whose best recipe is
            tried early.
        enqueue: Trials of earlier studies, as STUDY:NUMBER, whose recipes are tried early.
        seed: Random seed of the sampler.
        on_out_of_memory: `fail`, or `smaller_batch`: the next trial has half the batch size and
            twice the accumulation.
        keep_checkpoints: Number of best trials whose last checkpoint is kept, besides those that
            unfinished trials need.
        checkpoint_quota_mb: Maximum size of the checkpoints of ended trials in MB; the best are
            kept first. None for no limit.
        time_budget_min: Stop after this many minutes; running trials can be resumed. None for no
            limit.
        trial_hours: Stop after this many trial-hours (wall time x GPUs, or x CPUs without GPUs);
            None for no limit.
        cost_per_hour: Price of one trial-hour.
        max_cost: Stop when trial-hours have cost this much; None for no limit.
        plateau: When to end the search because it no longer improves.
        plan: The phases of the study, in this order: `base` looks for a good rate, batch and network,
            `screen` tells the effects of the tricks apart by a balanced design around the base,
            `search` looks for the best combination. None: all three if the space has five tricks or
            more to decide on and the sampler is the default one, else `search` alone.
        base: Decisions of the base by name, such as `base_lr`; those that are missing are looked for by
            the phase `base`, or have their published values if the plan has no such phase.
        precision: Half-width of the 95 % intervals that the screen should reach, in the unit in which
            people read the metric (points of accuracy). An effect within it does not matter.
        screen_share: Largest share of the budget that the base and the screen take; the smallest
            screen is run also where it takes more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    trials: int = Field(default=40, ge=1, le=most("trials"))
    sampler: Literal["tpe", "bayes", "random", "qmc", "grid", "cmaes", "gp", "nsga2", "nsga3"] = (
        "tpe"
    )
    priors: Literal["own", "published"] = "own"
    duplicates: Literal["replicate", "resample", "reuse"] = "replicate"
    warm_start: tuple[Text, ...] = Field(default=(), strict=False, max_length=most("entries"))
    enqueue: tuple[Text, ...] = Field(default=(), strict=False, max_length=most("entries"))
    seed: int = Field(default=0, ge=0, lt=2**63)
    on_out_of_memory: Literal["fail", "smaller_batch"] = "fail"
    keep_checkpoints: int = Field(default=10, ge=0, le=most("trials"))
    checkpoint_quota_mb: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    time_budget_min: float | None = Field(
        default=None, gt=0, le=most("minutes"), allow_inf_nan=False
    )
    trial_hours: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    cost_per_hour: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    max_cost: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    plateau: Plateau | None = None
    plan: tuple[Phase, ...] | None = Field(default=None, strict=False, min_length=1)
    base: dict[Text, Scalar] = Field(default={}, max_length=most("decisions"))
    precision: float = Field(default=0.5, gt=0, allow_inf_nan=False)
    screen_share: float = Field(default=0.8, gt=0, le=1)

    @field_validator("plan")
    @classmethod
    def _in_order(cls, plan: tuple[Phase, ...] | None) -> tuple[Phase, ...] | None:
        if plan is not None and list(plan) != sorted(set(plan), key=PHASES.index):
            raise ValueError(
                f"phases come in this order, each once: {', '.join(PHASES)}; not {', '.join(plan)}"
            )
        return plan


class Pruning(BaseModel):
    """When to stop or pause a trial that falls behind.

    Attributes:
        method: `asha`: trials pause at each rung, and the best 1 / factor of it go on, at once or
            later; `asha_stop`: those that are not among the best so far end; `hyperband`: several
            brackets of `asha`; `median`: those below the median of the others end; `pbt`: a
            population, the worst of which are replaced by changed copies of the best; `pb2`: the
            same, with changes that a bandit picks from what all settings came to so far; `none`: all
            trials are whole. The first trial, which the others are compared with, is always whole.
            `median` when the table does not say it, because it won on recorded curves
            (`python -m benchmarks spending`); `asha` if it names a factor, or with several objectives.
        first: Epochs before the first rung, before the median rule begins, or between two
            generations of a population.
        factor: Each rung is this many times later than the one before.
        population: Trials that `pbt` and `pb2` begin with; the others of the study are copies.
        share: Part of a generation that is replaced.
        fidelity: What trials get more of from rung to rung, beside epochs. `data`: until the rung at
            epoch r of E they see r / E of the training images, the same that later epochs see too;
            `image_size`: images with r / E of the pixels (sides are multiples of 4, and 8 at least).
            A trial that goes on keeps its weights. It is evaluated on the whole validation split, of
            as small images as it was trained on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    method: Literal["asha", "asha_stop", "hyperband", "median", "pbt", "pb2", "none"] = "median"
    first: int = Field(default=1, ge=1, le=most("epochs"))
    factor: int = Field(default=3, ge=2, le=most("epochs"))
    population: int = Field(default=8, ge=2, le=most("entries"))
    share: float = Field(default=0.25, gt=0, le=0.5)
    fidelity: Literal["epochs", "data", "image_size"] = "epochs"

    @model_validator(mode="before")
    @classmethod
    def _rungs(cls, raw: Any) -> Any:
        # Only rungs have a factor, and spaces that name one alone were written for them.
        if isinstance(raw, Mapping) and "factor" in raw and "method" not in raw:
            return {"method": "asha", **raw}
        return raw

    @property
    def moves(self) -> bool:
        """Whether trials are copied in the middle of training (population-based methods)."""
        return self.method in ("pbt", "pb2")

    def members(self, trials: int) -> int:
        """Return the size of the population; 0 without one.

        The first trial is the baseline and is not a member.
        """
        return min(self.population, trials - 1) if self.moves else 0


def _size(value: Any) -> Any:
    return bytes_of(value) if isinstance(value, str) else value


class Constraints(BaseModel):
    """Upper bounds that every recipe must keep; one that exceeds a bound is rejected before training.

    Attributes:
        parameters: Maximum number of trainable weights.
        multiply_adds: Maximum number of multiply-adds for one image.
        latency_ms: Maximum median time in ms to predict one image with the untrained network, on the
            driver's machine.
        memory: Maximum memory of training in bytes, or as a text such as `2 GiB`, beyond a process
            that has loaded all libraries. Measured by a few updates in a separate process on the
            driver's machine. This amount is reserved for every running trial.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    parameters: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    multiply_adds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    latency_ms: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    memory: Annotated[float, BeforeValidator(_size, json_schema_input_type=float | str)] | None = (
        Field(default=None, gt=0, allow_inf_nan=False)
    )

    @model_serializer(mode="wrap")
    def _as_ever(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Spaces of old keep their digest.
        table: dict[str, Any] = write(self)
        if self.memory is None:
            table.pop("memory", None)
        return table

    @property
    def bounds(self) -> dict[str, float]:
        """The upper bounds that are set, by measure."""
        return {name: bound for name, bound in self if bound is not None}


class NamedRecipe(BaseModel):
    """A recipe to try before the sampler proposes any.

    Attributes:
        label: Its name in lists and reports.
        answers: Decisions by name, such as `base_lr`, `"slot.mix"` and `"mixup.alpha"`; the others
            are as in the recipe with all tricks off, settings at their published values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Text = Field(min_length=1)
    answers: dict[Text, Scalar] = Field(default={}, max_length=most("decisions"))

    @field_validator("answers", mode="before")
    @classmethod
    def _plain(cls, answers: Any) -> Any:
        # Or each kind of a scalar would say on its own that this is not of it.
        for name, value in answers.items() if isinstance(answers, Mapping) else ():
            if not isinstance(value, Scalar):
                raise ValueError(f"plain values: {name} is a number, a string, true or false")
        return answers
