"""Many trials: what is tried next, where it runs, and what is on record if all is killed."""

from autotrick.tune.driver import Event, Listener
from autotrick.tune.search import Options, Resources, resume, search, with_data

__all__ = ["Event", "Listener", "Options", "Resources", "resume", "search", "with_data"]
