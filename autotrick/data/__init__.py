"""Data sets as fingerprinted uint8 arrays: decoded once, cached, memory-mapped by every trial.

`load` turns a reference into a data set; `open_cached` is what a worker calls. A source is one
module that can `locate` its files and read them as `Part`s; `decode_to_cache` carves off the
validation split and writes arrays, `cache` keeps them.
"""

from autotrick.data.aspect_ratio import validation_aspects
from autotrick.data.cache import open_cached
from autotrick.data.catalogue import DATASETS, find, sources
from autotrick.data.dataset import Dataset, Note, Source, Split
from autotrick.data.facts import (
    Facts,
    describe,
    nearly_equal,
    recorded,
    standard_error,
    warnings,
)
from autotrick.data.image_names import source_names
from autotrick.data.loading import check_same, load, tell
from autotrick.data.presence import expect_present

__all__ = [
    "DATASETS",
    "Dataset",
    "Facts",
    "Note",
    "Source",
    "Split",
    "check_same",
    "describe",
    "expect_present",
    "find",
    "load",
    "nearly_equal",
    "open_cached",
    "recorded",
    "source_names",
    "sources",
    "standard_error",
    "tell",
    "validation_aspects",
    "warnings",
]
