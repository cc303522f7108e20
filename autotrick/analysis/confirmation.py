"""What a confirmation came to: values in the search, over new seeds, and on the test split.

The best of many trials is best by luck too (the winner's curse): its value in the search is too good.
New seeds tell by how much. The gain over all tricks off is a paired difference over these seeds; its
interval allows for the choice of the best among the candidates, and for recipes that were ended early.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from autotrick.design.paired import Gain, gains, mean_interval, share_interval
from autotrick.errors import RecordsError
from autotrick.records import LookRow, StudyRow, TrialRow
from autotrick.records.test_looks import sentence as looks_sentence
from autotrick.tasks import ACCURACY, Metric

PURPOSE = "confirm"
"""What a confirmation is for, as its study's record says."""

Role = Literal["candidate", "recommended", "baseline"]


class CandidateSettings(BaseModel):
    """A recipe of a confirmation as it was chosen.

    Attributes:
        label: Its name in the list of recipes.
        role: One of the best trials, the combination that the model recommends, or all tricks off.
        trial: Number of the trial in the search; None for a recipe that the search has not tried.
        value: That trial's value in the search.
        baseline: Label of all tricks off at the same network, batch size and rate; None for a baseline.
        tricks: Names of the tricks that are on.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    role: Role
    trial: int | None = None
    value: float | None = None
    baseline: str | None = None
    tricks: tuple[str, ...] = ()


class ConfirmationSettings(BaseModel):
    """What a confirmation's study records beyond its recipes.

    Attributes:
        top: How many of the best recipes were asked for.
        seeds: The new seeds.
        candidates: The recipes, those that race first.
        look: Number of the look at the test split that it makes; None for none.
    """

    model_config = ConfigDict(frozen=True)

    top: int
    seeds: tuple[int, ...]
    candidates: tuple[CandidateSettings, ...]
    look: int | None = None

    @classmethod
    def of(cls, study: StudyRow) -> "ConfirmationSettings":
        """Return the settings of a confirmation's study.

        Raises:
            RecordsError: It is another kind of study, or of another version.
        """
        try:
            return cls.model_validate(study.settings.confirmation)
        except ValidationError as error:
            raise RecordsError(
                f"study {study.name!r} is not a confirmation that this version can read. Confirmations "
                "are made by `autotrick confirm`."
            ) from error


def confirmation_name(study: str) -> str:
    """Return the name of a study's confirmation where none is given."""
    return f"{study}-confirm"


@dataclass(frozen=True, slots=True)
class TestValue:
    """The values of one recipe's networks on the test split.

    Attributes:
        values: By seed.
        mean: Their mean.
        low: Lower end of its 95 % interval over seeds; None for one seed.
        high: Its upper end.
        images: Number of test images.
        images_low: Lower end of the 95 % interval over images (Wilson's, for the mean); None where the
            metric is not a share of images.
        images_high: Its upper end.
    """

    __test__ = False

    values: Mapping[int, float]
    mean: float
    low: float | None
    high: float | None
    images: int
    images_low: float | None
    images_high: float | None


