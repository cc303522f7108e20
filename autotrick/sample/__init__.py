"""Choosing the next recipe from those that were tried. The home of Optuna.

A sampler has no state but its observations, so it can be rebuilt from recorded trials at any time;
its proposal for a trial depends on the study's seed, the trial's number and the observations.
"""

from autotrick.sample.batch_halving import HalvedRecipes, halved
from autotrick.sample.initial_recipes import initial_recipes, required_recipes
from autotrick.sample.observations import RecordedTrial
from autotrick.sample.optuna_export import whole_study
from autotrick.sample.optuna_study import as_study
from autotrick.sample.pb2 import Gain, pb2_suggest
from autotrick.sample.perturb import perturb
from autotrick.sample.proposal import Proposal
from autotrick.sample.proposer import Proposer
from autotrick.sample.sampler import METHODS, Sampler
from autotrick.sample.warm_start import WarmStart, enqueued, warm_start_from

__all__ = [
    "METHODS",
    "Gain",
    "HalvedRecipes",
    "Proposal",
    "Proposer",
    "RecordedTrial",
    "Sampler",
    "WarmStart",
    "as_study",
    "enqueued",
    "halved",
    "initial_recipes",
    "pb2_suggest",
    "perturb",
    "required_recipes",
    "warm_start_from",
    "whole_study",
]
