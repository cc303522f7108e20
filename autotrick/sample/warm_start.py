"""What a study takes over from earlier ones: recipes to try, and trials to learn from.

It is a copy, made when the study begins and recorded with it: what becomes of the earlier studies
later changes nothing, and a resumed study has the same sampler.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from optuna.trial import TrialState
from pydantic import BaseModel, ConfigDict

from autotrick.domain import ReplayChooser, Scalar
from autotrick.errors import SpaceError
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe
from autotrick.sample.history import Observation, Row, copula
from autotrick.space import SearchSpace

PAST = 50
"""Trials that are taken over from one study at most: as many as teach a sampler at its beginning."""

_BEST = 5
"""The best of a study are among them always, the others by lot."""


class Queued(BaseModel):
    """A recipe that is tried before the sampler's own.

    Attributes:
        origin: Where it came from, in words.
        answers: The decisions that lead to it.
        demanded: Whether somebody named it; otherwise it is one of the sampler's, tried early.
    """

    model_config = ConfigDict(frozen=True)

    origin: str
    answers: dict[str, Scalar]
    demanded: bool = False


class Past(BaseModel):
    """A trial of another study.

    Attributes:
        study: Its name then.
        number: Its number there.
        answers: The decisions that lead to its recipe in this study's space.
        score: The normal quantile of its rank in that study, the best first.
    """

    model_config = ConfigDict(frozen=True)

    study: str
    number: int
    answers: dict[str, Scalar]
    score: float


class WarmStart(BaseModel):
    """All that a study takes over.

    Attributes:
        sources: The studies, and trials as STUDY:NUMBER, that it was taken from.
    """

    model_config = ConfigDict(frozen=True)

    sources: tuple[str, ...] = ()
    queue: tuple[Queued, ...] = ()
    past: tuple[Past, ...] = ()

    def recipes(self, space: SearchSpace, *, demanded: bool = False) -> list[tuple[str, Recipe]]:
        """Return the queue with its origins; what a changed space has no place for is left out.

        Args:
            demanded: Only what somebody named.
        """
        queue = (queued for queued in self.queue if queued.demanded or not demanded)
        found = ((queued.origin, _recipe(space, queued.answers)) for queued in queue)
        return [(origin, recipe) for origin, recipe in found if recipe is not None]

    def trials(self, space: SearchSpace) -> list[tuple[Recipe, float]]:
        """Return the past trials with their scores."""
        found = ((_recipe(space, past.answers), past.score) for past in self.past)
        return [(recipe, score) for recipe, score in found if recipe is not None]

    def moved(self, space: SearchSpace, earlier: Sequence[SearchSpace]) -> "WarmStart":
        """Return the same with answers of a wider space.

        Args:
            earlier: Those of which the answers may be, the latest last.
        """
        return self.model_copy(
            update={
                name: tuple(
                    one.model_copy(update={"answers": _moved(one.answers, space, earlier)})
                    for one in getattr(self, name)
                )
                for name in ("queue", "past")
            }
        )


def inherit(space: SearchSpace, studies: Mapping[str, Iterable[Row]]) -> WarmStart:
    """Return what a space's study learns from the trials of others.

    Args:
        studies: Trials by the name of their study; those whose recipe this space cannot express are
            left out.

    Raises:
        SpaceError: A study has no trial that is of use.
    """
    queue: list[Queued] = []
    past: list[Past] = []
    for name, rows in studies.items():
        known = _known(space, rows)
        if not known:
            raise SpaceError(
                f"warm_start: study {name!r} has no finished trial that the space {space.name!r} "
                "could express. Leave it out."
            )
        best = known[0]
        origin = f"warm start: best of {name}, trial {best.number}"
        queue.append(Queued(origin=origin, answers=dict(best.answers)))
        scores = copula([told.rank for told in known])
        lots = sorted(known[_BEST:], key=lambda told: key_of(name, "heritage", told.number))
        kept = sorted([*known[:_BEST], *lots[: PAST - _BEST]], key=lambda told: told.number)
        past += [
            Past(
                study=name,
                number=told.number,
                answers=dict(told.answers),
                score=round(scores[told.number], 4),
            )
            for told in kept
        ]
    return WarmStart(queue=tuple(queue), past=tuple(past))


def enqueued(space: SearchSpace, origin: str, recipe: Recipe) -> Queued:
    """Return a recipe of another study as one to try.

    Raises:
        SpaceError: The space cannot express it.
    """
    try:
        answers = space.answers(space.adapted(recipe))
        return Queued(origin=origin, answers=answers, demanded=True)
    except SpaceError as error:
        raise SpaceError(f"{origin}: {error}") from None


def _known(space: SearchSpace, rows: Iterable[Row]) -> list[Observation]:
    """Return the finished trials that a space can express, the best first."""
    found = []
    for row in rows:
        if row.state not in ("complete", "pruned") or row.value is None:
            continue
        try:
            answers = space.answers(space.adapted(row.recipe))
        except SpaceError:
            continue
        state = TrialState.COMPLETE if row.state == "complete" else TrialState.PRUNED
        found.append(Observation(row.number, answers, {}, state, _worth(space, row), row.epochs))
    return sorted(found, key=lambda told: told.rank)


def _worth(space: SearchSpace, row: Row) -> float | None:
    """Return what a trial is worth by a space's objective; with several its metric."""
    objective = space.objective
    worth = None if row.value is None else objective.metric.worth(row.value)
    if objective.plain or row.state != "complete":
        return worth
    value = objective.value(row.measures)
    return value if isinstance(value, float) else worth


def _moved(
    answers: dict[str, Scalar], space: SearchSpace, earlier: Sequence[SearchSpace]
) -> dict[str, Scalar]:
    """Return the answers that lead a space to what these led to; themselves where none do."""
    for held in (space, *reversed(earlier)):
        recipe = _recipe(held, answers)
        if recipe is not None:
            with suppress(SpaceError):
                return space.answers(space.adapted(recipe))
    return answers


def _recipe(space: SearchSpace, answers: Mapping[str, Scalar]) -> Recipe | None:
    try:
        recipe = space.decide(ReplayChooser(answers))
        space.answers(recipe)
    except (KeyError, SpaceError):
        return None
    return recipe
