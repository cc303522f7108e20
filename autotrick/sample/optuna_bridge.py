"""Choosers over Optuna: one asks a trial, one collects the distributions of recorded answers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.study import StudyDirection

from autotrick.domain import Choice, Float, Integer, Scalar
from autotrick.recipe import Recipe
from autotrick.sample.observations import distribution
from autotrick.space import SearchSpace


@dataclass(frozen=True, slots=True)
class Asking:
    """Takes every decision from an Optuna trial."""

    trial: optuna.Trial

    def number(self, name: str, domain: Float) -> float:
        return self.trial.suggest_float(name, domain.low, domain.high, log=domain.log)

    def integer(self, name: str, domain: Integer) -> int:
        low, high = domain.low, domain.high
        return self.trial.suggest_int(name, low, high, log=domain.log, step=domain.step)

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        # Optuna also knows None as an option.
        return cast("Scalar", self.trial.suggest_categorical(name, options))


@dataclass(frozen=True, slots=True)
class _Collecting:
    """Repeats recorded answers, and collects the distribution of each."""

    table: Mapping[str, Scalar]
    known: dict[str, BaseDistribution]

    def number(self, name: str, domain: Float) -> float:
        self.known[name] = distribution(domain)
        return float(self.table[name])

    def integer(self, name: str, domain: Integer) -> int:
        self.known[name] = distribution(domain)
        return int(self.table[name])

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        self.known[name] = distribution(Choice(options))
        return self.table[name]


def decisions_of(
    space: SearchSpace, recipe: Recipe, known: dict[str, BaseDistribution]
) -> tuple[dict[str, Scalar], dict[str, BaseDistribution]]:
    """Return the answers that lead to a recipe, and the distribution of each.

    Args:
        known: Distributions by name, shared between trials; what is missing is added.

    Raises:
        SpaceError: The recipe does not belong to this space.
    """
    answers = space.answers(recipe)
    return answers, distributions(space, answers, known)


def distributions(
    space: SearchSpace, answers: Mapping[str, Scalar], known: dict[str, BaseDistribution]
) -> dict[str, BaseDistribution]:
    """Return the distribution of each answer; those that `known` lacks are added."""
    if not answers.keys() <= known.keys():
        space.decide(_Collecting(answers, known))
    return {name: known[name] for name in answers}


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna from logging what does not concern our users."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(verbosity)


def empty_study(
    storage: BaseStorage,
    name: str,
    sampler: BaseSampler | None,
    directions: Sequence[StudyDirection] = (StudyDirection.MAXIMIZE,),
) -> optuna.Study:
    """Return a new study without the line that Optuna logs for each."""
    with quiet():
        storage.create_new_study(directions, name)
    return optuna.Study(name, storage, sampler=sampler)
