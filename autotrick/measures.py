"""What a trial is measured by."""

from dataclasses import dataclass


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


MEASURES = {
    "accuracy": Measure("validation accuracy", larger=True),
    "seconds": Measure("training time (s)"),
    "parameters": Measure("trainable weights"),
    "multiply_adds": Measure("multiply-adds of one image"),
    "latency_ms": Measure("latency of one image (ms)", early=False, cheap=False),
    "robustness": Measure("accuracy on corrupted images", larger=True, early=False, cheap=False),
}
"""`accuracy` and `seconds` are those of the last epoch report and the sum over all.

`latency_ms` is the median time of a prediction of one image on the worker's device, with its
threads and whatever else the machine does at that time. `robustness` is described in
`autotrick.train.measure`.
"""
