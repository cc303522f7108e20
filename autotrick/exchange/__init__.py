"""Exporting and importing studies: files, Optuna storages and Ray Tune experiments.

`write` exports Parquet, JSON lines and CSV, `export_to_optuna` an Optuna storage; `optuna_study` returns
a recorded study as Optuna's. `bring` imports Parquet and JSON lines and, where a space says what their
parameters mean, studies of Optuna and Ray Tune.
"""

from autotrick.exchange.files import SUFFIXES, write
from autotrick.exchange.importing import Meaning, bring
from autotrick.exchange.optuna import export_to_optuna, optuna_study

__all__ = ["SUFFIXES", "Meaning", "bring", "export_to_optuna", "optuna_study", "write"]
