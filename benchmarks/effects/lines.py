"""What the studies of a cell came to, in numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autotrick.analysis.effects import Verdict
from benchmarks.effects.cells import Cell
from benchmarks.effects.judging import Case, Judged
from benchmarks.regret import means

ALL = "all"
ONE_POINT = ("+1", "-1", "slow +1")
"""Kinds of tricks that are worth a whole point at the end."""

NULL = ("null", "fast 0")
"""Kinds that are worth nothing at the end."""

PRECISION = 0.5
"""The product's default, in points."""


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What the studies of one cell say of one kind of trick.

    Attributes:
        kind: Of trick, or `all`.
        cases: Tricks judged, over all studies.
        intervals: Those that have an interval at the last epoch.
        covered: Intervals that hold the truth.
        half_width: Their median half-width, in points.
        bias: Mean of effect less truth, in points.
        right: Cases that are said to help or to harm, and do so.
        wrong: Cases that are said to help or to harm, and do the opposite.
        nothing: Cases that are said to help or to harm, and do nothing.
        idle: Cases that are said not to matter.
        idle_wrong: Cases that are said not to matter, and do.
    """

    table: str
    search: str
    trials: int
    noise: float | None
    kind: str
    cases: int
    intervals: int
    covered: int
    half_width: float | None
    bias: float | None
    right: int
    wrong: int
    nothing: int
    idle: int
    idle_wrong: int


@dataclass(frozen=True, slots=True)
class StudyLine:
    """What the studies of one cell come to as wholes.

    Attributes:
        studies: Number of studies.
        epochs: Spent by each, on average.
        regret: Mean regret of the recommended set of tricks, in points, with its 95 % interval.
        best_regret: Mean regret of the recipe of the best trial.
        drawn: Studies that have importances.
        rank: Mean rank correlation of the importances with the truth.
        null_first: Of these studies, those with something that does nothing among the first three.
        shares_covered: Share of the importances' intervals that hold the truth.
        shares_half_width: Median half-width of these intervals, averaged over studies.
    """

    table: str
    search: str
    trials: int
    noise: float | None
    studies: int
    epochs: float
    regret: float
    regret_low: float
    regret_high: float
    best_regret: float
    drawn: int
    rank: float | None
    null_first: int
    shares_covered: float | None
    shares_half_width: float | None


def effect_lines(
    cell: Cell, found: Sequence[Judged], *, precision: float = PRECISION
) -> list[EffectLine]:
    """Return what the studies of a cell say: of all tricks, then of each kind.

    Args:
        precision: Up to which an effect does not matter, in points.
    """
    cases = [case for one in found for case in one.cases]
    kinds = dict.fromkeys(case.kind for case in cases)
    lines = [_effect_line(cell, ALL, cases, precision)]
    for kind in sorted(kinds):
        lines.append(_effect_line(cell, kind, [c for c in cases if c.kind == kind], precision))
    return lines


def _effect_line(cell: Cell, kind: str, cases: Sequence[Case], precision: float) -> EffectLine:
    held = [case for case in cases if case.low is not None and not case.early]
    idle = [case for case in cases if case.verdict is Verdict.NO_MATTER]
    return EffectLine(
        table=cell.table,
        search=cell.search,
        trials=cell.trials,
        noise=cell.noise,
        kind=kind,
        cases=len(cases),
        intervals=len(held),
        covered=sum(map(_holds, held)),
        half_width=_rounded(np.median([_half(case) for case in held])) if held else None,
        bias=_mean([(case.effect or 0.0) - case.true for case in held]),
        right=sum(case.claimed * case.true > 0 for case in cases),
        wrong=sum(case.claimed * case.true < 0 for case in cases),
        nothing=sum(case.claimed != 0 and case.true == 0 for case in cases),
        idle=len(idle),
        idle_wrong=sum(abs(case.true) > precision for case in idle),
    )


def study_line(cell: Cell, found: Sequence[Judged]) -> StudyLine:
    """Return what the studies of a cell come to as wholes."""
    regrets = np.array([one.regret for one in found])
    low, high = np.percentile(means(regrets[:, None]), (2.5, 97.5))
    shares = [one.shares for one in found if one.shares]
    return StudyLine(
        table=cell.table,
        search=cell.search,
        trials=cell.trials,
        noise=cell.noise,
        studies=len(found),
        epochs=float(np.mean([one.epochs for one in found])),
        regret=_rounded(regrets.mean()),
        regret_low=_rounded(low),
        regret_high=_rounded(high),
        best_regret=_rounded(np.mean([one.best_regret for one in found])),
        drawn=len(shares),
        rank=_mean([one.rank for one in shares]),
        null_first=sum(one.null for one in shares),
        shares_covered=_mean([one.covered for one in shares]),
        shares_half_width=_mean([one.half_width for one in shares]),
    )


def pooled(lines: Iterable[EffectLine]) -> EffectLine | None:
    """Return the sum of lines, with the names of the first one; None of no lines.

    Half-width and bias are means, weighted by the intervals behind them.
    """
    lines = list(lines)
    if not lines:
        return None
    counts: dict[str, Any] = {
        name: sum(getattr(line, name) for line in lines)
        for name in (
            "cases",
            "intervals",
            "covered",
            "right",
            "wrong",
            "nothing",
            "idle",
            "idle_wrong",
        )
    }
    held = [line for line in lines if line.intervals]
    weights = [line.intervals for line in held]
    means_of: dict[str, Any] = {
        name: _rounded(np.average([getattr(line, name) for line in held], weights=weights))
        if held
        else None
        for name in ("half_width", "bias")
    }
    return replace(lines[0], **counts, **means_of)


def _holds(case: Case) -> bool:
    assert case.low is not None and case.high is not None
    return case.low <= case.true <= case.high


def _half(case: Case) -> float:
    assert case.low is not None and case.high is not None
    return (case.high - case.low) / 2


def _mean(values: Sequence[float]) -> float | None:
    return _rounded(np.mean(values)) if values else None


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 4)
