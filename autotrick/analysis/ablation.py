"""What an ablation found: what each trick changes in one recipe, and what can be dropped for free.

Differences are those within a seed, between the reference and the recipe that differs from it by one
trick. Their intervals hold at every look (`design.sequential`), each for one trick. Nothing is averaged over
other recipes: this is what a trick is worth beside the others of this very recipe.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import mean, median

from autotrick.analysis.effects import Verdict
from autotrick.design.ablation import (
    AblationPlan,
    Arm,
    Smaller,
    next_smaller,
    settled,
    smaller,
    smallest,
)
from autotrick.design.sequential import PairedDifference, Rounds
from autotrick.errors import RecordsError
from autotrick.records.rows import StudyRow, TrialRow
from autotrick.tasks import Metric

PURPOSE = "ablate"
"""The purpose of a study that is an ablation."""

DROPPED, ADDED, SWAPPED = "left out", "added", "swapped"


@dataclass(frozen=True, slots=True)
class AblationRow:
    """What one trick changes in the reference.

    Attributes:
        trick: Its name.
        change: `left out`, `added`, or `swapped` for another trick.
        label: The recipe that was trained beside the reference.
        removed: Tricks that this recipe goes without.
        added: Tricks that it has in addition.
        effect: By how much the metric is larger with the trick than without it, in the unit that people
            read; of one that was swapped, than with those that were removed. None without a pair.
        low: Lower end of the interval; None with fewer than two pairs.
        high: Its upper end.
        num: Number of seeds that both recipes have.
        cost: Seconds per epoch with the trick, as a factor of those without; None if not known.
        failed: Failed trials of the recipe.
        reason: Why they failed; empty if none did.
        verdict: What that says about the trick.
        settings: The trick's settings.
        larger: Whether larger values of the metric are better.
    """

    trick: str
    change: str
    label: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    effect: float | None
    low: float | None
    high: float | None
    num: int
    cost: float | None
    failed: int
    reason: str
    verdict: Verdict
    settings: Mapping[str, object]
    larger: bool = True


@dataclass(frozen=True, slots=True)
class MinimalRecipe:
    """The smallest recipe that is within the precision of the reference.

    Attributes:
        removed: Tricks that can be dropped for free; empty if the reference needs all of its tricks, as
            far as is known.
        tricks: Those that stay.
        label: The recipe's label; the reference's if nothing is removed.
        trial: Number of a trial of it in the ablation.
        difference: By how much its metric is larger than the reference's, in the unit that people read;
            None if nothing is removed.
        low: Lower end of the interval, which allows for the number of such recipes that were tried.
        high: Its upper end.
        num: Number of seeds that both have.
        failed_to: Tricks that were left out together in vain: the recipe without them may be worse than
            the precision. Empty if there was no such recipe.
    """

    removed: tuple[str, ...]
    tricks: tuple[str, ...]
    label: str
    trial: int | None
    difference: float | None
    low: float | None
    high: float | None
    num: int
    failed_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ablation:
    """An ablation and what it found.

    Attributes:
        study: Its name.
        parent: The study whose recipe it is about; None if that was deleted.
        trial: Number of the reference in the parent; None if it is the recommended recipe.
        reference: The reference's label.
        tricks: The reference's tricks.
        value: The reference's mean value over its seeds, as recorded; None before the first.
        num: Number of these seeds.
        seeds: Number of seeds at most.
        precision: Differences within it do not matter, in the unit that people read.
        metric: The study's.
        rows: What each trick changes, the most helpful first; those without a number last.
        minimal: What can be dropped for free; None while that is not known yet.
        trials: Number of its trials.
        finished: Whether it has ended.
    """

    study: str
    parent: str | None
    trial: int | None
    reference: str
    tricks: tuple[str, ...]
    value: float | None
    num: int
    seeds: int
    precision: float
    metric: Metric
    rows: tuple[AblationRow, ...]
    minimal: MinimalRecipe | None
    trials: int
    finished: bool


def plan_of(study: StudyRow) -> AblationPlan | None:
    """Return what an ablation compares, from its record; None for any other study."""
    race = study.settings.race or {}
    if race.get("kind") != PURPOSE:
        return None
    return AblationPlan.model_validate(race["plan"])


def ablations_of(studies: Sequence[StudyRow], parent: str) -> list[StudyRow]:
    """Return the ablations of a study's recipes among all studies, the newest first."""
    found = [study for study in studies if study.parent == parent and plan_of(study)]
    return sorted(found, key=lambda study: study.created, reverse=True)


