"""Search spaces: a TOML file with one question becomes a value that proposes valid recipes.

`load` reads a file; `SearchSpace.decide` walks it with a chooser and `answers` is its inverse;
`decisions` lists what varies; `all_off` and `published_defaults` are the recipes to begin with;
`json_schema` describes the files to editors.
"""

from autotrick.space.defaults import (
    Preferring,
    all_off,
    base_answers,
    by_hand,
    neutral,
    on_tricks,
    preferring_published,
    published,
    published_defaults,
)
from autotrick.space.describe import Decision, SpaceSize, decisions, size
from autotrick.space.grid import Grid, trials_of
from autotrick.space.load import files_of, load
from autotrick.space.membership import why_not_in_space
from autotrick.space.model import SearchSpace, unit_of
from autotrick.space.packaged import find_space, packaged
from autotrick.space.schema import json_schema
from autotrick.space.settings import (
    Constraints,
    NamedRecipe,
    Phase,
    Plateau,
    Pruning,
    StudySettings,
)
from autotrick.space.slots import OFF

__all__ = [
    "OFF",
    "Constraints",
    "Decision",
    "Grid",
    "NamedRecipe",
    "Phase",
    "Plateau",
    "Preferring",
    "Pruning",
    "SearchSpace",
    "SpaceSize",
    "StudySettings",
    "all_off",
    "base_answers",
    "by_hand",
    "decisions",
    "files_of",
    "find_space",
    "json_schema",
    "load",
    "neutral",
    "on_tricks",
    "packaged",
    "preferring_published",
    "published",
    "published_defaults",
    "size",
    "trials_of",
    "unit_of",
    "why_not_in_space",
]
