"""The tiles at the head of a study's page: a number each, with what it is; like is compared with like."""

from dataclasses import dataclass

from autotrick.analysis.confirmation import Confirmation
from autotrick.analysis.findings import Findings
from autotrick.report.answer import decided, turned
from autotrick.views.text import DASH, count, duration, interval, metric_text, points


@dataclass(frozen=True, slots=True)
class Tile:
    """A number with the words below it."""

    value: str
    label: str


def tiles(
    found: Findings, confirmed: Confirmation | None = None, *, compared: bool = True
) -> list[Tile]:
    """Return the best value, the gain over all tricks off at the same base, trials, time and verdicts.

    Args:
        confirmed: A confirmation of the study that has ended; its values take the place of the search's.
        compared: Whether the study compares tricks; one of given recipes has no gain and no verdicts.
    """
    spent = [_trials(found), _time(found)]
    if confirmed and (leading := _confirmed(confirmed)):
        return [*leading, *spent, *([_verdicts(found)] if compared else [])]
    return (
        [_best(found), _gain(found), *spent, _verdicts(found)]
        if compared
        else [_best(found), *spent]
    )


def _confirmed(found: Confirmation) -> list[Tile]:
    best, metric = found.winner, found.metric
    if best is None or best.gain is None:
        return []
    seeds = count(best.num, "new seed")
    searched = f", {metric_text(best.searched, metric)} in the search" if best.searched else ""
    unit = metric.difference_unit.strip()
    mean, ends = turned(best.gain, metric)
    return [
        Tile(metric_text(best.mean, metric), f"{best.label}, mean of {seeds}{searched}"),
        Tile(
            points(mean),
            f"{unit} over all tricks off at the same base, by {seeds} ({ends})".strip(),
        ),
    ]


def _best(found: Findings) -> Tile:
    best = found.summary.best
    if best is None:
        return Tile(DASH, "no complete trial yet")
    by = " by score" if best.weighed else ""
    return Tile(metric_text(best.value, found.summary.metric), f"best{by}, trial {best.number}")


def _gain(found: Findings) -> Tile:
    answer, unit = found.answer, found.summary.metric.difference_unit.strip()
    one_base = answer is not None and answer.base != ""
    if answer is None or answer.gain is None or answer.gain_low is None or not one_base:
        return Tile(DASH, "gain over all tricks off at the same base: not known")
    ends = interval(answer.gain_low, answer.gain_high)
    of = f"{unit} over" if unit else "over"
    return Tile(points(answer.gain), f"{of} all tricks off at the same base ({ends})")


def _trials(found: Findings) -> Tile:
    done = found.summary.counts["complete"]
    return Tile(f"{found.summary.trials:,}", f"trials, {done:,} complete")


def _time(found: Findings) -> Tile:
    elapsed = found.summary.elapsed
    clock = "" if elapsed is None else f", {duration(elapsed)} on the clock"
    return Tile(duration(found.summary.seconds), f"of training{clock}")


def _verdicts(found: Findings) -> Tile:
    clear, tricks = decided(found.effects), len(found.effects)
    return Tile(f"{clear} of {tricks}", "tricks with a clear verdict")
