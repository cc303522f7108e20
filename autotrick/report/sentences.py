"""A study in sentences; each claim comes with its number of trials and its spread."""

from autotrick.analysis.findings import Findings
from autotrick.analysis.rungs import Agreement, RungFindings, Turn
from autotrick.analysis.summary import Summary
from autotrick.analysis.warm_start import Tried, WarmStartOutcome
from autotrick.recipe import Recipe
from autotrick.report.answer import named
from autotrick.tasks import ACCURACY, Metric
from autotrick.views.text import (
    MINUS,
    count,
    counts_text,
    duration,
    listed,
    metric_text,
    points,
)

_LEAST_REPEATS = 2


def sentences(found: Findings) -> list[str]:
    """Return a summary: the trials, the best one, what is like it without tricks, and a warm start."""
    summary = found.summary
    leader = filter(None, (_best(summary), _baseline(summary), _gain(summary)))
    said = [_done(summary), " ".join(leader)]
    said += warm_start(found.warm_start)
    return [sentence for sentence in said if sentence]


def rungs(found: RungFindings, metric: Metric = ACCURACY) -> list[str]:
    """Return how well early epochs predict the last one, and for which tricks they mislead."""
    last = found.epochs[-1]
    ends = [a for a in found.agreements if a.late == last and a.rho is not None]
    said = []
    if ends:
        parts = ", ".join(map(_agreement, ends))
        said.append(
            f"Rank correlation with the order at epoch {last}, of the {count(ends[0].num, 'trial')} that "
            f"reached it (95 % interval): {parts}."
        )
    if not found.told:
        few = f"Too few trials reached epoch {last} to tell whether earlier epochs mislead about a trick."
        return [*said, few] if len(found.epochs) > 1 and found.reached[0] else said
    return said + [_turn(turn, metric) for turn in found.turns]


def warm_start(found: WarmStartOutcome) -> list[str]:
    """Return what a study took over from earlier studies, and how their best recipes did in it."""
    if not found.learned:
        return []
    parts = " and ".join(f"{count(n, 'trial')} of {name}" for name, n in found.learned.items())
    said = (
        f"Warm start: the sampler knew {parts} from the beginning. One study cannot tell what it would "
        "have proposed without them."
    )
    return [said, *map(_tried, found.tried)]


def _tried(tried: Tried) -> str:
    trial = tried.trial
    if trial is None:
        return f"The {tried.origin}, has not been tried in this study yet."
    known = "" if trial.origin.endswith(tried.origin) else f" ({trial.origin})"
    begun = f"The {tried.origin}, is trial {trial.number} of this study{known}"
    if trial.value is None or trial.state in ("failed", "running", "waiting"):
        return f"{begun} ({trial.state})."
    metric = trial.value_metric
    value = metric_text(trial.value, metric)
    if trial.state == "pruned":
        return f"{begun}: pruned after {count(trial.epochs, 'epoch')}, with {value}."
    if tried.mean is None:
        return f"{begun}: {value}; no other trial is complete yet."
    before = (
        f"best before it {metric_text(tried.before, metric)}"
        if tried.before is not None
        else "none before it"
    )
    reached = (
        "none of them is as good"
        if tried.reached is None
        else f"the first of them that is as good is trial {tried.reached}"
    )
    return (
        f"{begun}: {value}, better than {tried.below:,} of the {tried.others:,} complete trials that "
        f"the study proposed itself (mean {metric_text(tried.mean, metric)}, {before}); {reached}."
    )


def _agreement(row: Agreement) -> str:
    assert row.rho is not None and row.low is not None and row.high is not None
    ends = f"{row.low:.2f} to {row.high:.2f}".replace("-", MINUS)
    return f"epoch {row.early}: {row.rho:.2f} ({ends})".replace("-", MINUS)


def _turn(turn: Turn, metric: Metric) -> str:
    unit = metric.difference_unit
    words = ("good", "bad") if turn.early.better else ("bad", "good")
    return (
        f"{listed([turn.trick])} looks {words[0]} at epoch {turn.early.epoch} "
        f"({points(turn.early.effect)}{unit}) and {words[1]} at epoch {turn.late.epoch} "
        f"({points(turn.late.effect)}{unit}): a rung at epoch {turn.early.epoch} misleads about it."
    )


def _done(summary: Summary) -> str:
    if not any(summary.counts.values()):
        return "No trials yet."
    said = f"{count(summary.trials, 'trial')}: {counts_text(summary.counts)}."
    said += f" They trained {count(summary.epochs, 'epoch')} in {duration(summary.seconds)}"
    if summary.elapsed is not None:
        said += f", {duration(summary.elapsed)} on the clock"
    said += "."
    if summary.failures:
        said += f" Reasons of failure: {', '.join(f'{why} ({n:,})' for why, n in summary.failures.items())}."
    return said


def _best(summary: Summary) -> str:
    best, metric = summary.best, summary.metric
    if best is None:
        return "No trial is complete yet, so there is no best one."
    value = metric_text(best.value, metric)
    if best.weighed:
        return (
            f"Trial {best.number} has the best score, {best.score:.4g}, with {value} "
            f"validation {metric.title}: {best.recipe.architecture} with {_tricks(best.recipe)}."
        )
    return (
        f"The best is trial {best.number} with {value} validation {metric.title}: "
        f"{best.recipe.architecture} with {_tricks(best.recipe)}."
    )


def _tricks(recipe: Recipe) -> str:
    return named(sorted(recipe.tricks)) if recipe.tricks else "no tricks"


def _baseline(summary: Summary) -> str:
    """Return what trials that are otherwise like the best one come to with all tricks off."""
    off, best, metric = summary.baseline, summary.best, summary.metric
    if best is None or off.num == 0 or not best.recipe.tricks:
        return ""
    spread = (
        "n = 1, so its spread is unknown"
        if off.spread is None
        else f"n = {off.num}, standard deviation {metric.scaled(off.spread):.2f}{metric.difference_unit}"
    )
    return (
        f"With all tricks off, and all else as in it, the {metric.title} is {metric_text(off.mean, metric)} "
        f"({spread})."
    )


def _gain(summary: Summary) -> str:
    best, metric, done = summary.best, summary.metric, summary.counts["complete"]
    if best is None:
        return ""
    if not best.recipe.tricks:
        return "No trial with tricks is better."
    luck = (
        f"It is the best of {done:,} on the same validation images, so part of its value is luck: expect "
        "less on new images."
        if done >= _LEAST_REPEATS
        else ""
    )
    if summary.gain is None:
        return "" if best.weighed else luck
    off = f"{abs(summary.gain):.2f}{metric.difference_unit} {'above' if summary.gain >= 0 else 'below'} that"
    if best.weighed:
        return f"Trial {best.number} is {off}: the score counts more than {metric.title}."
    return f"The best trial is {off}. {luck}".rstrip()
