"""Trials that Optuna recorded without autotrick, and what their parameters mean in a space."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import optuna
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from autotrick.domain import Choice, Float, Integer, Scalar
from autotrick.errors import NotFoundError, RecordsError, SpaceError, unknown
from autotrick.recipe import Recipe
from autotrick.sample.optuna_export import MARK, unfinished
from autotrick.space import SearchSpace, decisions
from autotrick.space.parse_domain import meant

_STATES = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


class UndecidedError(SpaceError):
    """Parameters lack a decision that the space asks for."""


@dataclass(frozen=True, slots=True)
class ForeignTrial:
    """A trial that another tool ran.

    Attributes:
        label: That tool's name for it.
        state: `complete`, `pruned`, `failed`; empty where the tool does not say.
        value: Its final value; None if that is the last point of its curve.
        curve: The metric by epoch, counted from 1.
        seconds: Duration of the whole trial.
    """

    label: str
    params: Mapping[str, Any]
    state: str
    value: float | None
    curve: Mapping[int, float]
    seconds: float
    created: datetime
    finished: datetime


def optuna_trials(storage: str, name: str | None) -> tuple[str, list[ForeignTrial]]:
    """Return the name and the finished trials of a study in an Optuna storage, in order.

    Args:
        storage: Its URL.
        name: Which study; None for the only one.

    Raises:
        NotFoundError: There is no such study, or there are several and none is named.
        RecordsError: The study minimises, or has several objectives.
    """
    opened = optuna.storages.get_storage(storage)
    known = {study.study_name: study._study_id for study in opened.get_all_studies()}
    if name is None and len(known) == 1:
        name = next(iter(known))
    if name is None:
        raise NotFoundError(
            f"the Optuna storage has {len(known)} studies. Name one with --name: "
            f"{', '.join(known) or 'none'}."
        )
    if name not in known:
        raise NotFoundError(unknown("Optuna study", name, known, plural="Optuna studies"))
    if unfinished(opened.get_study_user_attrs(known[name]).get(MARK)):
        raise RecordsError(
            f"the Optuna study {name!r} was not written to its end: its export was interrupted. Export "
            "it again."
        )
    if opened.get_study_directions(known[name]) != [StudyDirection.MAXIMIZE]:
        raise RecordsError(
            f"the Optuna study {name!r} does not maximise one value, as a study of accuracies does."
        )
    return name, [_foreign(t) for t in opened.get_all_trials(known[name]) if t.state in _STATES]


def recipe_of(space: SearchSpace, params: Mapping[str, Any]) -> Recipe:
    """Return the recipe that parameters named after a space's decisions lead to.

    Raises:
        SpaceError: One is missing, unknown, or outside what the space lets vary.
    """
    try:
        recipe = space.decide(_Given(params))
    except KeyError as error:
        raise UndecidedError(
            f"the space {space.name!r} asks for {error.args[0]!r}, which the parameters do not "
            "decide. Fix it in the space, or name an option that it has."
        ) from error
    _check_all_used(space, recipe, params)
    return recipe


@dataclass(frozen=True, slots=True)
class _Given:
    """Answers with parameters, each of which must belong to the domain that is asked for."""

    params: Mapping[str, Any]

    def number(self, name: str, domain: Float) -> float:
        return float(self._of(name, domain))

    def integer(self, name: str, domain: Integer) -> int:
        return int(self._of(name, domain))

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        return self._of(name, Choice(options))

    def _of(self, name: str, domain: Float | Integer | Choice) -> Scalar:
        value: Scalar = meant(self.params[name], domain)
        if value not in domain:
            raise SpaceError(
                f"{name}: {value!r} is not in {domain}; another space made this recipe."
            )
        return value


def _check_all_used(space: SearchSpace, recipe: Recipe, params: Mapping[str, Any]) -> None:
    """Raise SpaceError for parameters that do not appear in the recipe."""
    found = decisions(space)
    names = [decision.name for decision in found]
    # A policy has many decisions under one name.
    prefixes = tuple(f"{decision.name}." for decision in found if decision.size > 1)
    for name, value in params.items():
        fixed = name in Recipe.model_fields and getattr(recipe, name) == value
        if not (fixed or name in names or name.startswith(prefixes)):
            raise SpaceError(unknown("decision of the space", name, names, plural="decisions"))


def _foreign(trial: FrozenTrial) -> ForeignTrial:
    begun = trial.datetime_start or trial.datetime_complete or datetime.now()
    ended = trial.datetime_complete or begun
    # Optuna's steps are what the user reported; from 0 or from 1 are both common.
    shift = int(0 in trial.intermediate_values)
    return ForeignTrial(
        label=f"optuna {trial.number}",
        params=trial.params,
        state=_STATES[trial.state],
        value=_number(trial.value) if trial.state == TrialState.COMPLETE else None,
        curve={
            step + shift: float(value) for step, value in sorted(trial.intermediate_values.items())
        },
        seconds=max(0.0, (ended - begun).total_seconds()),
        created=begun.astimezone(UTC),
        finished=ended.astimezone(UTC),
    )


def _number(value: float | None) -> float | None:
    # SQLite accepts text in a column of numbers; this raises for it.
    return None if value is None else float(value)
