"""A study in sentences, each claim with its number of trials and its spread."""

from collections.abc import Sequence

from autotrick.analysis.effects import TrickEffect
from autotrick.analysis.findings import Findings
from autotrick.analysis.rungs import Agreement, RungFindings, Turn
from autotrick.analysis.summary import Baseline, Summary
from autotrick.analysis.warm_start import Tried, WarmStartOutcome
from autotrick.recipe import Recipe
from autotrick.tasks import ACCURACY, Metric

MINUS = "\N{MINUS SIGN}"
_LEAST_REPEATS = 2

_NAMED = 15
"""Tricks that a sentence names at most; beyond it counts them."""


def sentences(found: Findings) -> list[str]:
    """Return the summary: what was done, what was best, what all tricks off gives, what helped."""
    said = [_done(found.summary), _best(found.summary), _baseline(found.summary)]
    said += [_gain(found.summary), *_tricks(found), _combination(found)]
    said += warm_start(found.warm_start)
    return [sentence for sentence in said if sentence]


def rungs(found: RungFindings, metric: Metric = ACCURACY) -> list[str]:
    """Return what early epochs foretell, and the tricks about which they mislead."""
    last = found.epochs[-1]
    ends = [a for a in found.agreements if a.late == last and a.rho is not None]
    said = []
    if ends:
        parts = ", ".join(map(_agreement, ends))
        said.append(
            f"Of {count(ends[0].num, 'trial')} that came to epoch {last}, the order at an earlier one "
            f"agrees with the last (rank correlation, 95 % interval): {parts}."
        )
    if not found.told:
        few = f"Too few trials came to epoch {last} to tell whether earlier ones mislead about a trick."
        return [*said, few] if len(found.epochs) > 1 and found.reached[0] else said
    return said + [_turn(turn, metric) for turn in found.turns]


def warm_start(found: WarmStartOutcome) -> list[str]:
    """Return what a study took over from earlier ones, and how their best recipes did in it."""
    if not found.learned:
        return []
    parts = " and ".join(f"{count(n, 'trial')} of {name}" for name, n in found.learned.items())
    said = (
        f"Warm start: the sampler knew {parts} from the beginning. How its own proposals would have "
        "been without them cannot be told from one study."
    )
    return [said, *map(_tried, found.tried)]


def shown(metric: Metric, value: float | None) -> str:
    """Return a value of a metric with its unit, or a dash."""
    return "\N{EN DASH}" if value is None else metric.shown(value)


def percent(accuracy: float | None) -> str:
    """Return an accuracy in [0, 1] as a percentage, or a dash."""
    return shown(ACCURACY, accuracy)


def signed(difference: float | None) -> str:
    """Return a difference with its sign and without its unit, or a dash."""
    return "\N{EN DASH}" if difference is None else f"{difference:+.2f}".replace("-", MINUS)


def interval(low: float | None, high: float | None) -> str:
    """Return the two ends of an interval of differences, or `none`."""
    return "none" if low is None or high is None else f"{signed(low)} to {signed(high)}"


def duration(seconds: float) -> str:
    """Return a time in its two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def listed(names: Sequence[str]) -> str:
    """Return names of the catalogue as people write them, in a row."""
    return ", ".join(name.replace("_", " ") for name in names)


def rate(lr: float | None) -> str:
    """Return a resolved learning rate, or a dash."""
    return "\N{EN DASH}" if lr is None else f"{lr:.3g}"


def batch(recipe: Recipe) -> str:
    """Return the batch size, and how many batches an update sums up if more than one."""
    size, times = recipe.batch_size, recipe.accumulation
    return str(size) if times == 1 else f"{size} \N{MULTIPLICATION SIGN} {times}"


def tricks_of(recipe: Recipe) -> str:
    """Return a recipe's tricks in a row."""
    return listed(sorted(recipe.tricks)) or "no tricks"