def ablation_name(study: str, trial: int | None) -> str:
    """Return the name of an ablation's study where none is given."""
    return f"{study}-ablate" if trial is None else f"{study}-ablate-{trial}"


def check_ablation(
    known: StudyRow,
    study: str,
    trial: int | None,
    *,
    seeds: int | None = None,
    add: bool | None = None,
    precision: float | None = None,
) -> AblationPlan:
    """Return what a recorded study compares, after checking that it is the ablation asked for.

    Raises:
        RecordsError: It is another study, or an ablation with other options.
    """
    plan = plan_of(known)
    if plan is None or known.parent != study or plan.trial != trial:
        what = "its recommended recipe" if trial is None else f"trial {trial}"
        raise RecordsError(
            f"there is a study {known.name!r} that does not ablate {what} of {study!r}. Choose another "
            "name: --study"
        )
    held = {"--seeds": plan.seeds, "--precision": plan.precision}
    asked = {"--seeds": seeds, "--precision": precision}
    wrong = [
        f"{key} {held[key]:g}" for key, value in asked.items() if value not in (None, held[key])
    ]
    adds = any(arm.added for arm in plan.arms)
    if add is not None and add != adds:
        wrong.append("--add" if adds else "--no-add")
    if wrong:
        raise RecordsError(
            f"{known.name!r} was begun with {' '.join(wrong)}. Leave the option out to go on with it, or "
            "begin another ablation: --study NAME"
        )
    return plan


def ablation(study: StudyRow, trials: Sequence[TrialRow]) -> Ablation:
    """Return what an ablation found so far.

    Args:
        study: It was begun by `autotrick ablate`.
        trials: All its trials, by number.
    """
    plan = plan_of(study)
    assert plan is not None, f"study {study.name!r} is no ablation"
    metric = study.value_metric
    seeds = [int(seed) for seed in (study.settings.recipes or {})["seeds"]]
    rounds = _rounds(trials, seeds, metric)
    by_label: dict[str, list[TrialRow]] = defaultdict(list)
    for trial in trials:
        by_label[trial.origin].append(trial)
    found = settled(plan, rounds)
    rows = [
        _row(plan, arm, found.get(arm.label, PairedDifference(0)), by_label, metric)
        for arm in plan.arms
    ]
    own = [trial.value for trial in by_label[plan.reference] if trial.value is not None]
    finished = study.state == "complete"
    return Ablation(
        study.name,
        study.parent,
        plan.trial,
        plan.reference,
        plan.tricks,
        mean(own) if own else None,
        len(own),
        plan.seeds,
        plan.precision,
        metric,
        tuple(sorted(rows, key=_order)),
        _minimal(plan, rounds, by_label, metric) if finished else None,
        len(trials),
        finished,
    )


def verdict_of(
    effect: float | None, low: float | None, high: float | None, precision: float, *, larger: bool
) -> Verdict:
    """Return what an effect and its interval say."""
    if effect is None or low is None or high is None:
        return Verdict.UNCLEAR
    if not low <= 0 <= high:
        return Verdict.HELPS if (low > 0) is larger else Verdict.HARMS
    inside = -precision <= low and high <= precision
    return Verdict.NO_MATTER if inside else Verdict.UNCLEAR


def _order(row: AblationRow) -> tuple[bool, float, str]:
    effect = 0.0 if row.effect is None else row.effect
    return row.low is None, -effect if row.larger else effect, row.trick


