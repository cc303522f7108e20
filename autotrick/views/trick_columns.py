"""The columns of all tables of tricks and their combinations.

Apart from `columns`, because the analysis behind them takes time to load.
"""

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
EFFECT = Column[EffectView](
    "Effect (points)", lambda effect: effect.effect, text.points, numeric=True
)
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
VERDICT = Column[EffectView]("Verdict", lambda effect: effect.verdict.value)
EFFECTS = (TRICK_NAME, NUM_WITH, NUM_WITHOUT, EFFECT, INTERVAL, COST, VERDICT)
"""The tricks of a study in a terminal."""

TRICK_SET = Column[CombinationView](
    "Tricks", lambda row: row.tricks, lambda names: text.listed(names) or "no tricks"
)
TRICK_SET_NAMES = Column[CombinationView](
    "Tricks", lambda row: row.tricks, lambda names: " + ".join(names) or "no tricks"
)
_OF_COMBINATIONS = (
    Column[CombinationView]("Complete", lambda row: row.num, text.number, numeric=True),
    Column[CombinationView]("Mean", lambda row: row.mean, text.metric_text, numeric=True),
    Column[CombinationView]("Lower bound", lambda row: row.low, text.metric_text, numeric=True),
    Column[CombinationView]("Best", lambda row: row.best, text.metric_text, numeric=True),
    Column[CombinationView]("Best trial", lambda row: row.best_trial, numeric=True),
    Column[CombinationView]("Pruned", lambda row: row.num_pruned, text.number, numeric=True),
    Column[CombinationView]("Failed", lambda row: row.num_failed, text.number, numeric=True),
)
COMBINATIONS = (TRICK_SET, *_OF_COMBINATIONS)
COMBINATIONS_BY_NAME = (TRICK_SET_NAMES, *_OF_COMBINATIONS)
"""The same in a terminal, with names as commands take them."""
