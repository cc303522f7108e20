"""What stands below each figure: what is shown, how many of how many, and how to read it."""

from collections.abc import Iterable, Mapping, Sequence

from autotrick.analysis.combinations import Combination
from autotrick.analysis.effects import TrickEffect
from autotrick.analysis.importance import Importance
from autotrick.analysis.parallel_coordinates import Parallel
from autotrick.analysis.progress import Curves, History
from autotrick.analysis.tradeoff import Tradeoff
from autotrick.data import Facts
from autotrick.data.facts import EVERYTHING
from autotrick.measures import MEASURES
from autotrick.objective import Objective
from autotrick.records.rows import TrialRow
from autotrick.report import curves as curving
from autotrick.report import history as progress
from autotrick.report.sentences import count, shown
from autotrick.tasks import ACCURACY, Metric


def images(facts: Facts) -> str:
    """Return what the images of a study were, in a sentence."""
    height, width, channels = facts.shape
    splits = ", ".join(f"{sum(counts):,} for {split}" for split, counts in facts.counts.items())
    colour = "grey" if channels == 1 else "in colour"
    carved = "; the validation images were carved off the training images" if facts.carved else ""
    classes = "" if facts.classes == (EVERYTHING,) else f"{len(facts.classes):,} classes, "
    return (
        f"{classes}{width}x{height} pixels, {colour}. Images: "
        f"{splits}{carved}. Decoding version {facts.decoding}."
    )


def history(data: History) -> str:
    """Return the caption of the history."""
    said = (
        f"Each dot is a trial ({_of(len(data.points), data.total, 'trial')}); pruned ones show the "
        f"{data.metric.title} at which they were stopped."
    )
    edge = progress.floor(data)
    if edge is not None:
        worse = sum(progress.beyond(data.metric, point, edge) for point in data.points)
        side = "lower" if data.metric.larger else "upper"
        said += (
            f" Triangles at the {side} edge: {count(worse, 'trial')} "
            f"{progress.beyond_edge(data.metric, edge)}."
        )
    return said


def tradeoff(data: Tradeoff) -> str:
    """Return the caption of the Pareto set."""
    best = sum(spot.best for spot in data.spots)
    return (
        f"Complete trials ({_of(len(data.spots), data.total, 'trial')}). {count(best, 'trial')} of "
        f"the Pareto set: no other one is at least as good in all of {_titles(data.names)} and "
        "better in one."
    )


def pareto(size: int, metric: Metric = ACCURACY) -> str:
    """Return the note below the table of the Pareto set."""
    shown = _of(min(size, 10), size, "trial")
    return f"{shown[0].upper()}{shown[1:]}, by {metric.title}, the best first."


def leaderboard(objective: Objective) -> str:
    """Return the note below the leaderboard of a study that looks for more than one metric."""
    return (
        f"By score: {objective}."
        if objective.reward
        else f"By {objective.metric.title}, the best first."
    )


def _titles(names: Sequence[str]) -> str:
    """Return measures in words, without their units."""
    return ", ".join(MEASURES[name].title.partition(" (")[0] for name in names)


def effects(rows: Sequence[TrickEffect], metric: Metric = ACCURACY) -> str:
    """Return the caption of the forest plot."""
    first = rows[0]
    said = f"Compared at epoch {first.epoch}, over {count(first.num_with + first.num_without, 'trial')}"
    if all(row.adjusted for row in rows):
        said += (
            ", with the other tricks and whatever else varies (architecture, learning rate, other "
            "settings) held equal by regression, as far as the trials suffice; the table says where "
            "they do not. Bars are 95 % intervals; a bar that crosses 0 proves nothing."
        )
    else:
        said += (
            ": plain differences of means, since trials are too few to hold the other tricks and "
            "settings equal. They prove nothing, and have no intervals."
        )
    if first.num_pruned:
        said += (
            f" {count(first.num_pruned, 'trial')} stopped before that epoch; the {metric.title} there is a "
            "forecast whose doubt the intervals include."
        )
    if first.num_left_out:
        said += (
            f" {count(first.num_left_out, 'trial')} had {metric.diverged} (training diverged, as a rule) "
            "and would drown every effect: left out."
        )
    return said


def combinations(rows: Sequence[Combination], metric: Metric = ACCURACY) -> str:
    """Return the note below the table of combinations."""
    shown = min(len(rows), 10)
    which = _of(shown, len(rows), "combination")
    return (
        f"{which[0].upper()}{which[1:]}, ranked by the {metric.bound} of the mean, which "
        "allows for luck and for small n. Mean, best and bound are of complete trials."
    )


def constraints(refusals: int) -> str:
    """Return the note below the table of constraints."""
    return (
        f"{count(refusals, 'proposal')} turned away before training, which took no trial's number and "
        "taught the sampler. One that breaks several constraints counts for the one that it breaks "
        "most. Trials whose value is not on record are not counted."
    )


def samples(labels: Iterable[str]) -> str:
    """Return the caption of the image grid with these rows."""
    alone = any(
        not label.startswith(("as they are", "in update", "all, in update")) for label in labels
    )
    tricks = ", as each of the winner's tricks alone would show them," if alone else ""
    return f"Training images as they are{tricks} and as the winner was shown them."


def importance(rows: Sequence[Importance]) -> str:
    """Return the caption of the importances."""
    return (
        f"Share of what separates the best trials from the others, from {count(rows[0].num, 'complete trial')}; "
        "bars are 95 % intervals. Large does not mean good: it means that the choice matters."
    )


def curves(data: Curves) -> str:
    """Return the caption of the learning curves."""
    said = (
        f"Above, validation {data.metric.title} after each epoch; below, the learning rate at its end "
        f"({_of(len(data.curves), data.total, 'trial')}; dotted ones are not complete). "
        "Trials overlap: point at a curve to see which it is."
    )
    edge = curving.floor(data)
    if edge is None:
        return said
    return f"{said} What is {progress.beyond_edge(data.metric, edge)} is not in the picture."


def rungs() -> str:
    """Return the caption of the rungs."""
    return (
        "Whether early epochs tell which trials will be best: 1 means that the order stays, 0 that it "
        "says nothing. Of trials that came as far; where a search stopped the poor ones, the order of "
        "those that are left agrees less than that of all would."
    )


def curve(metric: Metric = ACCURACY) -> str:
    """Return the caption of one trial's curve."""
    return (
        f"Above, validation {metric.title} after each epoch; below, the learning rate at its end."
    )


def parallel(data: Parallel) -> str:
    """Return the caption of the parallel coordinates."""
    said = (
        f"Each line is a complete trial ({_of(len(data.values), data.total, 'trial')}), orange the "
        "best. Drag along an axis to pick a range."
    )
    if data.left_out:
        said += f" {count(data.left_out, 'further setting')} not shown."
    return said


def reproduce(best: TrialRow) -> str:
    """Return what reproducing promises."""
    weights = f" The recorded weights are {best.weights}." if best.weights else ""
    return (
        "This trains the recipe again and compares the weights, bit for bit on equal hardware and "
        f"library versions.{weights} Recorded {best.value_metric.title}: "
        f"{shown(best.value_metric, best.value)}."
    )


def _of(shown: int, total: int, noun: str) -> str:
    if shown == total:
        return f"all {total:,}" if total > 1 else count(total, noun)
    return f"{shown:,} of {total:,}"


def origins(found: Mapping[str, str]) -> list[str]:
    """Return a sentence for each trick whose settings came from a file."""
    return [f"The policy of {name} is not of this study: {where}." for name, where in found.items()]
