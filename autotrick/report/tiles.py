"""The tiles at the head of a study's page: a number each, with what it is; like is compared with like."""

from dataclasses import dataclass

from autotrick.analysis.findings import Findings
from autotrick.report.answer import decided
from autotrick.views.text import DASH, duration, interval, metric_text, points


@dataclass(frozen=True, slots=True)
class Tile:
    """A number with the words below it."""

    value: str
    label: str


def tiles(found: Findings) -> list[Tile]:
    """Return the best value, the gain over all tricks off at the same base, trials, time and verdicts."""
    return [_best(found), _gain(found), _trials(found), _time(found), _verdicts(found)]


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
