"""One recipe in, one result out: no Ray, no database."""

from autotrick.train.checkpoint import Checkpoint, newest
from autotrick.train.environment import environment
from autotrick.train.loop import Snapshot, speed, train
from autotrick.train.preview import preview

__all__ = ["Checkpoint", "Snapshot", "environment", "newest", "preview", "speed", "train"]
