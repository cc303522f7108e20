"""Which tricks are worth more, or less, beside one another.

Interactions are told where a screen set the tricks, from the model of its effects (`screen_model`). An
interval is for one pair at a time; a pair is claimed when it is clear among all that were tried. In a
small screen many pairs share what they change with others: the interval allows for others of the
size that the noise has room for, and a pair that cannot be told from tricks or claimed pairs has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from autotrick.analysis.effects import Reports, screen_of
from autotrick.analysis.screen_model import Pair, ScreenModel
from autotrick.records.rows import TrialRow

_SAME_JOB = 0.5


@dataclass(frozen=True, slots=True)
class Interaction:
    """How much more two tricks are worth together than the sum of what each is worth alone.

    Attributes:
        first: One trick.
        second: The other, later in the alphabet.
        effect: In the metric's unit for people; None where it cannot be told apart from others.
        low: Lower end of its 95 % interval; None with it.
        high: Its upper end.
        claimed: Whether it differs from 0 when all pairs that were looked at are allowed for.
        same_job: Whether it is claimed, each trick alone helps, and it takes away at least half of what
            the lesser of them is worth: one of the two is nearly enough.
    """

    first: str
    second: str
    effect: float | None
    low: float | None = None
    high: float | None = None
    claimed: bool = False
    same_job: bool = False


def interactions(trials: Sequence[TrialRow], reports: Reports) -> list[Interaction]:
    """Return the interaction of every two tricks that a screen switches independently.

    Claimed ones come first, then those with an interval by their size; empty without a screen.

    Args:
        trials: Of one study, in any state.
        reports: By trial number, in order of epochs.
    """
    model = screen_of(trials, reports)
    found = [_interaction(model, pair) for pair in model.pairs()] if model else []
    return sorted(found, key=_order)


def _order(row: Interaction) -> tuple[bool, bool, float, str, str]:
    return not row.claimed, row.effect is None, -abs(row.effect or 0.0), row.first, row.second


def _interaction(model: ScreenModel, pair: Pair) -> Interaction:
    found = pair.estimate
    if found is None or found.low is None:
        return Interaction(pair.first, pair.second, None, claimed=False)
    same = pair.claimed and _same_job(model, pair, found.value)
    return Interaction(
        pair.first, pair.second, found.value, found.low, found.high, pair.claimed, same
    )


def _same_job(model: ScreenModel, pair: Pair, together: float) -> bool:
    """Return whether both tricks help while the other is off, and much of that is lost together."""
    turned = model.metric.worth
    alone = []
    for trick, other in ((pair.first, pair.second), (pair.second, pair.first)):
        contrast = model.contrast(trick)
        at = model.main.shape[1] + model.claimed.index((pair.first, pair.second))
        contrast[at] = -model.share(other)
        found = model.fit.contrast(contrast, model.points, spent=model.spent)
        if found.low is None or found.high is None or found.low <= 0 <= found.high:
            return False
        alone.append(turned(found.value))
    return min(alone) > 0 and turned(together) <= -_SAME_JOB * min(alone)
