"""A study in a few numbers, each with the number of trials behind it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from autotrick.analysis.progress import winner
from autotrick.recipe import Recipe
from autotrick.records.rows import TRIAL_STATES, TrialRow, TrialState, common_metric
from autotrick.tasks import ACCURACY, Metric


@dataclass(frozen=True, slots=True)
class Baseline:
    """The complete trials with all tricks off that are like the best trial in everything else.

    Attributes:
        num: How many; 0 when the study has none.
        mean: Of their values; None for none.
        spread: Standard deviation of their values; None for fewer than two.
        best: The best of their values; None for none.
    """

    num: int
    mean: float | None
    spread: float | None
    best: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a study came to.

    Attributes:
        counts: Trials in each of the five states.
        best: The best complete trial, or None.
        gain: Its value less the baseline's mean, in the unit that people read (points of accuracy);
            None without either. As the best of many it is flattered by luck.
        seconds: Training time summed over the trials.
        elapsed: Seconds from the first trial's creation to the last one's end; None before that.
        epochs: Reported epochs, summed over the trials.
        failures: Failed trials by their reason.
        metric: That values are of.
    """

    counts: dict[TrialState, int]
    best: TrialRow | None
    baseline: Baseline
    gain: float | None
    seconds: float
    elapsed: float | None
    epochs: int
    failures: dict[str, int]
    metric: Metric = ACCURACY

    @property
    def trials(self) -> int:
        return sum(self.counts.values())


def summarize(trials: Sequence[TrialRow]) -> Summary:
    """Return a study's summary."""
    counted = Counter(trial.state for trial in trials)
    best, off = winner(trials), baseline(trials)
    both = best is not None and best.value is not None and off.mean is not None
    metric = common_metric(trials)
    gain = metric.scaled((best.value or 0.0) - (off.mean or 0.0)) if best and both else None
    ended = [trial.finished for trial in trials if trial.finished]
    begun = min((trial.created for trial in trials), default=None)
    return Summary(
        counts={state: counted[state] for state in TRIAL_STATES},
        best=best,
        baseline=off,
        gain=gain,
        seconds=sum(trial.seconds for trial in trials),
        elapsed=(max(ended) - begun).total_seconds() if ended and begun else None,
        epochs=sum(trial.epochs for trial in trials),
        failures=dict(Counter(t.reason or "unknown" for t in trials if t.state == "failed")),
        metric=metric,
    )


def always_on(trials: Sequence[TrialRow]) -> frozenset[str]:
    """Return the tricks that are on in every trial: they are part of the question, not of its answer."""
    sets = [frozenset(trial.recipe.tricks) for trial in trials]
    return frozenset[str].intersection(*sets) if sets else frozenset()


def baseline(trials: Sequence[TrialRow]) -> Baseline:
    """Return the trials with all tricks off; a trick that is on in every trial does not count.

    Only those with the best trial's network, rate, batch and other settings count: what other settings
    come to is no work of the tricks.
    """
    sets = [frozenset(trial.recipe.tricks) for trial in trials]
    always = always_on(trials)
    best = winner(trials)
    values = [
        trial.value
        for trial, tricks in zip(trials, sets, strict=True)
        if best is not None and tricks == always and trial.state == "complete"
        if trial.value is not None and _but_tricks(trial.recipe) == _but_tricks(best.recipe)
    ]
    return Baseline(
        len(values),
        mean(values) if values else None,
        stdev(values) if len(values) > 1 else None,
        max(values, key=common_metric(trials).worth, default=None),
    )


def _but_tricks(recipe: Recipe) -> Recipe:
    """Return the recipe without tricks, with one seed for all."""
    return recipe.model_copy(update={"tricks": {}, "seed": 0, "course": ()})
