"""What a study looks for: a metric, a reward that weighs it, or the Pareto set of several measures.

Metrics have directions. They are turned here, and only here, so that larger is better: samplers,
schedulers, budgets and the `score` column of the database see turned values.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from autotrick import tasks
from autotrick.measures import COSTS, MEASURES, worded
from autotrick.tasks import ACCURACY, Metric

Value = float | tuple[float, ...]
"""What a trial is worth, larger is better: one number, or one for each of several objectives."""

SOFT, HARD = -0.07, -1.0
"""MnasNet's exponents."""


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in MEASURES:
            raise ValueError(f"of {', '.join(MEASURES)}")
    if len(set(names)) < len(names):
        raise ValueError("names that differ")
    return names


class Reward(BaseModel):
    """Accuracy x (measure / target) ^ w; for classifiers.

    Tan, Chen, Pang, Vasudevan, Sandler, Howard, Le, "MnasNet: Platform-Aware Neural Architecture
    Search for Mobile", CVPR 2019. https://arxiv.org/abs/1807.11626

    Where more of a measure is better, the fraction is turned over.

    Attributes:
        measure: What accuracy is weighed against, such as `latency_ms`.
        target: Its value that is aimed at.
        form: `soft`: w everywhere, so that better than the target pays too; `hard`: accuracy alone
            up to the target, w beyond.
        exponent: w; by default -0.07 (soft) and -1 (hard), as in the paper. Below -20 a reward is beyond
            all numbers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    measure: str
    target: float = Field(gt=0, allow_inf_nan=False)
    form: Literal["soft", "hard"] = "soft"
    exponent: float | None = Field(default=None, lt=0, ge=-20, allow_inf_nan=False)

    @field_validator("measure")
    @classmethod
    def _weighed(cls, name: str) -> str:
        _known((name,))
        if name not in COSTS:
            raise ValueError(f"another measure than {ACCURACY.title}, which is weighed against it")
        return name

    @property
    def w(self) -> float:
        """The exponent."""
        return self.exponent or {"soft": SOFT, "hard": HARD}[self.form]

    def of(self, accuracy: float, measured: float) -> float:
        """Return the reward of an accuracy in [0, 1] and the measure's value, above 0."""
        over = measured / self.target
        if MEASURES[self.measure].larger:
            # A measure of 0 is infinitely far from its target, and worth nothing.
            over = self.target / measured if measured > 0 else float("inf")
        if self.form == "hard" and over <= 1:
            return accuracy
        # What cannot be measured for being too small counts as very small.
        return accuracy * float(max(over, 1e-9) ** self.w)

    def __str__(self) -> str:
        target = worded(self.measure, self.target)
        base = f"{self.measure} / {target}"
        if MEASURES[self.measure].larger:
            base = f"{target} / {self.measure}"
        beyond = " where that is above 1" if self.form == "hard" else ""
        return f"{ACCURACY.title} x ({base}) ^ {self.w:g}{beyond}"


class Objective(BaseModel):
    """What a study looks for.

    Attributes:
        objectives: One, or several of which the Pareto set is looked for: a metric of the task
            (`accuracy`), `seconds`, `parameters`, `multiply_adds`, `latency_ms`, `robustness`.
        reward: One number in place of objectives: accuracy weighed against a cost.
        also: What to measure at the end of each trial beside what the objective needs; it costs
            time only for `latency_ms` and `robustness`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    objectives: tuple[str, ...] = Field(default=(ACCURACY.name,), strict=False)
    reward: Reward | None = None
    also: tuple[str, ...] = Field(default=(), strict=False)

    @field_validator("objectives", "also")
    @classmethod
    def _measures(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return _known(names)

    @model_validator(mode="after")
    def _sensible(self) -> "Objective":
        if not any(name not in COSTS or COSTS[name].larger for name in self.objectives):
            metrics = ", ".join(tasks.metrics())
            raise ValueError(
                f"objectives with {metrics} or robustness among them: a network that learns nothing "
                "costs the least"
            )
        if sum(name not in COSTS for name in self.objectives) > 1:
            raise ValueError("one metric of the task, beside costs")
        if self.reward and self.objectives != (ACCURACY.name,):
            raise ValueError("several objectives or a reward, not both")
        return self

    @property
    def metric(self) -> Metric:
        """The metric that the values of the study's trials are of."""
        name = next((name for name in self.objectives if name not in COSTS), ACCURACY.name)
        return tasks.metric_of(name)

    @property
    def single(self) -> bool:
        """Whether one metric of the task alone counts."""
        return self.reward is None and self.objectives == (self.metric.name,)

    @property
    def plain(self) -> bool:
        """Whether a trial's value is what it is worth: accuracy alone counts.

        Trials of all other studies with one number to look for have a score.
        """
        return self.single and self.metric.name == ACCURACY.name

    @property
    def several(self) -> bool:
        """Whether there is a Pareto set to look for."""
        return len(self.objectives) > 1

    @property
    def names(self) -> tuple[str, ...]:
        """The measures that count."""
        return (ACCURACY.name, self.reward.measure) if self.reward else self.objectives

    @property
    def measured(self) -> tuple[str, ...]:
        """What has to be measured when training is over, beyond what every trial has."""
        wanted = (*self.names, *self.also)
        return tuple(name for name in MEASURES if name in wanted and not MEASURES[name].cheap)

    def value(self, measures: Mapping[str, float]) -> Value | None:
        """Return what a trial at its end is worth; None when a measure that counts is missing."""
        if any(name not in measures for name in self.names):
            return None
        if self.reward:
            return self.reward.of(measures[ACCURACY.name], measures[self.reward.measure])
        return _values(measures, self.objectives)

    def early(self, measures: Mapping[str, float]) -> Value:
        """Return what a trial is worth at a rung, where only some measures are known.

        The metric and the training time are those up to the rung. Latency and robustness, which are
        measured at the end, are left out; a reward that needs one of them is the accuracy.

        Args:
            measures: The metric among them; a cost that is missing counts as none.
        """
        known = [name for name in self.names if MEASURES[name].early]
        if self.reward and self.reward.measure in known:
            return self.reward.of(measures[ACCURACY.name], measures.get(self.reward.measure, 0.0))
        if self.reward or not known:
            return self.metric.worth(measures[self.metric.name])
        return _values({name: measures.get(name, 0.0) for name in known}, known)

    def score(self, measures: Mapping[str, float]) -> float | None:
        """Return the number that trials of the study are ranked by where that is not the value."""
        value = None if self.plain or self.several else self.value(measures)
        return value if isinstance(value, float) else None

    def __str__(self) -> str:
        return str(self.reward) if self.reward else ", ".join(self.objectives)


def _values(measures: Mapping[str, float], names: Sequence[str]) -> Value:
    turned = tuple(measures[n] if MEASURES[n].larger else -float(measures[n]) for n in names)
    return turned[0] if len(turned) == 1 else turned