@dataclass(frozen=True, slots=True)
class ConfirmedRecipe:
    """One recipe of a confirmation. Values are those of the metric, differences in the unit of people.

    Attributes:
        label: Its name in the confirmation.
        role: `candidate`, `recommended` or `baseline`.
        trial: Number of the trial in the search; None for a recipe that the search has not tried.
        tricks: Names of the tricks that are on.
        searched: Its value in the search.
        values: Its values by new seed.
        mean: Mean over the new seeds; None without one.
        low: Lower end of the mean's 95 % interval.
        high: Its upper end.
        curse: The mean less the value in the search; None without both.
        baseline: Label of all tricks off at its network, batch size and rate.
        gain: Over that baseline, with an interval that holds for all recipes at once; None where the
            baseline was not trained.
        failed: Number of seeds with which its training failed.
        dropped: Whether it was ended early because it could not win.
        test: On the test split; None before the look, and for recipes that are not looked at.
    """

    label: str
    role: Role
    trial: int | None
    tricks: tuple[str, ...]
    searched: float | None
    values: Mapping[int, float]
    mean: float | None
    low: float | None
    high: float | None
    curse: float | None
    baseline: str | None
    gain: Gain | None = None
    failed: int = 0
    dropped: bool = False
    test: TestValue | None = None

    @property
    def num(self) -> int:
        """With how many new seeds it has a value."""
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a confirmation came to.

    Attributes:
        study: Name of its study.
        parent: Name of the search; None if that was deleted.
        metric: The metric of all values.
        seeds: The new seeds.
        rows: The candidates, the best first, then the baselines.
        best: Label of the best candidate of those with all seeds; None before the end.
        test_split: Whether the data set has a test split.
        asked: Whether it looks, or has looked, at the test split.
        test_gain: What the best gains over its baseline on the test split.
        looks: All looks at the test split of the search and what belongs to it.
    """

    study: str
    parent: str | None
    metric: Metric
    seeds: tuple[int, ...]
    rows: tuple[ConfirmedRecipe, ...]
    best: str | None
    test_split: bool
    asked: bool
    test_gain: Gain | None = None
    looks: tuple[LookRow, ...] = field(default=())

    @property
    def winner(self) -> ConfirmedRecipe | None:
        """The best candidate; None before the end."""
        return next((row for row in self.rows if row.label == self.best), None)

    @property
    def confirmed(self) -> bool | None:
        """Whether the best is better than all tricks off; None where that cannot be told."""
        gain = self.winner.gain if self.winner else None
        if gain is None or gain.low is None or gain.high is None:
            return None
        return self.metric.worth(gain.low) > 0 and self.metric.worth(gain.high) > 0


def confirmation(
    study: StudyRow, trials: Sequence[TrialRow], looks: Sequence[LookRow] = ()
) -> Confirmation:
    """Return what a confirmation came to.

    Args:
        study: Its own study.
        trials: That study's trials.
        looks: Looks at the test split of its family.

    Raises:
        RecordsError: The study is not a confirmation.
    """
    settings, metric = ConfirmationSettings.of(study), study.value_metric
    values: dict[str, dict[int, float]] = {one.label: {} for one in settings.candidates}
    failed = dict.fromkeys(values, 0)
    for trial in trials:
        if trial.state == "complete" and trial.value is not None:
            values.setdefault(trial.origin, {})[trial.recipe.seed] = trial.value
        elif trial.state == "failed":
            failed[trial.origin] = failed.get(trial.origin, 0) + 1
    ended = not study.counts["waiting"] and not study.counts["running"]
    baselines = {one.label: one.baseline for one in settings.candidates if one.baseline}
    over = _gains(values, baselines, settings.seeds, metric)
    look = look_of(trials, looks)
    tested = _tested(look, metric) if look else {}
    rows = [
        replace(
            _row(one, values[one.label], metric),
            failed=failed[one.label],
            dropped=ended and len(values[one.label]) + failed[one.label] < len(settings.seeds),
            gain=over.get(one.label),
            test=tested.get(one.label),
        )
        for one in settings.candidates
        if one.role != "baseline" or values[one.label] or failed[one.label]
    ]
    rows.sort(key=lambda row: _rank(row, metric, len(settings.seeds)))
    whole = [row for row in rows if row.baseline and row.num == len(settings.seeds)]
    best = whole[0] if whole and ended else None
    return Confirmation(
        study=study.name,
        parent=study.parent,
        metric=metric,
        seeds=settings.seeds,
        rows=tuple(rows),
        best=best.label if best else None,
        test_split="test" in (study.data or {}).get("counts", {}),
        asked=settings.look is not None,
        test_gain=_test_gain(best, tested, len(baselines), metric),
        looks=tuple(looks),
    )


def look_of(trials: Sequence[TrialRow], looks: Sequence[LookRow]) -> LookRow | None:
    """Return the look at a confirmation's own networks that has a result; None before it.

    A look of `autotrick evaluate` at one of its trials is another one.

    Args:
        trials: Of the confirmation's study.
        looks: Of its family.
    """
    weights = {trial.weights for trial in trials if trial.weights}
    labels = {trial.origin for trial in trials}
    return next(
        (
            look
            for look in reversed(looks)
            if look.result is not None
            and all(weights.issuperset(one["weights"]) for one in look.candidates)
            and labels.issuperset(one["label"] for one in look.candidates)
        ),
        None,
    )


def sentences(found: Confirmation) -> list[str]:
    """Return what a confirmation says in words, for terminal and report."""
    metric, best = found.metric, found.winner
    if best is None or best.mean is None:
        return ["No recipe has been trained with all seeds yet."]
    told = [_curse_sentence(best, metric), _gain_sentence(found, best)]
    if best.test:
        told.append(_test_sentence(found, best, best.test))
    elif not found.test_split:
        told.append(
            "The data set has no test split: this is confirmed on the validation split only."
        )
    elif found.asked:
        told.append("The test split has not been looked at yet.")
    else:
        told.append("The test split was not looked at (--no-test).")
    if len(found.looks) > 1:
        told.append(looks_sentence(found.looks))
    return told


def _curse_sentence(row: ConfirmedRecipe, metric: Metric) -> str:
    mean = f"{metric.shown(row.mean)} over {row.num} new seeds{_ends(row.low, row.high, metric)}"
    if row.searched is None or row.curse is None:
        return f"{row.label}: {mean}."
    off = metric.worth(row.curse)
    how = "the search promised more than it keeps" if off < 0 else "the search promised no more"
    change = f"{row.curse:+.{metric.digits}f}{metric.difference_unit}"
    return f"{row.label}: {metric.shown(row.searched)} in the search, {mean}: {change}, {how}."


def _gain_sentence(found: Confirmation, row: ConfirmedRecipe) -> str:
    what = "over all tricks off at the same network, batch size and rate"
    if row.gain is None:
        return f"What it gains {what} is not known: that recipe was not trained to the end."
    shown = shown_gain(row.gain, found.metric)
    if row.gain.low is None or row.gain.high is None:
        return f"It gains {shown} {what}; one seed says nothing about chance."
    if found.confirmed:
        return f"It gains {shown} {what}: confirmed."
    worse = found.metric.worth(row.gain.mean) < 0 and not row.gain.low * row.gain.high <= 0
    why = "all tricks off is better" if worse else "the interval contains 0"
    return f"It gains {shown} {what}: not confirmed, {why}."


def _test_sentence(found: Confirmation, row: ConfirmedRecipe, test: TestValue) -> str:
    metric = found.metric
    seeds = _ends(test.low, test.high, metric)
    images = (
        ""
        if test.images_low is None
        else f", over images{_ends(test.images_low, test.images_high, metric)}"
    )
    gain = f", {shown_gain(found.test_gain, metric)} over all tricks off" if found.test_gain else ""
    return (
        f"On the {test.images:,} test images {row.label} has {metric.shown(test.mean)}{seeds}{images}"
        f"{gain}."
    )


def _ends(low: float | None, high: float | None, metric: Metric) -> str:
    if low is None or high is None:
        return ""
    return f" ({metric.scaled(low):.{metric.digits}f} to {metric.scaled(high):.{metric.digits}f})"


def shown_gain(gain: Gain | None, metric: Metric) -> str:
    """Return a gain with its interval as people read it: `+1.25 points (+0.71 to +1.79)`."""
    if gain is None:
        return "-"
    digits = metric.digits
    shown = f"{gain.mean:+.{digits}f}{metric.difference_unit}"
    if gain.low is None or gain.high is None:
        return shown
    return f"{shown} ({gain.low:+.{digits}f} to {gain.high:+.{digits}f})"


def _row(one: CandidateSettings, values: Mapping[int, float], metric: Metric) -> ConfirmedRecipe:
    mean = fmean(values.values()) if values else None
    low, high = _interval(values, metric)
    known = mean is not None and one.value is not None
    return ConfirmedRecipe(
        label=one.label,
        role=one.role,
        trial=one.trial,
        tricks=one.tricks,
        searched=one.value,
        values=dict(sorted(values.items())),
        mean=mean,
        low=low,
        high=high,
        curse=metric.scaled((mean or 0.0) - (one.value or 0.0)) if known else None,
        baseline=one.baseline,
    )


def _interval(
    values: Mapping[int, float], metric: Metric
) -> tuple[float, float] | tuple[None, None]:
    """Return the ends of the interval around a mean, no better or worse than the metric can be."""
    found = mean_interval([*values.values()])
    if found is None:
        return None, None
    low = found[0] if metric.least is None else max(metric.least, found[0])
    high = found[1] if metric.most is None else min(metric.most, found[1])
    return low, high


def _rank(row: ConfirmedRecipe, metric: Metric, seeds: int) -> tuple[bool, bool, float, str]:
    worth = metric.worth(row.mean) if row.mean is not None else float("-inf")
    return (row.role == "baseline", row.num < seeds, -worth, row.label)


def _gains(
    values: Mapping[str, Mapping[int, float]],
    baselines: Mapping[str, str],
    seeds: Sequence[int],
    metric: Metric,
) -> dict[str, Gain]:
    turned = {
        label: {seed: metric.worth(metric.scaled(value)) for seed, value in found.items()}
        for label, found in values.items()
    }
    found = gains(turned, baselines, seeds=len(seeds))
    return {label: _turned(gain, metric) for label, gain in found.items()}


def _turned(gain: Gain, metric: Metric) -> Gain:
    """Return a gain whose larger values are better as a difference of the metric, and the reverse."""
    if metric.larger:
        return gain
    low = None if gain.high is None else -gain.high
    high = None if gain.low is None else -gain.low
    return Gain(-gain.mean, low, high, gain.num)


def _tested(look: LookRow, metric: Metric) -> dict[str, TestValue]:
    """Return the test values of a finished look by label."""
    result: dict[str, Any] = look.result or {}
    images = int(result["images"])
    found = {}
    for one in look.candidates:
        values = dict(zip(one["seeds"], result["values"][one["label"]], strict=True))
        mean = fmean(values.values())
        low, high = _interval(values, metric)
        share = share_interval(mean, images) if metric.name == ACCURACY.name else (None, None)
        found[one["label"]] = TestValue(values, mean, low, high, images, *share)
    return found


def _test_gain(
    best: ConfirmedRecipe | None,
    tested: Mapping[str, TestValue],
    candidates: int,
    metric: Metric,
) -> Gain | None:
    """Return the gain on the test split, whose interval allows for the choice among candidates too.

    The networks are those that were chosen by their validation values, and luck with seeds carries over.
    """
    baseline = best.baseline if best else None
    if best is None or baseline is None or not {best.label, baseline} <= tested.keys():
        return None
    pair = {
        label: {
            seed: metric.worth(metric.scaled(value)) for seed, value in tested[label].values.items()
        }
        for label in (best.label, baseline)
    }
    level = 1 - 0.05 / candidates
    found = gains(pair, {best.label: baseline}, seeds=best.num, level=level)
    return _turned(found[best.label], metric)
