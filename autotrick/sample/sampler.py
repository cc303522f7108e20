"""Proposes recipes from earlier results."""

from collections.abc import Iterable, Mapping

from optuna.trial import TrialState

from autotrick.domain import Scalar
from autotrick.errors import SpaceError, unknown
from autotrick.objective import Value
from autotrick.pareto import Point, order
from autotrick.recipe import Recipe, digest_of
from autotrick.sample.bayes import Bayes
from autotrick.sample.cmaes import Cmaes
from autotrick.sample.method import Method
from autotrick.sample.observations import (
    Key,
    Kind,
    Observation,
    Observations,
    RecordedTrial,
    State,
    trial_key,
)
from autotrick.sample.optuna_methods import Gp, Nsga2, Nsga3, Random, Tpe
from autotrick.sample.priors import Priors
from autotrick.sample.proposal import Proposal
from autotrick.sample.qmc import FullGrid, Qmc
from autotrick.space import SearchSpace

RESAMPLED = 10
"""Most further proposals that are drawn where the space allows no recipe twice."""

BLAMELESS = frozenset(
    {"lost_checkpoint", "damaged_checkpoint", "wrong_checkpoint", "wrong_data", "replaced"}
)
"""Reasons of failures that say nothing about the recipe."""

_STATES = {
    "waiting": TrialState.RUNNING,
    "running": TrialState.RUNNING,
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.PRUNED,
}


METHODS: dict[str, type[Method]] = {
    "tpe": Tpe,
    "bayes": Bayes,
    "random": Random,
    "qmc": Qmc,
    "grid": FullGrid,
    "cmaes": Cmaes,
    "gp": Gp,
    "nsga2": Nsga2,
    "nsga3": Nsga3,
}


