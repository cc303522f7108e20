"""Tasks: what a target is, the loss, and the metrics that trials are judged by."""

from autotrick.tasks.metric import Metric

__all__ = ["Metric"]
