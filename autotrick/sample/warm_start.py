"""What a study takes from earlier ones: recipes to try, and trials to learn from.

It is a copy, made and recorded when the study begins: later changes of the earlier studies do not
matter, and a resumed study has the same sampler.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from optuna.trial import TrialState
from pydantic import BaseModel, ConfigDict, Field

from autotrick.domain import ReplayChooser, Scalar
from autotrick.errors import SpaceError
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe
from autotrick.sample.observations import Observation, RecordedTrial, copula, trial_key
from autotrick.space import SearchSpace

PAST = 50
"""Most trials that come from one study: enough to teach a sampler at its beginning."""

_BEST = 5
"""The best trials of a study always come along; the others are drawn at random."""


class Queued(BaseModel):
    """A recipe that is tried before the sampler's own.

    Attributes:
        origin: Where it came from, in words.
        answers: The decisions that lead to it.
        required: Whether somebody named it, so that constraints cannot reject it; recorded under the
            key `demanded`.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    origin: str
    answers: dict[str, Scalar]
    required: bool = Field(default=False, alias="demanded")


class Past(BaseModel):
    """A trial of another study.

    Attributes:
        study: That study's name then.
        number: The trial's number there.
        answers: The decisions that lead to its recipe in this study's space.
        score: The normal quantile of its rank in that study; higher is better.
    """

    model_config = ConfigDict(frozen=True)

    study: str
    number: int
    answers: dict[str, Scalar]
    score: float


class WarmStart(BaseModel):
    """All that a study takes from earlier ones.

    Attributes:
        sources: The studies, and trials as STUDY:NUMBER, that it comes from.
    """

    model_config = ConfigDict(frozen=True)

    sources: tuple[str, ...] = ()
    queue: tuple[Queued, ...] = ()
    past: tuple[Past, ...] = ()

    def recipes(
        self, space: SearchSpace, *, only_required: bool = False
    ) -> list[tuple[str, Recipe]]:
        """Return the queued recipes with their origins, without those that the space cannot express.

        Args:
            only_required: Return only what somebody named.
        """
        queue = (queued for queued in self.queue if queued.required or not only_required)
        found = ((queued.origin, _recipe(space, queued.answers)) for queued in queue)
        return [(origin, recipe) for origin, recipe in found if recipe is not None]

    def trials(self, space: SearchSpace) -> list[tuple[Recipe, float]]:
        """Return the earlier trials with their scores."""
        found = ((_recipe(space, past.answers), past.score) for past in self.past)
        return [(recipe, score) for recipe, score in found if recipe is not None]

    def moved(self, space: SearchSpace, earlier: Sequence[SearchSpace]) -> "WarmStart":
        """Return the same with the answers of a wider space.

        Args:
            earlier: Spaces that the answers may come from, the latest last.
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


def warm_start_from(
    space: SearchSpace, studies: Mapping[str, Iterable[RecordedTrial]]
) -> WarmStart:
    """Return what a study over this space learns from the trials of earlier ones.

    Args:
        studies: Trials by the name of their study; those whose recipe this space cannot express are
            left out.

    Raises:
        SpaceError: A study has no usable trial.
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
        origin = f"warm start: best of {name}, trial {best.key.number}"
        queue.append(Queued(origin=origin, answers=dict(best.answers)))
        scores = copula([seen.rank for seen in known])
        # The key of this random stream stays: it decides which trials come along.
        lots = sorted(known[_BEST:], key=lambda seen: key_of(name, "heritage", seen.key.number))
        chosen = sorted([*known[:_BEST], *lots[: PAST - _BEST]], key=lambda seen: seen.key.number)
        past += [
            Past(
                study=name,
                number=seen.key.number,
                answers=dict(seen.answers),
                score=round(scores[seen.key], 4),
            )
            for seen in chosen
        ]
    return WarmStart(queue=tuple(queue), past=tuple(past))


def enqueued(space: SearchSpace, origin: str, recipe: Recipe) -> Queued:
    """Return a recipe of an earlier study as a required one.

    Raises:
        SpaceError: The space cannot express it.
    """
    try:
        answers = space.answers(space.adapted(recipe))
        return Queued(origin=origin, answers=answers, required=True)
    except SpaceError as error:
        raise SpaceError(f"{origin}: {error}") from None


def _known(space: SearchSpace, rows: Iterable[RecordedTrial]) -> list[Observation]:
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
        value = _objective_value(space, row)
        found.append(Observation(trial_key(row.number), answers, {}, state, value, row.epochs))
    return sorted(found, key=lambda seen: seen.rank)


def _objective_value(space: SearchSpace, row: RecordedTrial) -> float | None:
    """Return a trial's value by a space's objective; with several objectives its metric."""
    objective = space.objective
    worth = None if row.value is None else objective.metric.worth(row.value)
    if objective.plain or row.state != "complete":
        return worth
    value = objective.value(row.measures)
    return value if isinstance(value, float) else worth


def _moved(
    answers: dict[str, Scalar], space: SearchSpace, earlier: Sequence[SearchSpace]
) -> dict[str, Scalar]:
    """Return the answers that lead to the same recipe in a space; the given ones if none do."""
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
