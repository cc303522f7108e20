"""The columns of all tables of tricks and their combinations.

Apart from `columns`, because the analysis behind them takes time to load.
"""

from functools import partial

from autotrick.tasks import Metric
from autotrick.views import text
from autotrick.views.table import Column
from autotrick.views.trick import CombinationView, EffectView

TRICK = Column[EffectView]("Trick", lambda effect: effect.trick, lambda name: text.listed([name]))
TRICK_NAME = Column[EffectView](
    "Trick",
    lambda effect: (
        effect.trick + (f" (against {', '.join(effect.against)})" if effect.against else "")
    ),
)


def effect(metric: Metric) -> Column[EffectView]:
    """Return the column of the effects, in the unit of the metric's differences."""
    unit = f" ({metric.difference_unit.strip()})" if metric.difference_unit else ""
    return Column(f"Effect{unit}", lambda row: row.effect, text.points, numeric=True)


INTERVAL = Column[EffectView](
    "95 % interval", lambda effect: text.interval(effect.low, effect.high), numeric=True
)
NUM_WITH = Column[EffectView]("With", lambda effect: effect.num_with, text.number, numeric=True)
NUM_WITHOUT = Column[EffectView](
    "Without", lambda effect: effect.num_without, text.number, numeric=True
)
COST = Column[EffectView]("Time", lambda effect: effect.cost, text.factor, numeric=True)
COST_WITH_INTERVAL = Column[EffectView](
    "Time", lambda row: text.factor(row.cost, row.cost_low, row.cost_high), numeric=True
)


def verdict(effect: EffectView) -> str:
    """Return what the trials say, with what is missing where they cannot tell yet."""
    if effect.low is not None and not effect.final:
        return f"at epoch {effect.epoch} of {effect.epochs}, not the end"
    if effect.needed is None:
        return effect.verdict.value
    return f"{effect.verdict.value}: about {text.count(effect.needed, 'more trial')}"


VERDICT = Column[EffectView]("Verdict", verdict)


def effects(metric: Metric) -> tuple[Column[EffectView], ...]:
    """Return the columns of a study's tricks in a terminal."""
    return (TRICK_NAME, NUM_WITH, NUM_WITHOUT, effect(metric), INTERVAL, COST, VERDICT)


TRICK_SET = Column[CombinationView](
    "Tricks", lambda row: row.tricks, lambda names: text.listed(names) or "no tricks"
)
TRICK_SET_NAMES = Column[CombinationView](
    "Tricks", lambda row: row.tricks, lambda names: " + ".join(names) or "no tricks"
)


def combinations(
    metric: Metric, names: Column[CombinationView] = TRICK_SET, *, predicted: bool = False
) -> tuple[Column[CombinationView], ...]:
    """Return the columns of a study's combinations of tricks.

    Args:
        metric: That the study looks for.
        names: `TRICK_SET_NAMES` in a terminal, with names as commands take them.
        predicted: Whether there is a prediction of some, which they are ranked by.
    """
    written, bound = partial(text.metric_text, metric=metric), metric.bound.capitalize()
    if predicted:
        return (
            names,
            Column("Predicted", lambda row: row.predicted, written, numeric=True),
            Column("95 % interval", partial(_predicted_ends, metric=metric), numeric=True),
            Column("Observed mean", lambda row: row.mean, written, numeric=True),
            Column("Trials", lambda row: row.num, text.number, numeric=True),
            Column("Best trial", lambda row: row.best_trial, text.number, numeric=True),
        )
    return (
        names,
        Column("Complete", lambda row: row.num, text.number, numeric=True),
        Column("Mean", lambda row: row.mean, written, numeric=True),
        Column(bound, lambda row: row.low, written, numeric=True),
        Column("Best", lambda row: row.best, written, numeric=True),
        Column("Best trial", lambda row: row.best_trial, text.number, numeric=True),
        Column("Pruned", lambda row: row.num_pruned, text.number, numeric=True),
        Column("Failed", lambda row: row.num_failed, text.number, numeric=True),
    )


def _predicted_ends(row: CombinationView, metric: Metric) -> str:
    if row.predicted_low is None or row.predicted_high is None:
        return "none"
    return " to ".join(
        text.metric_text(end, metric) for end in (row.predicted_low, row.predicted_high)
    )
