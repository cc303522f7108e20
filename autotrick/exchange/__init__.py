"""What goes out of the database and what comes in: files of studies, and studies of other tools.

`write` and `bring` know Parquet, JSON lines and CSV; `optuna_study` gives a recorded study as one of
Optuna's; what Optuna and Ray Tune recorded comes in where a space says what it means.
"""

from autotrick.exchange.files import SUFFIXES, write
from autotrick.exchange.importing import Meaning, bring
from autotrick.exchange.optuna import export_to_optuna, optuna_study

__all__ = ["SUFFIXES", "Meaning", "bring", "export_to_optuna", "optuna_study", "write"]
