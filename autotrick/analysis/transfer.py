"""Which tricks carry over from one data set to others: their effects side by side, with doubt.

A study's screen and its repetitions on other data have the same recipes, seeds and design, so that
what differs between two effects of a trick is the data and noise. The difference of two effects has
an interval of its own, whose half-width is the root of the sum of both squared: the trials of two
data sets are independent. Each is a 95 % interval for one trick on one data set.

A trick carries over where it has the same clear sign. It does not where the interval of the difference
leaves 0 out towards its effect at home: there it is worth clearly less than at home, or the opposite.
Where neither can be said, more trials are needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt

from autotrick.analysis.effects import Reports, effects
from autotrick.analysis.trick_effect import TrickEffect, Verdict
from autotrick.records.rows import TrialRow


class Carries(StrEnum):
    """What other data say of a trick that helps or harms at home."""

    YES = "carries over"
    NO = "does not carry over"
    UNCLEAR = "cannot tell yet"
    NEW = "only there"
    NOTHING = "nothing at home"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Screened:
    """A screen on one data set.

    Attributes:
        study: Its name.
        data: The data set's.
        left_out: Why tricks were left out, by name.
    """

    study: str
    data: str
    trials: Sequence[TrialRow]
    reports: Reports
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TransferCell:
    """A trick on other data.

    Attributes:
        study: The study on these data.
        data: The data set's name.
        effect: What the trick changes there; None if it was left out, or is not known.
        difference: That effect minus the one at home, in points; None if one of them is not known.
        low: Lower end of the difference's 95 % interval; None with it.
        high: Its upper end.
        carries: What follows.
        note: Why the trick was left out.
    """

    study: str
    data: str
    effect: TrickEffect | None
    difference: float | None
    low: float | None
    high: float | None
    carries: Carries
    note: str = ""


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A trick at home and on other data."""

    trick: str
    home: TrickEffect
    cells: tuple[TransferCell, ...]


@dataclass(frozen=True, slots=True)
class TransferMatrix:
    """Tricks x data sets.

    Attributes:
        study: Whose screen was repeated.
        data: Its data set.
        others: The other data sets, in the order of the cells.
        rows: The most helpful at home first.
    """

    study: str
    data: str
    others: tuple[str, ...]
    rows: tuple[TransferRow, ...]

    def lost(self) -> list[tuple[str, str]]:
        """Return tricks that do not carry over, each with the data set."""
        return self._of(Carries.NO)

    def kept(self) -> list[tuple[str, str]]:
        """Return tricks that carry over, each with the data set."""
        return self._of(Carries.YES)

    def _of(self, said: Carries) -> list[tuple[str, str]]:
        return [(r.trick, cell.data) for r in self.rows for cell in r.cells if cell.carries is said]


def transfer_matrix(
    home: Screened, others: Sequence[Screened], *, precision: float = 0.5
) -> TransferMatrix:
    """Return the effects of a screen's tricks at home and on other data.

    Args:
        precision: Half-width of the interval around 0 in which an effect does not matter, in points.
    """
    tables = [
        {row.trick: row for row in effects(one.trials, one.reports, precision=precision)}
        for one in others
    ]
    rows = tuple(
        TransferRow(
            mine.trick,
            mine,
            tuple(
                _cell(mine, one, table.get(mine.trick))
                for one, table in zip(others, tables, strict=True)
            ),
        )
        for mine in effects(home.trials, home.reports, precision=precision)
    )
    return TransferMatrix(home.study, home.data, tuple(one.data for one in others), rows)


def _cell(home: TrickEffect, other: Screened, there: TrickEffect | None) -> TransferCell:
    if why := other.left_out.get(home.trick):
        return TransferCell(other.study, other.data, None, None, None, None, Carries.LEFT_OUT, why)
    difference, reach = _difference(home, there)
    low, high = (None, None) if difference is None else (difference - reach, difference + reach)
    carries = _carries(home, there, low, high)
    return TransferCell(other.study, other.data, there, difference, low, high, carries)


def _difference(home: TrickEffect, there: TrickEffect | None) -> tuple[float | None, float]:
    """Return the difference of two effects and the half-width of its interval."""
    ends = [home.low, home.high, there.low if there else None, there.high if there else None]
    if there is None or home.effect is None or there.effect is None or None in ends:
        return None, 0.0
    low, high, other_low, other_high = (float(end) for end in ends if end is not None)
    return there.effect - home.effect, sqrt((high - low) ** 2 + (other_high - other_low) ** 2) / 2


def _carries(
    home: TrickEffect, there: TrickEffect | None, low: float | None, high: float | None
) -> Carries:
    if low is None or high is None or there is None:
        return Carries.UNCLEAR
    apart = not low <= 0 <= high
    if home.helps is None:
        if there.helps is not None and apart:
            return Carries.NEW
        return Carries.NOTHING if home.verdict is Verdict.NO_MATTER else Carries.UNCLEAR
    if there.helps is home.helps:
        return Carries.YES
    # Less than at home: the difference lies on the side opposite to the effect.
    less = high < 0 if (home.effect or 0.0) > 0 else low > 0
    return Carries.NO if less else Carries.UNCLEAR