class Sampler:
    """Proposes recipes of a space, given earlier results."""

    def __init__(
        self,
        space: SearchSpace,
        *,
        method: str = "tpe",
        seed: int,
        past: Iterable[tuple[Recipe, float]] = (),
    ) -> None:
        """Begin without history.

        Args:
            space: Where recipes come from.
            method: A name of METHODS.
            seed: The study's seed.
            past: Recipes of earlier studies with their scores; they count less with every trial.

        Raises:
            SpaceError: There is no such method, or it does not suit the space.
            ResourceError: A package that the method needs is not installed.
        """
        if method not in METHODS:
            raise SpaceError(unknown("sampler", method, METHODS))
        self._space = space
        self._name = method
        self._method = METHODS[method](space, seed)
        self._seed = seed
        self._priors = Priors(space, seed)
        self._earlier = [self._earlier_trial(i, *one) for i, one in enumerate(past)]
        self._forget()

    @property
    def left(self) -> int | None:
        """Number of recipes neither tried nor rejected; None if unlimited."""
        size = self._method.size
        return None if size is None else size - len(self._seeds)

    def _forget(self) -> None:
        self._observations = Observations(self._seed, self._earlier)
        # Which observations have which seed, for every recipe by the digest of its answers.
        self._seeds: dict[str, dict[int, set[Key]]] = {}
        self._recipes: dict[Key, tuple[str, int]] = {}
        # With several objectives: each finished trial's values, and whether one is not ranked yet.
        self._points: dict[int, Point] = {}
        self._unranked = False
        # Number of rejected proposals by trial.
        self._rejected: dict[int, int] = {}

    def _earlier_trial(self, i: int, recipe: Recipe, score: float) -> Observation:
        answers = self._space.answers(recipe)
        point, distributions = self._method.view(recipe, answers)
        active = self._method.active(recipe, answers)
        key = Key(Kind.EARLIER_TRIAL, i)
        return Observation(key, point, distributions, TrialState.COMPLETE, score, 0, active)

    def replay(self, rows: Iterable[RecordedTrial]) -> None:
        """Forget everything, then learn recorded trials of any state."""
        self._forget()
        for row in rows:
            value = self._objective_value(row)
            self.tell(
                row.number, row.recipe, value, row.state, epochs=row.epochs, reason=row.reason
            )

    def _objective_value(self, row: RecordedTrial) -> Value | None:
        objective = self._space.objective
        if objective.plain or row.value is None:
            return row.value
        whole = row.state == "complete"
        return objective.value(row.measures) if whole else objective.early(row.measures)

    def ask(self, number: int) -> Proposal:
        """Return a recipe for the trial of that number, which counts as running from now on.

        The space's `duplicates` decides what happens to a recipe that another trial has; the origin
        says what happened.
        """
        self.forget(number)
        self._rank_points()
        duplicates = self._space.study.duplicates
        first = self._rejected.get(number, 0) * (RESAMPLED + 1)
        proposal = self._draw(number, first)
        for attempt in range(first + 1, first + RESAMPLED + 1):
            if duplicates != "resample" or not self._same(proposal.recipe):
                break
            proposal = self._draw(number, attempt)
        if self._same(proposal.recipe):
            proposal = self._repeated(proposal, reuse=duplicates == "reuse")
        self.tell(number, proposal.recipe, None, "running")
        return proposal

    def knows(self, recipe: Recipe) -> bool:
        """Return whether a trial or a rejected proposal has the recipe, with any seed."""
        return bool(self._same(recipe))

    def _draw(self, number: int, attempt: int) -> Proposal:
        origin = self._name
        chooser = self._method.choose(self._observations, number, attempt, self._seeds)
        uses_priors = self._priors and self._method.learns
        if uses_priors and self._priors.take(self._observations, number, attempt):
            chooser = self._priors.chooser(chooser, number, attempt)
            origin = f"{self._name} with priors"
        chooser = self._method.sparse(chooser, self._observations, number, attempt)
        return Proposal(self._space.decide(chooser), origin)

    def _same(self, recipe: Recipe) -> Mapping[int, set[Key]]:
        """Return what has the same answers, by seed."""
        return self._seeds.get(digest_of(self._space.answers(recipe)), {})

    def _repeated(self, proposal: Proposal, *, reuse: bool) -> Proposal:
        recipe, same = proposal.recipe, self._same(proposal.recipe)
        whole = sorted(filter(self._observations.is_complete, same.get(recipe.seed, ())))
        if reuse and whole:
            origin = (
                f"{proposal.origin}: trial {whole[0].number} again, whose outcome is taken over"
            )
            return Proposal(recipe, origin, same_as=whole[0].number)
        seed = next(s for s in range(recipe.seed, 2**63) if s not in same)
        first = min(min(keys) for keys in same.values())
        rejected = first.kind is Kind.REJECTION
        what = "a refused recipe" if rejected else f"trial {first.number}"
        origin = f"{proposal.origin}: {what} again with seed {seed}"
        return Proposal(recipe.model_copy(update={"seed": seed}), origin)

    def tell(
        self,
        number: int,
        recipe: Recipe,
        value: Value | None,
        state: State,
        *,
        epochs: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Learn a trial's state and value; they replace what was known of it before.

        With several objectives trials are ranked anew for each proposal, by non-dominated sorting
        and an epsilon-net in each front, and the method sees their ranks.

        A running trial counts as bad until it ends, which keeps parallel proposals apart. A failed
        one counts as bad for good, unless its reason has nothing to do with the recipe: a recipe
        that ran out of memory or diverged will do so again. It ranks below all pruned ones. A pruned
        trial is compared with those that were pruned at the same epoch.

        Args:
            number: The trial's number.
            recipe: As it was proposed; its data fingerprint does not matter.
            value: Its objective value, larger is better; None for a complete trial means that a
                measure is missing, and the sampler ignores it.
            state: Waiting trials count as running.
            epochs: How many epochs the trial had; for a pruned one.
            reason: Of a failure, in one word.

        Raises:
            SpaceError: The recipe is not of this space.
        """
        self.forget(number)
        answers = self._space.answers(recipe)
        point, distributions = self._method.view(recipe, answers)
        known_state = _STATES[state]
        if state == "failed":
            value, epochs = None, 0
            known_state = TrialState.FAIL if reason in BLAMELESS else TrialState.PRUNED
        elif state == "complete" and value is None:
            known_state = TrialState.FAIL
        if isinstance(value, tuple):
            self._points[number], self._unranked = value, True
            value = None
        active = self._method.active(recipe, answers)
        key = trial_key(number)
        self._observations.add(
            Observation(key, point, distributions, known_state, value, epochs or 0, active)
        )
        self._remember(key, recipe, answers)

    def observe(self, number: int, value: Value, epochs: int) -> None:
        """Learn how far a running trial has come; with several objectives its end is awaited.

        Args:
            number: The trial's number.
            value: Its objective value so far, larger is better.
            epochs: How many epochs it has had.
        """
        if not isinstance(value, tuple):
            self._observations.observe(trial_key(number), value, epochs)

    def reject(self, number: int, attempt: int, recipe: Recipe, excess: float) -> None:
        """Learn that a proposal for a trial was rejected; the next one is made for the same number.

        It ranks below all trials, the lower the larger its excess. Methods with constraints of their
        own see that it violates one.

        Args:
            number: The trial's number.
            attempt: How many proposals were rejected for that number before.
            excess: By how much the recipe is over its bound, as a share of that, above 0.
        """
        answers = self._space.answers(recipe)
        point, distributions = self._method.view(recipe, answers)
        active = self._method.active(recipe, answers)
        key = Key(Kind.REJECTION, number, attempt)
        state = TrialState.PRUNED
        self._observations.add(
            Observation(key, point, distributions, state, None, 0, active, excess)
        )
        self._remember(key, recipe, answers)
        self._rejected[number] = max(self._rejected.get(number, 0), attempt + 1)

    def _remember(self, key: Key, recipe: Recipe, answers: Mapping[str, Scalar]) -> None:
        digest = digest_of(answers)
        self._seeds.setdefault(digest, {}).setdefault(recipe.seed, set()).add(key)
        self._recipes[key] = (digest, recipe.seed)

    def _rank_points(self) -> None:
        """Replace the values of every trial by one: its rank among comparable trials, in (0, 1]."""
        if not self._unranked:
            return
        alike: dict[tuple[int, int], list[int]] = {}
        # By number: equal points share a front, and which comes first is not for the clock to say.
        for number in sorted(self._points):
            alike.setdefault(self._observations.kind(trial_key(number)), []).append(number)
        for numbers in alike.values():
            best_first = order([self._points[number] for number in numbers])
            for rank, i in enumerate(best_first):
                self._observations.set_value(trial_key(numbers[i]), 1 - rank / len(numbers))
        self._unranked = False

    def forget(self, number: int) -> None:
        """Forget a trial."""
        key = trial_key(number)
        self._observations.remove(key)
        self._points.pop(number, None)
        digest, seed = self._recipes.pop(key, ("", 0))
        if digest:
            self._seeds[digest][seed].discard(key)
            if not self._seeds[digest][seed]:
                del self._seeds[digest][seed]
            if not self._seeds[digest]:
                del self._seeds[digest]
