"""Choosing the next recipe from those that were tried. The home of Optuna.

A sampler keeps nothing but what it is told, so it can be rebuilt from recorded trials at any time;
what it proposes for a trial number depends on the study's seed, that number and the told history.
"""

from autotrick.sample.bandit import Gain, picked
from autotrick.sample.experts import demanded, experts
from autotrick.sample.halving import Halves, halved
from autotrick.sample.heir import heir
from autotrick.sample.heritage import Heritage, enqueued, inherit
from autotrick.sample.history import Row
from autotrick.sample.importance import as_study, importances
from autotrick.sample.proposal import Proposal
from autotrick.sample.proposer import Proposer
from autotrick.sample.sampler import METHODS, Sampler
from autotrick.sample.whole import whole_study

__all__ = [
    "METHODS",
    "Gain",
    "Halves",
    "Heritage",
    "Proposal",
    "Proposer",
    "Row",
    "Sampler",
    "as_study",
    "demanded",
    "enqueued",
    "experts",
    "halved",
    "heir",
    "importances",
    "inherit",
    "picked",
    "whole_study",
]
