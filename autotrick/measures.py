"""What a trial is measured by: the metrics of its task, and what it costs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autotrick import tasks
from autotrick.tasks import ACCURACY, Metric

_UNITS = {"b": 1} | {
    f"{letter}{rest}": base**power
    for power, letter in enumerate("kmgt", start=1)
    for rest, base in (("b", 1000), ("ib", 1024))
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One number that a trial has at its end.

    Attributes:
        title: As figures write it, with its unit.
        larger: Whether more of it is better.
        early: Whether a rung knows it: before training, or for the epochs so far.
        cheap: Whether every trial is measured; the others only where a space asks.
    """

    title: str
    larger: bool = False
    early: bool = True
    cheap: bool = True


COSTS = {
    "seconds": Measure("training time (s)"),
    "parameters": Measure("trainable weights"),
    "multiply_adds": Measure("multiply-adds of one image"),
    "latency_ms": Measure("latency of one image (ms)", early=False, cheap=False),
    "robustness": Measure("accuracy on corrupted images", larger=True, early=False, cheap=False),
}
"""What is measured of a trial whatever its task is. `seconds` is the sum over all epoch reports.

`latency_ms` is the median time of a prediction of one image on the worker's device, with its
threads and whatever else the machine does at that time. `robustness` is described in
`autotrick.train.measure`.
"""


class _Measures(Mapping[str, Measure]):
    """The metrics of all known tasks, then the costs; tasks may be registered at any time."""

    def __getitem__(self, name: str) -> Measure:
        if name in COSTS:
            return COSTS[name]
        metric = tasks.known_metric(name)
        if metric is None:
            raise KeyError(name)
        return _measure(metric)

    def __iter__(self) -> Iterator[str]:
        yield from tasks.metrics()
        yield from COSTS

    def __len__(self) -> int:
        return len(tasks.metrics()) + len(COSTS)


def _measure(metric: Metric) -> Measure:
    return Measure(f"validation {metric.title}", larger=metric.larger)


MEASURES: Mapping[str, Measure] = _Measures()
"""Everything that a space can ask for. Metrics are those of the last epoch report."""


def measure_of(name: str) -> Measure:
    """Return what is recorded under a name; a plain measure if no task known here has it."""
    return MEASURES[name] if name in MEASURES else _measure(tasks.metric_of(name))


def metric_like(name: str) -> Metric | None:
    """Return the metric that writes a measure for people; None of what is not a metric's value."""
    return ACCURACY if name == "robustness" else tasks.known_metric(name)


def bytes_of(text: str) -> float:
    """Return the bytes that a text such as `2 GiB` or `800 MB` means.

    Raises:
        ValueError: It means none.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?b)\s*", text, re.IGNORECASE | re.ASCII)
    if not found or found[2].lower() not in _UNITS:
        raise ValueError("a size such as '512 MiB', '2 GiB' or a number of bytes")
    return float(found[1]) * float(_UNITS[found[2].lower()])


def worded(name: str, value: float) -> str:
    """Return what constraints bound as people read it."""
    if name != "memory":
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"
    if value == float("inf"):
        return "more than there is"
    unit = next(
        unit for unit in ("TiB", "GiB", "MiB") if unit == "MiB" or value >= _UNITS[unit.lower()]
    )
    return f"{value / _UNITS[unit.lower()]:,.4g} {unit}"
