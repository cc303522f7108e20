"""What each trick changes in one recipe, as a forest plot."""

import plotly.graph_objects as go

from autotrick.analysis.ablation import Ablation
from autotrick.report.effects import MARKS
from autotrick.report.forest import Estimate, forest_figure
from autotrick.report.theme import titled
from autotrick.views.ablation import AblationRowView, change, views
from autotrick.views.text import count, listed


def ablation_figure(found: Ablation) -> go.Figure:
    """Draw what each trick changes in the recipe as a point with its 95 % interval.

    A band shades what does not matter. Tricks without an interval come last, without a mark.
    """
    unit = found.metric.difference_unit
    word = f"within {found.precision:g}{unit} of 0"
    return forest_figure(
        [_estimate(row) for row in views(found)],
        MARKS,
        axis=titled(found.metric.effect),
        unit=unit,
        band=(found.precision, word) if found.precision > 0 else None,
    )


def ablation_caption(found: Ablation) -> str:
    """Return the caption of the forest plot."""
    return (
        f"What each trick is worth in {found.reference}, beside the others of this very recipe: differences "
        f"within up to {count(found.seeds, 'seed')}, which two recipes share. Recipes that are clear are dropped early; "
        "the 95 % intervals allow for looking after every seed."
    )


def _estimate(row: AblationRowView) -> Estimate:
    told = row.low is not None and row.high is not None
    return Estimate(
        f"{listed([row.trick])} ({change(row).replace('_', ' ')})",
        row.effect if told else None,
        row.low,
        row.high,
        row.verdict.value,
        f", {count(row.num, 'seed')}",
        "failed" if row.failed else "cannot tell yet, no interval",
    )
