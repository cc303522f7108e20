"""A study in a few numbers, each with the number of trials behind it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import mean, stdev

from autotrick.analysis.progress import winner
from autotrick.records.rows import TRIAL_STATES, TrialRow, TrialState, common_metric
from autotrick.tasks import ACCURACY, Metric


@dataclass(frozen=True, slots=True)
class Baseline:
    """The complete trials in which every trick that the study varied was off.

    Attributes:
        num: How many; 0 when the study has none.
        mean: Of their values; None for none.
        spread: Standard deviation of their values; None for fewer than two.
        best: The best of their values; None for none.
        architecture: Of which they are where others have been tried without tricks too: the winner's.
    """

    num: int
    mean: float | None
    spread: float | None
    best: float | None
    architecture: str | None = None


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


def baseline(trials: Sequence[TrialRow]) -> Baseline:
    """Return the trials with all tricks off; a trick that is on in every trial does not count.

    Of several architectures only the winner's count, if there are any: what another network comes to
    is no work of the tricks.
    """
    sets = [frozenset(trial.recipe.tricks) for trial in trials]
    always = frozenset[str].intersection(*sets) if sets else frozenset()
    values_by_network: dict[str, list[float]] = defaultdict(list)
    for trial, tricks in zip(trials, sets, strict=True):
        if tricks == always and trial.state == "complete" and trial.value is not None:
            values_by_network[trial.recipe.architecture].append(trial.value)
    best = winner(trials)
    own = best.recipe.architecture if best else None
    if own not in values_by_network or len(values_by_network) == 1:
        own = None
    values = values_by_network[own] if own else [*chain(*values_by_network.values())]
    return Baseline(
        len(values),
        mean(values) if values else None,
        stdev(values) if len(values) > 1 else None,
        max(values, key=common_metric(trials).worth, default=None),
        own,
    )
