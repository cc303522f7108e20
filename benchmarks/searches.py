"""Searches to replay: autotrick's, and what one would use instead, each with its own code.

Of autotrick the trial queue is asked, as `autotrick.tune.driver.driver` asks it. Of Ray Tune the search
algorithm and the scheduler are asked in the order in which its controller asks them, without a
cluster; of Optuna the sampler and the pruner, as its `optimize` does.
"""

import os
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import optuna
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.trial import TrialState

from autotrick.domain import ReplayChooser
from autotrick.recipe import EpochReport, Recipe
from autotrick.sample.optuna_bridge import Asking
from autotrick.space import Pruning, SearchSpace
from autotrick.tune.driver.active_trial import ActiveTrial
from autotrick.tune.queue import queue_of
from autotrick.tune.schedulers.pruning import Verdict
from benchmarks.replay import Search


def report_of(epoch: int, accuracy: float) -> EpochReport:
    """Return the report of an epoch of which only the accuracy is known, in [0, 1]."""
    return EpochReport(
        epoch=epoch, accuracy=accuracy, loss=0, train_loss=0, lr=0, seconds=0, weights=""
    )


class Autotrick:
    """autotrick's search, without Ray and without a database."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self._queue = queue_of(space, trials=sys.maxsize, seed=seed)
        self._live: list[ActiveTrial] = []

    def next(self) -> tuple[int, Recipe]:
        live = self._queue.next_promoted()
        if live is None:
            new = self._queue.next_candidate()
            assert new is not None
            live = ActiveTrial(new.number, new.number, new.recipe)
            self._live.append(live)
        return live.number, live.recipe

    def report(self, trial: int, epoch: int, accuracy: float) -> bool:
        live = self._live[trial]
        live.report = report_of(epoch, accuracy)
        verdict = self._queue.verdict(live, live.report)
        if verdict is Verdict.PAUSE:
            self._queue.pause(live)
        elif verdict is Verdict.STOP:
            self._queue.ended(live, "pruned")
        return verdict is Verdict.GO

    def end(self, trial: int, failure: str) -> None:
        if failure:
            self._queue.ended(self._live[trial], "failed", failure)
        else:
            self._queue.ended(self._live[trial], "complete")


class Optuna:
    """A study of Optuna's with a pruner."""

    def __init__(
        self, space: SearchSpace, sampler: BaseSampler, pruner: BasePruner, name: str
    ) -> None:
        self._space = space
        self._epochs = space.most("epochs")
        # Hyperband deals trials to brackets by the study's name.
        self._study = optuna.create_study(
            direction="maximize", sampler=sampler, pruner=pruner, study_name=name
        )
        self._trials: list[optuna.Trial] = []

    def next(self) -> tuple[int, Recipe]:
        trial = self._study.ask()
        self._trials.append(trial)
        return trial.number, self._space.decide(Asking(trial))

    def report(self, trial: int, epoch: int, accuracy: float) -> bool:
        here = self._trials[trial]
        here.report(accuracy, epoch)
        if epoch < self._epochs and here.should_prune():
            self._study.tell(here, state=TrialState.PRUNED)
            return False
        return True

    def end(self, trial: int, failure: str) -> None:
        here = self._trials[trial]
        if failure:
            self._study.tell(here, state=TrialState.FAIL)
        else:
            values = self._study.get_trials(deepcopy=False)[trial].intermediate_values
            self._study.tell(here, values[max(values)])


class RayTune:
    """Ray Tune's OptunaSearch with its AsyncHyperBandScheduler, which it calls ASHA."""

    def __init__(self, space: SearchSpace, seed: int, factor: int) -> None:
        os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
        from ray.tune.schedulers import AsyncHyperBandScheduler
        from ray.tune.search.optuna import OptunaSearch

        self._space = space
        self._searcher: Any = OptunaSearch(self._suggest, metric="accuracy", mode="max", seed=seed)
        self._scheduler: Any = AsyncHyperBandScheduler(
            metric="accuracy", mode="max", max_t=space.most("epochs"), reduction_factor=factor
        )
        self._trials: list[Any] = []

    def _suggest(self, trial: Any) -> None:
        self._space.decide(Asking(trial))

    def next(self) -> tuple[int, Recipe]:
        trial = SimpleNamespace(trial_id=str(len(self._trials)))
        self._trials.append(trial)
        answers = self._searcher.suggest(trial.trial_id)
        self._scheduler.on_trial_add(None, trial)
        return len(self._trials) - 1, self._space.decide(ReplayChooser(answers))

    def report(self, trial: int, epoch: int, accuracy: float) -> bool:
        here = self._trials[trial]
        result = {"training_iteration": epoch, "accuracy": accuracy}
        if self._scheduler.on_trial_result(None, here, result) == "CONTINUE":
            self._searcher.on_trial_result(here.trial_id, result)
            return True
        # A stopped trial is complete to the searcher, with the accuracy that it had.
        self._scheduler.on_trial_complete(None, here, result)
        self._searcher.on_trial_complete(here.trial_id, result)
        return False

    def end(self, trial: int, failure: str) -> None:
        if failure:
            here = self._trials[trial]
            self._scheduler.on_trial_remove(None, here)
            self._searcher.on_trial_complete(here.trial_id, error=True)


Make = Callable[[SearchSpace, int], Search]


def ours(sampler: str | None = None, **pruning: Any) -> Make:
    """Return how autotrick searches a space; without arguments by its defaults."""
    rules = Pruning(**pruning)

    def make(space: SearchSpace, seed: int) -> Search:
        chosen = space.with_study(sampler=sampler) if sampler else space
        return Autotrick(chosen.model_copy(update={"pruning": rules}), seed)

    return make


def _optuna(sampler: Callable[[int], BaseSampler], pruner: Callable[[int], BasePruner]) -> Make:
    def make(space: SearchSpace, seed: int) -> Search:
        return Optuna(space, sampler(seed), pruner(space.most("epochs")), str(seed))

    return make


def _tpe(seed: int) -> BaseSampler:
    return optuna.samplers.TPESampler(seed=seed)


def _none(_: int) -> BasePruner:
    return optuna.pruners.NopPruner()


BASELINE = "Ray Tune: TPE + ASHA"
CHANCE = "random"
DEFAULT = "autotrick"
SEARCHES: dict[str, Make] = {
    DEFAULT: ours(),
    "autotrick, sampler bayes": ours("bayes"),
    "autotrick, sampler bayes, method none": ours("bayes", method="none"),
    "autotrick, method asha": ours(method="asha"),
    "autotrick, method asha_stop": ours(method="asha_stop"),
    "autotrick, method hyperband": ours(method="hyperband"),
    "autotrick, method none": ours(method="none"),
    CHANCE: _optuna(lambda seed: optuna.samplers.RandomSampler(seed=seed), _none),
    BASELINE: lambda space, seed: RayTune(space, seed, 4),
    "Ray Tune: TPE + ASHA, factor 3": lambda space, seed: RayTune(space, seed, 3),
    "Optuna: TPE": _optuna(_tpe, _none),
    "Optuna: TPE + median": _optuna(_tpe, lambda _: optuna.pruners.MedianPruner()),
    "Optuna: TPE + halving": _optuna(_tpe, lambda _: optuna.pruners.SuccessiveHalvingPruner()),
    "Optuna: TPE + Hyperband": _optuna(
        _tpe, lambda epochs: optuna.pruners.HyperbandPruner(max_resource=epochs)
    ),
}
"""Each with the settings that its users get when they say nothing; Ray Tune is told the epochs."""