def _rounds(trials: Sequence[TrialRow], seeds: Sequence[int], metric: Metric) -> Rounds:
    """Return what each label reached with each seed, larger is better; unfinished trials are missing."""
    rounds: list[dict[str, float | None]] = [{} for _ in seeds]
    turns = {seed: turn for turn, seed in enumerate(seeds)}
    for trial in trials:
        turn = turns.get(trial.recipe.seed)
        if turn is None or trial.state not in ("complete", "failed"):
            continue
        value = trial.value if trial.state == "complete" else None
        rounds[turn][trial.origin] = None if value is None else metric.worth(metric.scaled(value))
    return rounds


def _row(
    plan: AblationPlan,
    arm: Arm,
    found: PairedDifference,
    by_label: Mapping[str, Sequence[TrialRow]],
    metric: Metric,
) -> AblationRow:
    # What the arm has more than the reference is the trick's effect; what it lacks is turned.
    sign = 1.0 if arm.added else -1.0
    effect, low, high = _as_recorded(found, metric, sign)
    mine = by_label.get(arm.label, ())
    failures = [trial for trial in mine if trial.state == "failed"]
    change = DROPPED if not arm.added else SWAPPED if arm.removed else ADDED
    ratio = _seconds_ratio(mine, by_label.get(plan.reference, ()))
    holder = by_label.get(plan.reference, ()) if change == DROPPED else mine
    return AblationRow(
        trick=arm.trick,
        change=change,
        label=arm.label,
        removed=arm.removed,
        added=arm.added,
        effect=effect,
        low=low,
        high=high,
        num=found.num,
        cost=None if ratio is None else ratio**sign,
        failed=len(failures),
        reason=", ".join(dict.fromkeys(trial.reason or "failed" for trial in failures)),
        verdict=verdict_of(effect, low, high, plan.precision, larger=metric.larger),
        settings=holder[0].recipe.tricks.get(arm.trick, {}) if holder else {},
        larger=metric.larger,
    )


def _as_recorded(
    found: PairedDifference, metric: Metric, sign: float = 1.0
) -> tuple[float | None, float | None, float | None]:
    """Return a difference as the metric counts, smaller is better where it is so; times a sign."""
    sign *= 1.0 if metric.larger else -1.0
    if found.mean is None:
        return None, None, None
    if found.low is None or found.high is None:
        return sign * found.mean, None, None
    low, high = sorted((sign * found.low, sign * found.high))
    return sign * found.mean, low, high


def _seconds_ratio(mine: Sequence[TrialRow], others: Sequence[TrialRow]) -> float | None:
    """Return the seconds of an epoch as a factor of those of the same seeds of other trials."""
    theirs = {trial.recipe.seed: trial for trial in others}
    logs = [
        log(_per_epoch(trial) / _per_epoch(theirs[trial.recipe.seed]))
        for trial in mine
        if trial.recipe.seed in theirs
        and min(_per_epoch(trial), _per_epoch(theirs[trial.recipe.seed])) > 0
    ]
    return exp(median(logs)) if logs else None


def _per_epoch(trial: TrialRow) -> float:
    return trial.seconds / trial.epochs if trial.epochs else 0.0


def _minimal(
    plan: AblationPlan,
    rounds: Rounds,
    by_label: Mapping[str, Sequence[TrialRow]],
    metric: Metric,
) -> MinimalRecipe | None:
    if next_smaller(plan, rounds):
        return None
    found = smallest(plan, rounds)
    tried = smaller(plan, rounds)
    best, difference = found or (Smaller(label=plan.reference, removed=()), PairedDifference(0))
    value, low, high = _as_recorded(difference, metric)
    complete = [t.number for t in by_label.get(best.label, ()) if t.state == "complete"]
    first = tried[0].removed if tried else ()
    return MinimalRecipe(
        removed=best.removed,
        tricks=tuple(name for name in plan.tricks if name not in best.removed),
        label=best.label,
        trial=complete[0] if complete else None,
        difference=value,
        low=low,
        high=high,
        num=difference.num,
        failed_to=first if first != best.removed else (),
    )