def count(number: int, noun: str) -> str:
    """Return `1 trial`, `2 trials`, `1,000 trials`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def without_tricks(off: Baseline) -> str:
    """Return what a winner is compared with, in few words."""
    return f"{off.architecture}, all tricks off" if off.architecture else "all tricks off"


def _tried(tried: Tried) -> str:
    trial = tried.trial
    if trial is None:
        return f"The {tried.origin}, has no trial of its own here so far."
    known = "" if trial.origin.endswith(tried.origin) else f" ({trial.origin})"
    begun = f"The {tried.origin}, is trial {trial.number} here{known}"
    if trial.value is None or trial.state in ("failed", "running", "waiting"):
        return f"{begun}, which is {trial.state}."
    metric = trial.value_metric
    value = shown(metric, trial.value)
    if trial.state == "pruned":
        return f"{begun}: stopped after {count(trial.epochs, 'epoch')}, with {value}."
    if tried.mean is None:
        return f"{begun}: {value}; no other trial is complete yet."
    before = "none before it"
    if tried.before is not None:
        before = f"best before it {shown(metric, tried.before)}"
    reached = (
        "none of them came as far"
        if tried.reached is None
        else f"the first of them to come as far is trial {tried.reached}"
    )
    return (
        f"{begun}: {value}, {'more' if metric.larger else 'less'} than {tried.below:,} of the {tried.others:,} complete trials that "
        f"were not taken over (mean {shown(metric, tried.mean)}, {before}); {reached}."
    )


def _agreement(row: Agreement) -> str:
    assert row.rho is not None and row.low is not None and row.high is not None
    ends = f"{row.low:.2f} to {row.high:.2f}".replace("-", MINUS)
    return f"epoch {row.early} by {row.rho:.2f} ({ends})".replace("-", MINUS)


def _turn(turn: Turn, metric: Metric) -> str:
    unit = metric.difference_unit
    words = ("good", "bad") if turn.early.helps else ("bad", "good")
    sure = (
        ""
        if turn.clear
        else f", which is not clear yet ({interval(turn.late.low, turn.late.high)})"
    )
    return (
        f"{listed([turn.trick])} looks {words[0]} at epoch {turn.early.epoch} "
        f"({signed(turn.early.effect)}{unit}) and {words[1]} at epoch {turn.late.epoch} "
        f"({signed(turn.late.effect)}{unit}{sure}): a rung there misleads about it."
    )


def _done(summary: Summary) -> str:
    states = {"running": "running", "waiting": "waiting", "complete": "complete"}
    states |= {"pruned": "pruned", "failed": "failed"}
    parts = [f"{n:,} {states[state]}" for state, n in summary.counts.items() if n]
    if not parts:
        return "No trials yet."
    said = f"{count(summary.trials, 'trial')}: {', '.join(parts)}."
    said += f" They trained for {duration(summary.seconds)} in all"
    if summary.elapsed is not None:
        said += f", within {duration(summary.elapsed)} by the clock"
    said += f", over {count(summary.epochs, 'epoch')}."
    if summary.failures:
        said += f" Failed: {', '.join(f'{n:,} by {why}' for why, n in summary.failures.items())}."
    return said


def _best(summary: Summary) -> str:
    best, metric = summary.best, summary.metric
    if best is None:
        return "No trial is complete yet, so there is no winner."
    value = shown(metric, best.value)
    if best.weighed:
        return (
            f"Trial {best.number} has the best score, {best.score:.4g}, with {value} "
            f"validation {metric.title}: {best.recipe.architecture} with {tricks_of(best.recipe)}."
        )
    return (
        f"The best is trial {best.number} with {value} validation {metric.title}: "
        f"{best.recipe.architecture} with {tricks_of(best.recipe)}."
    )


def _baseline(summary: Summary) -> str:
    off, metric = summary.baseline, summary.metric
    if off.num == 0:
        return "No trial with all tricks off is complete, so there is nothing to compare with."
    whose = f" of {off.architecture}" if off.architecture else ""
    if off.spread is None:
        return (
            f"With all tricks off the {metric.title}{whose} is {shown(metric, off.mean)} (n = 1, so its "
            "spread is not known)."
        )
    return (
        f"With all tricks off the {metric.title}{whose} is {shown(metric, off.mean)} on average "
        f"(n = {off.num}, standard deviation {metric.scaled(off.spread):.2f}{metric.difference_unit}, "
        f"{'highest' if metric.larger else 'lowest'} {shown(metric, off.best)})."
    )


def _gain(summary: Summary) -> str:
    if summary.gain is None or summary.best is None:
        return ""
    if not summary.best.recipe.tricks:
        return "No trial with tricks did better."
    done = summary.counts["complete"]
    metric = summary.metric
    apart = f"{abs(summary.gain):.2f}{metric.difference_unit}"
    off = f"{apart} {'above' if summary.gain >= 0 else 'below'} that"
    if summary.best.weighed:
        return f"Trial {summary.best.number} is {off}: the score weighs more than {metric.title}."
    return (
        f"The best trial is {off}. It was picked as the best of {done:,} on the same validation images, so part of "
        "the difference is luck: expect less on new images."
    )


def _tricks(found: Findings) -> list[str]:
    effects, metric = found.effects, found.summary.metric
    helped = [row for row in effects if row.helps is True]
    harmed = [row for row in effects if row.helps is False]
    open_ = [row for row in effects if row.helps is None]
    said = [_group(metric, "Helped", helped), _group(metric, "Harmed", harmed)]
    if open_:
        plural = "their intervals include 0 or cannot be given"
        few = len(open_) <= _NAMED
        names = listed([r.trick for r in open_]) if few else f"{len(open_)} tricks, listed below"
        said.append(f"Not told apart from no effect ({plural}): {names}.")
    return [sentence for sentence in said if sentence]


def _group(metric: Metric, word: str, rows: Sequence[TrickEffect]) -> str:
    if not rows:
        return ""
    parts = [
        f"{listed([row.trick])} {signed(row.effect)}{metric.difference_unit} ({interval(row.low, row.high)}; "
        f"{row.num_with} trials with it, {row.num_without} without)"
        for row in rows
    ]
    when = f"{word} at epoch {rows[0].epoch}, where the trials are compared"
    return f"{when}, each with its 95 % interval: {'; '.join(parts)}."


def _combination(found: Findings) -> str:
    first = next(iter(found.combinations), None)
    if first is None or first.low is None:
        return ""
    if first.num < _LEAST_REPEATS:
        return (
            "No combination of tricks leads by more than one trial, so the best one may be luck; "
            "the effects of single tricks say more."
        )
    metric = found.summary.metric
    return (
        f"The combination to rely on most is {listed(first.tricks) or 'no tricks'}: mean "
        f"{shown(metric, first.mean)} over {count(first.num, 'trial')}, {metric.bound} "
        f"{shown(metric, first.low)}."
    )
