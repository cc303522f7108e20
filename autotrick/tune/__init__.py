"""Many trials: what is tried next, where it runs, and what is on record if all is killed."""

from autotrick.tune.conducting import Options
from autotrick.tune.events import Event, Listener
from autotrick.tune.resources import Resources, check_device
from autotrick.tune.search import ready, resume, search

__all__ = [
    "Event",
    "Listener",
    "Options",
    "Resources",
    "check_device",
    "ready",
    "resume",
    "search",
]
