"""Captions of figures and tables: what is shown, how much of it, and how to read it."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from autotrick.analysis.combinations import Combination
from autotrick.analysis.effects import Source, TrickEffect
from autotrick.analysis.importance import Importance
from autotrick.analysis.interactions import Interaction
from autotrick.analysis.parallel_coordinates import Parallel
from autotrick.analysis.progress import Curves, History
from autotrick.analysis.tradeoff import Tradeoff
from autotrick.measures import measure_of
from autotrick.objective import Objective
from autotrick.records.rows import TrialRow
from autotrick.report import curves as curving
from autotrick.report import history as progress
from autotrick.report import importance as importances
from autotrick.report import interactions as pairs
from autotrick.tasks import ACCURACY, Metric
from autotrick.views.text import count, metric_text


def history(data: History) -> str:
    """Return the caption of the history."""
    said = (
        f"Each dot is a trial ({_of(len(data.points), data.total, 'trial')}). Pruned trials show the "
        f"{data.metric.title} at which they were stopped."
    )
    if data.phases:
        phases = dict.fromkeys(span.phase for span in data.phases)
        said += f" The study's phases are shaded in turn: {', '.join(phases)}."
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
        f"Complete trials ({_of(len(data.spots), data.total, 'trial')}). {count(best, 'trial')} in "
        f"the Pareto set: no other trial is at least as good in all of {_titles(data.names)} and better "
        "in one of them."
    )


def pareto(size: int, metric: Metric = ACCURACY) -> str:
    """Return the note below the table of the Pareto set."""
    shown = _of(min(size, 10), size, "trial")
    return f"{_capital(shown)}, by {metric.title}, the best first."


def leaderboard(objective: Objective) -> str:
    """Return the note below the leaderboard of a study whose objective is more than one metric."""
    if objective.reward:
        return f"By score: {objective}."
    return f"By {objective.metric.title}, the best first."


def _titles(names: Sequence[str]) -> str:
    """Return measures in words, without their units."""
    return ", ".join(measure_of(name).title.partition(" (")[0] for name in names)


def effects(rows: Sequence[TrickEffect], metric: Metric = ACCURACY) -> str:
    """Return the caption of the forest plot."""
    first = next((row for row in rows if row.low is not None), rows[0])
    num = count(first.num_with + first.num_without, "trial")
    if first.source is Source.SCREEN:
        said = f"From {num} of the screen, which switched the tricks by a balanced design around one base"
    else:
        said = (
            f"From {num}, in which the search switched the tricks. A regression holds the other tricks and "
            "all else that varies (network, learning rate, other settings) equal where there are enough "
            "trials; the table says where there are not"
        )
    if first.final:
        said += (
            ". Bars are 95 % intervals. One that leaves out 0 helps or harms, however little; one that crosses 0 "
            "inside the shaded band does not matter; any other that crosses 0 proves nothing."
        )
    else:
        said += (
            f". Compared at epoch {first.epoch} of {first.epochs}, not the end, as too few trials came "
            "further: a trick that starts slowly looks bad here, so there are no verdicts. Bars are "
            "95 % intervals."
        )
    if first.num_pruned:
        said += (
            f" {count(first.num_pruned, 'trial')} stopped before that epoch. Their {metric.title} there is a "
            "forecast; the intervals include its uncertainty."
        )
    if first.num_left_out:
        said += (
            f" {count(first.num_left_out, 'trial')} that diverged ({metric.diverged}, or no number) left out: "
            "they would hide every effect. The table says what they would change."
        )
    return said


def interactions(rows: Sequence[Interaction]) -> str:
    """Return the caption of the interactions."""
    more = pairs.left_out(rows)
    rest = f" {count(more, 'more trick')} not shown." if more else ""
    return (
        "Each cell is a pair of tricks: how much more (blue) or less (orange) they are worth together than "
        "the sum of what each is worth alone. Grey cells are not told from 0, with all pairs allowed "
        f"for; empty ones cannot be estimated. Point at a cell to see its 95 % interval.{rest}"
    )


def screen(runs: int) -> str:
    """Return the note above the design table of a screen."""
    return (
        f"{count(runs, 'trial')} of equal length around one base; an empty cell is a trick that is off. Each trick "
        "is on in about as many trials as every other choice of its slot, and beside as many "
        "different others as possible, so that the effects can be told apart."
    )


def combinations(rows: Sequence[Combination], metric: Metric = ACCURACY) -> str:
    """Return the note below the table of combinations."""
    shown = min(len(rows), 10)
    which = _capital(_of(shown, len(rows), "combination"))
    if any(row.predicted is not None for row in rows[:shown]):
        return (
            f"{which}, ranked by the {metric.bound} of what the model of the screen predicts around its base, "
            "for combinations that were never run too. What trials of a combination reached may have had "
            "other rates and networks."
        )
    return (
        f"{which}, ranked by the {metric.bound} of the mean, which allows for luck and for few "
        f"trials. Mean, {metric.bound} and best count complete trials only."
    )


def constraints(rejections: int) -> str:
    """Return the note below the table of constraints."""
    return (
        f"{count(rejections, 'proposal')} rejected before training. They use up no trial, and the sampler "
        "learns from them. A proposal that violates several constraints counts for the one that it "
        "violates most. Trials without a recorded value are not counted."
    )


def samples(rows: Iterable[str], tricks: Collection[str]) -> str:
    """Return the caption of the winner's images.

    Args:
        rows: Labels of the rows; a row of a single trick is labelled with its name.
        tricks: The winner's tricks.
    """
    alone = any(row in tricks for row in rows)
    each = ", with each of the winner's tricks alone," if alone else ""
    return f"Training images without tricks{each} and as the winner was trained on them."


def importance(rows: Sequence[Importance]) -> str:
    """Return the caption of the importances."""
    more = importances.left_out(rows)
    rest = f" {count(more, 'less important setting')} not shown." if more else ""
    return (
        "Each setting's share of what settings change in the value over the whole space, from "
        f"{count(rows[0].num, 'complete trial')}; the settings of a trick are below it. Bars are 95 % "
        "intervals; a grey one begins at 0, so that nobody knows whether the setting matters. A large share "
        "does not mean that a setting is good: it means that the choice matters. What never varied is "
        f"missing.{rest}"
    )


def no_importance() -> str:
    """Return what stands in place of the importances where the data cannot tell of any."""
    return "The complete trials cannot tell yet which settings matter."


def curves(data: Curves) -> str:
    """Return the caption of the learning curves."""
    said = (
        f"Above: validation {data.metric.title} after each epoch. Below: learning rate at the end of each epoch. "
        f"Shown are {_of(len(data.curves), data.total, 'trial')}; dotted curves are of trials that are "
        "not complete. Point at a curve to see its trial."
    )
    edge = curving.floor(data)
    if edge is None:
        return said
    return f"{said} Values {progress.beyond_edge(data.metric, edge)} are cut off."


def rungs() -> str:
    """Return the caption of the rungs."""
    return (
        "Whether early epochs predict which trials will be best: 1 means that the order of the trials "
        "stays, 0 that it says nothing. Only trials that reached both epochs count. Where a search "
        "pruned poor trials, all trials would agree more than those that are left."
    )


def curve(metric: Metric = ACCURACY) -> str:
    """Return the caption of one trial's curve."""
    return (
        f"Above: validation {metric.title} after each epoch. Below: learning rate at the end of each "
        "epoch."
    )


def parallel(data: Parallel) -> str:
    """Return the caption of the parallel coordinates."""
    said = (
        f"Each line is a complete trial ({_of(len(data.values), data.total, 'trial')}); the best "
        "are orange. Drag along an axis to select a range."
    )
    if data.left_out:
        said += f" {count(data.left_out, 'more setting')} not shown."
    return said


def reproduce(best: TrialRow) -> str:
    """Return what reproducing the best trial does."""
    weights = f" The recorded weights are {best.weights}." if best.weights else ""
    return (
        "This trains the recipe again and compares the weights. On equal hardware and library versions "
        f"they are equal bit for bit.{weights} Recorded {best.value_metric.title}: "
        f"{metric_text(best.value, best.value_metric)}."
    )


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _of(shown: int, total: int, noun: str) -> str:
    if shown == total:
        return f"all {total:,}" if total > 1 else count(total, noun)
    return f"{shown:,} of {total:,}"


def origins(found: Mapping[str, str]) -> list[str]:
    """Return a sentence for each trick whose settings came from a file."""
    return [
        f"The policy of {name} comes from outside this study: {where}."
        for name, where in found.items()
    ]
