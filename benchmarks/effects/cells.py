"""Which studies are recorded and judged: the searches, the numbers of trials, the noise, the tables."""

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import optuna

from autotrick.random_streams import key_of
from autotrick.space import Pruning, SearchSpace
from autotrick.space.settings import PHASES
from benchmarks.children import say
from benchmarks.curves import NAMES
from benchmarks.effects.judging import Judged, Known, judged
from benchmarks.effects.planted import Planted
from benchmarks.effects.recorded import Table
from benchmarks.effects.recording import record

PLANTED = "planted"
PLAN = "default plan"
TODAY = "TPE + median"
ASHA = "random + asha"
RANDOM = "random"
SEARCHES: Mapping[str, tuple[Mapping[str, Any], Pruning]] = {
    PLAN: ({}, Pruning()),
    TODAY: ({"plan": ("search",)}, Pruning()),
    ASHA: ({"plan": ("search",), "sampler": "random"}, Pruning(method="asha")),
    RANDOM: ({"plan": ("search",), "sampler": "random"}, Pruning(method="none")),
}
"""`[study]` and `[pruning]` of each; the default plan is a space that says nothing of either."""

NOISES = (0.2, 0.5, 1.0)
REPETITIONS = {24: 12, 48: 24, 100: 6, 300: 1}
"""Studies of each number of trials; long ones take long to simulate."""

OF_TABLES = {24: 6, 48: 6}
QUICK = {24: 6, 48: 6}
WORKERS = 4
PROCESSES = 2
_UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """Studies that are alike but for their seed.

    Attributes:
        table: `planted`, or the name of a recorded table.
        search: A name of SEARCHES.
        trials: The budget in whole trials; searches that prune begin more.
        noise: Standard deviation among seeds in points; None of a table.
        repetitions: Number of studies.
    """

    table: str
    search: str
    trials: int
    noise: float | None
    repetitions: int

    def __str__(self) -> str:
        noise = "" if self.noise is None else f", noise {self.noise:g}"
        return f"{self.table}, {self.search}, {self.trials} trials{noise}"


def every_cell(*, quick: bool) -> list[Cell]:
    """Return all cells.

    Args:
        quick: Whether a look at a few studies is enough.
    """
    found = [
        Cell(PLANTED, search, trials, noise, repetitions)
        for trials, repetitions in (QUICK if quick else REPETITIONS).items()
        for noise in ((0.5,) if quick else NOISES)
        for search in SEARCHES
    ]
    return found + [
        Cell(table, search, trials, None, 4 if quick else repetitions)
        for table in NAMES
        for trials, repetitions in ({24: 4} if quick else OF_TABLES).items()
        for search in SEARCHES
    ]


def measure(
    wanted: Sequence[Cell], processes: int = PROCESSES
) -> Iterator[tuple[Cell, list[Judged]]]:
    """Yield each cell with what was judged of its studies."""
    tasks = [(cell, i) for cell in wanted for i in range(cell.repetitions)]
    # More threads than processors make small matrices slow; children read this when they start.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with get_context("spawn").Pool(processes, initializer=_quiet) as pool:
        results = pool.imap(_one, tasks)
        for cell in wanted:
            yield cell, [next(results) for _ in range(cell.repetitions)]
            say(f"effects: {cell}")


def study_of(cell: Cell, i: int) -> Judged:
    """Return what is judged of one study of a cell, the same each time."""
    seed = key_of(cell.table, cell.trials, cell.noise, i)
    truth: Known = Table(cell.table) if cell.noise is None else Planted(seed, cell.noise)
    space = searched(truth.space, cell.search)
    if cell.search == PLAN and cell.noise is None:
        # By default a space of fewer than five tricks is only searched.
        space = space.with_study(plan=PHASES)
    trials = cell.trials if cell.search == PLAN else _UNLIMITED
    budget = cell.trials * truth.epochs
    study = record(truth, space, trials=trials, budget=budget, seed=seed, workers=WORKERS)
    return judged(truth, space, study)


def searched(space: SearchSpace, search: str) -> SearchSpace:
    """Return a space as a search of that name takes it."""
    study, pruning = SEARCHES[search]
    return space.with_study(**study).model_copy(update={"pruning": pruning})


def _one(task: tuple[Cell, int]) -> Judged:
    return study_of(*task)


def _quiet() -> None:
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
