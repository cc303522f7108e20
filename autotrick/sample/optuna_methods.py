"""The methods that use samplers of Optuna.

TPE and random search walk the conditional space themselves. GP and NSGA would see only what all
trials have in common and choose the rest at random: they work in the space's unit cube instead.
"""

import warnings
from abc import abstractmethod
from collections.abc import Container, Sequence

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseSampler,
    GPSampler,
    NSGAIIISampler,
    NSGAIISampler,
    RandomSampler,
    TPESampler,
)
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, TrialState

from autotrick.domain import Chooser
from autotrick.sample.method import Method, UnitCubeMethod
from autotrick.sample.observations import BROKEN, GOOD, Observations
from autotrick.sample.optuna_bridge import Asking, empty_study, quiet

STARTUP = 10
"""Trials that are drawn at random before a method begins to learn; Optuna's own default."""

POPULATION = GOOD
"""Parents of an evolutionary method: the best trials, which Optuna always sees."""


class Random(Method):
    """Draws every decision independently, whatever earlier trials found."""

    learns = False

    def choose(
        self, observations: Observations, number: int, attempt: int, taken: Container[str]
    ) -> Chooser:
        sampler = RandomSampler(seed=self.seed(number, attempt))
        return Asking(_study([], sampler).ask())


class Tpe(Method):
    """Tree-structured Parzen estimators, on all decisions that are asked together.

    Bergstra, Bardenet, Bengio, Kegl, "Algorithms for Hyper-Parameter Optimization", NeurIPS 2011.
    """

    def choose(
        self, observations: Observations, number: int, attempt: int, taken: Container[str]
    ) -> Chooser:
        sampler = tpe(self.seed(number, attempt))
        return Asking(_study(observations.for_optuna(), sampler).ask())


def tpe(seed: int) -> BaseSampler:
    """Return Optuna's TPE as it suits conditional spaces and parallel trials."""
    with warnings.catch_warnings():
        # Grouped TPE is experimental only in name: Optuna has had it since 2.8.
        warnings.simplefilter("ignore", ExperimentalWarning)
        return TPESampler(
            n_startup_trials=STARTUP, multivariate=True, group=True, constant_liar=True, seed=seed
        )


class _UnitCubeSampler(UnitCubeMethod):
    """A sampler of Optuna in the unit cube, which sees every finished trial as complete, with its score."""

    @abstractmethod
    def sampler(self, seed: int) -> BaseSampler:
        """Return the sampler of one proposal."""

    def past(self, observations: Observations) -> Sequence[FrozenTrial]:
        """Return the trials that the sampler sees."""
        return observations.scored()

    def choose(
        self, observations: Observations, number: int, attempt: int, taken: Container[str]
    ) -> Chooser:
        study = _study(self.past(observations), self.sampler(self.seed(number, attempt)))
        with quiet():
            return self.box.chooser(study.ask(self.distributions).params)


class Gp(_UnitCubeSampler):
    """Expected improvement under a Gaussian process; seconds a proposal, for few decisions.

    Snoek, Larochelle, Adams, "Practical Bayesian Optimization of Machine Learning Algorithms",
    NeurIPS 2012; with Optuna's kernel and its log-EI (Ament et al., NeurIPS 2023).
    """

    def past(self, observations: Observations) -> Sequence[FrozenTrial]:
        found = observations.scored()
        for trial in found:
            trial.system_attrs.pop(BROKEN, None)
        return found

    def sampler(self, seed: int) -> BaseSampler:
        # A model of a constraint that is only satisfied or violated would not help: rejected
        # proposals are trials with the lowest score instead.
        return GPSampler(seed=seed, n_startup_trials=STARTUP, warn_independent_sampling=False)


class Nsga2(_UnitCubeSampler):
    """Crossover and mutation of the best trials so far.

    Deb, Pratap, Agarwal, Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II",
    IEEE TEC 2002. There are no generations: the parents of each proposal are the best of all
    finished trials, so that no trial waits for another one (as in steady-state NSGA-II, Durillo et
    al., EMO 2009).
    """

    kind: type[NSGAIISampler | NSGAIIISampler] = NSGAIISampler

    def sampler(self, seed: int) -> BaseSampler:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return self.kind(population_size=POPULATION, seed=seed)

    def sparse(
        self, chooser: Chooser, observations: Observations, number: int, attempt: int
    ) -> Chooser:
        # Children resemble their parents, which leave most tricks off.
        has_parents = observations.num_scored >= POPULATION
        return chooser if has_parents else super().sparse(chooser, observations, number, attempt)

    def past(self, observations: Observations) -> Sequence[FrozenTrial]:
        found = observations.scored()
        for trial in found:
            # Optuna's own bookkeeping: trials of generation 0 may be parents of generation 1.
            trial.system_attrs[f"{self.kind.__name__}:generation"] = 0
        if any(BROKEN in trial.system_attrs for trial in found):
            for trial in found:
                trial.system_attrs.setdefault(BROKEN, 0.0)
        return found


class Nsga3(Nsga2):
    """NSGA-II with reference points in place of crowding, for three objectives and more.

    Deb, Jain, "An Evolutionary Many-Objective Optimization Algorithm Using Reference-Point-Based
    Nondominated Sorting Approach, Part I", IEEE TEC 2014.
    """

    kind = NSGAIIISampler


def _study(past: Sequence[FrozenTrial], sampler: BaseSampler) -> optuna.Study:
    return empty_study(_ProposalStorage(past), "proposal", sampler)


class _ProposalStorage(InMemoryStorage):
    """Optuna's storage for one proposal: past trials are ours, only the new one is stored in it."""

    def __init__(self, past: Sequence[FrozenTrial]) -> None:
        super().__init__()
        self._past = past

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        return [trial for trial in self._past if states is None or trial.state in states]
