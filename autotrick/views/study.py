"""A study as people and programs see it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from autotrick.records.rows import StudyRow, StudyState, TrialState
from autotrick.tasks import ACCURACY
from autotrick.views.plain import plain


@dataclass(frozen=True, slots=True)
class StudyView:
    """One search over a space.

    Attributes:
        best: The best value of a complete trial; None before the first.
        created: UTC.
        ended: Why the search ended; None while it is under way.
        counts: Number of trials in each state.
        parent: Name of the study that it belongs to; None if it stands alone.
        purpose: What it is for, such as `list`; None is a search.
        task: Name of its task; None is classification.
        metric: Name of the metric that `best` is of.
    """

    name: str
    question: str
    state: StudyState
    objective: str
    best: float | None
    created: datetime
    ended: str | None
    archived: bool
    counts: Mapping[TrialState, int]
    parent: str | None = None
    purpose: str | None = None
    task: str | None = None
    metric: str = ACCURACY.name

    @classmethod
    def of(cls, row: StudyRow) -> "StudyView":
        """Return the view of a recorded study."""
        values = {field.name: getattr(row, field.name) for field in fields(cls)}
        return cls(**values | {"objective": row.metric, "metric": row.value_metric.name})

    def to_json(self) -> dict[str, Any]:
        """Return the study as plain JSON."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}

    def deprecated_json(self) -> dict[str, Any]:
        """Return what `name` and `counts` were called before."""
        return {"study": self.name, "trials": plain(self.counts)}
