"""Sections on the studies that belong to a study: confirmations, ablations, other data."""

from collections.abc import Iterator

from autotrick.analysis import confirmation as confirming
from autotrick.report.ablation import ablation_caption, ablation_figure
from autotrick.report.confirmation import confirmation_caption, confirmation_figure
from autotrick.report.ladder import drawable, ladder_caption, ladder_figure
from autotrick.report.sections import Drawn, Listed, Part, Said, Section
from autotrick.report.transfer import transfer_caption, transfer_figure, transfer_sentences
from autotrick.tasks import ACCURACY, Metric
from autotrick.views import ablation as ablating
from autotrick.views import confirmation as confirmed
from autotrick.views.linked import Linked
from autotrick.views.table import TextTable

_FEW = 3
"""Number of other data sets up to which the matrix fits a phone."""


def linked_sections(found: Linked, metric: Metric = ACCURACY) -> Iterator[Section]:
    """Yield a section on each confirmation and ablation, and one on other data.

    Args:
        metric: That the study looks for.
    """
    for one in found.confirmations:
        parts: list[Part] = [Said(confirming.sentences(one))]
        if any(row.mean is not None for row in one.rows):
            drawn = confirmation_figure(one)
            parts.append(Drawn(f"confirmation-{one.study}", drawn, confirmation_caption(one)))
        parts.append(Listed(TextTable.of(confirmed.columns(one), one.rows)))
        yield Section(f"Confirmed with new seeds: {one.study}", parts)
    for each in found.ablations:
        parts = [Said(ablating.sentences(each))]
        if any(row.low is not None for row in each.rows):
            drawn = ablation_figure(each)
            parts.append(Drawn(f"ablation-{each.study}", drawn, ablation_caption(each)))
        table = TextTable.of(ablating.columns(each.metric), ablating.views(each))
        parts.append(Listed(table))
        yield Section(f"One trick changed at a time in {each.reference}", parts)
    for study, steps in found.ladders.items():
        if drawable(steps.steps):
            drawn = Drawn(
                f"ladder-{study}", ladder_figure(steps, metric), ladder_caption(steps, metric)
            )
            yield Section(f"Tricks added one at a time: {study}", [drawn])
    if found.transfer:
        drawn = transfer_figure(found.transfer, metric)
        yield Section(
            "On other data",
            [
                Said(transfer_sentences(found.transfer)),
                Drawn(
                    "transfer", drawn, transfer_caption(), wide=len(found.transfer.others) > _FEW
                ),
            ],
        )
