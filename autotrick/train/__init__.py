"""One recipe in, one result out: no Ray, no database."""

from autotrick.train.checkpoint import Checkpoint
from autotrick.train.environment import environment
from autotrick.train.loop import measure_speed, train
from autotrick.train.lr_find import RangeTest, lr_find
from autotrick.train.observe import Observer
from autotrick.train.predict import Prediction, predict
from autotrick.train.preview import preview
from autotrick.train.snapshot import Snapshot

__all__ = [
    "Checkpoint",
    "Observer",
    "Prediction",
    "RangeTest",
    "Snapshot",
    "environment",
    "lr_find",
    "measure_speed",
    "predict",
    "preview",
    "train",
]
