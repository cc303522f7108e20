"""Choosing the next recipe from those that were tried. The home of Optuna.

A sampler keeps nothing but what it is told, so it can be rebuilt from recorded trials at any time;
what it proposes for a trial number depends on the study's seed, that number and the told history.
"""

from autotrick.sample.batch_halving import Halves, halved
from autotrick.sample.history import Row
from autotrick.sample.importance import as_study, importances
from autotrick.sample.initial_recipes import demanded, initial_recipes
from autotrick.sample.optuna_export import whole_study
from autotrick.sample.pb2 import Gain, picked
from autotrick.sample.perturb import perturb
from autotrick.sample.proposal import Proposal
from autotrick.sample.proposer import Proposer
from autotrick.sample.sampler import METHODS, Sampler
from autotrick.sample.warm_start import WarmStart, enqueued, inherit

__all__ = [
    "METHODS",
    "Gain",
    "Halves",
    "Proposal",
    "Proposer",
    "Row",
    "Sampler",
    "WarmStart",
    "as_study",
    "demanded",
    "enqueued",
    "halved",
    "importances",
    "inherit",
    "initial_recipes",
    "perturb",
    "picked",
    "whole_study",
]
