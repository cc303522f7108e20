"""Runs many trials: decides what is tried next, runs it on Ray, and resumes after any kill."""

from autotrick.tune.ablate import ablate
from autotrick.tune.compare import compare
from autotrick.tune.confirm import confirm
from autotrick.tune.driver.events import Event, Listener
from autotrick.tune.recipe_study import run_recipes
from autotrick.tune.resources import Resources, check_device
from autotrick.tune.search import ready, resume, screen, search
from autotrick.tune.session import Options

__all__ = [
    "Event",
    "Listener",
    "Options",
    "Resources",
    "ablate",
    "check_device",
    "compare",
    "confirm",
    "ready",
    "resume",
    "run_recipes",
    "screen",
    "search",
]
