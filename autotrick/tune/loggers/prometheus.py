"""Exports metrics of a search for Prometheus, beside Ray's own, on Ray's metrics port.

Ray puts `ray_` before each name and adds labels of the source. The Grafana board in
`dashboards/grafana` draws these.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from autotrick.records import StudyRow

if TYPE_CHECKING:
    from autotrick.tune.driver.events import Event, Listener

_STATES = {"started": "running", "paused": "waiting", "lost": "waiting"}
_LAGS_S = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]


def each(*listeners: Listener) -> Listener:
    """Return a listener that passes each event to several, in order."""

    def tell(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return tell


class Exporter:
    """Counts the events of one search where Ray keeps metrics.

    Made before Ray is there, it begins with the first event.

    Attributes:
        counts: Trials by state.
        best: The best value of a complete trial; None before the first.
    """

    def __init__(self, study: StudyRow) -> None:
        self._study = study.name
        self.counts = Counter[str](study.counts)
        # Unfinished trials of an earlier search are waiting when this one begins.
        self.counts["waiting"] += self.counts.pop("running", 0)
        self._known = study.trials
        self._states: dict[int, str] = {}
        self.best = study.best
        self._metric = study.value_metric
        self._metrics: dict[str, Any] = {}

    def __call__(self, event: Event) -> None:
        """Count an event."""
        self._metrics = self._metrics or _metrics()
        if event.kind == "epoch":
            self._metrics["epochs"].inc(1, self._tags())
            self._metrics["lag"].observe(event.lag_s, self._tags())
            return
        self._move(event.number, _STATES.get(event.kind, event.kind))
        if event.kind in ("lost", "failed"):
            self._metrics["failures"].inc(1, self._tags(kind=event.kind))
        if event.kind == "complete" and event.report:
            values = (self.best, event.report.metrics[self._metric.name])
            self.best = max((v for v in values if v is not None), key=self._metric.worth)
        if self.best is not None:
            self._metrics["best"].set(self.best, self._tags())

    def _move(self, number: int, state: str) -> None:
        """Let a trial go from the state that it was in to another."""
        before = self._states.get(number) or ("waiting" if number < self._known else None)
        if before is not None:
            self.counts[before] -= 1
        self.counts[state] += 1
        self._states[number] = state
        for name, count in self.counts.items():
            self._metrics["trials"].set(count, self._tags(state=name))

    def _tags(self, **tags: str) -> dict[str, str]:
        return {"study": self._study, **tags}


def _metrics() -> dict[str, Any]:
    from ray.util.metrics import Counter as Count
    from ray.util.metrics import Gauge, Histogram

    return {
        "trials": Gauge(
            "autotrick_trials", "Trials of a study by state.", tag_keys=("study", "state")
        ),
        "best": Gauge("autotrick_best", "The best value of a complete trial.", tag_keys=("study",)),
        "epochs": Count("autotrick_epochs", "Epochs reported and recorded.", tag_keys=("study",)),
        "failures": Count(
            "autotrick_failures", "Failed trials and lost workers.", tag_keys=("study", "kind")
        ),
        "lag": Histogram(
            "autotrick_report_seconds",
            "From the arrival of an epoch's report until it is recorded.",
            boundaries=_LAGS_S,
            tag_keys=("study",),
        ),
    }
