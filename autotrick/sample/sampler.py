"""Proposing recipes."""

from collections.abc import Iterable, Mapping

from optuna.trial import TrialState

from autotrick.domain import Scalar
from autotrick.errors import SpaceError, unknown
from autotrick.objective import Value
from autotrick.pareto import Point, order
from autotrick.recipe import Recipe, digest_of
from autotrick.sample.cmaes import Cmaes
from autotrick.sample.history import History, Observation, Row, State, is_refusal, refusal
from autotrick.sample.method import Method
from autotrick.sample.optuna_methods import Gp, Nsga2, Nsga3, Random, Tpe
from autotrick.sample.priors import Priors
from autotrick.sample.proposal import Proposal
from autotrick.sample.qmc import Qmc, Sweep
from autotrick.space import SearchSpace

RESAMPLED = 10
"""Further proposals that are asked for, at most, where the space wants no recipe twice."""

BLAMELESS = frozenset(
    {"lost_checkpoint", "damaged_checkpoint", "wrong_checkpoint", "wrong_data", "replaced"}
)
"""Reasons of a failure that say nothing about the recipe."""

_STATES = {
    "waiting": TrialState.RUNNING,
    "running": TrialState.RUNNING,
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.PRUNED,
}


METHODS: dict[str, type[Method]] = {
    "tpe": Tpe,
    "random": Random,
    "qmc": Qmc,
    "grid": Sweep,
    "cmaes": Cmaes,
    "gp": Gp,
    "nsga2": Nsga2,
    "nsga3": Nsga3,
}


class Sampler:
    """Proposes recipes of a space, given what was found before."""

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
            seed: The study's.
            past: Recipes of other studies with their scores; they count less the more this one has.

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
        self._beliefs = Priors(space, seed)
        self._past = [self._remembered(i, *known) for i, known in enumerate(past)]
        self._forget()

    @property
    def left(self) -> int | None:
        """How many recipes no trial has and none was turned away for; None for endlessly many."""
        size = self._method.size
        return None if size is None else size - len(self._seeds)

    def _forget(self) -> None:
        self._history = History(self._seed, self._past)
        # Which trials have which seed, for every recipe by the digest of its answers.
        self._seeds: dict[str, dict[int, set[int]]] = {}
        self._keys: dict[int, tuple[str, int]] = {}
        # With several objectives, what each finished trial is worth, and whether that is news.
        self._points: dict[int, Point] = {}
        self._unplaced = False
        # How many proposals were turned away for a trial.
        self._refused: dict[int, int] = {}

    def _remembered(self, i: int, recipe: Recipe, score: float) -> Observation:
        answers = self._space.answers(recipe)
        shown, distributions = self._method.view(recipe, answers)
        active = self._method.active(recipe, answers)
        # Below the numbers of this study's own trials, and of the one that is being proposed.
        return Observation(-2 - i, shown, distributions, TrialState.COMPLETE, score, 0, active)

    def replay(self, rows: Iterable[Row]) -> None:
        """Take recorded trials, whatever their state, in place of all that was told before."""
        self._forget()
        for row in rows:
            value = self._worth(row)
            self.tell(
                row.number, row.recipe, value, row.state, epochs=row.epochs, reason=row.reason
            )

    def _worth(self, row: Row) -> Value | None:
        objective = self._space.objective
        if objective.plain or row.value is None:
            return row.value
        whole = row.state == "complete"
        return objective.value(row.measures) if whole else objective.early(row.measures)

    def ask(self, number: int) -> Proposal:
        """Return a recipe for the trial of that number, which counts as running from now on.

        What becomes of a recipe that another trial has, the space's `duplicates` says; the origin
        says what became of it.
        """
        self.forget(number)
        self._place()
        duplicates = self._space.study.duplicates
        first = self._refused.get(number, 0) * (RESAMPLED + 1)
        proposal = self._choice(number, first)
        for attempt in range(first + 1, first + RESAMPLED + 1):
            if duplicates != "resample" or not self._same(proposal.recipe):
                break
            proposal = self._choice(number, attempt)
        if self._same(proposal.recipe):
            proposal = self._repeated(proposal, reuse=duplicates == "reuse")
        self.tell(number, proposal.recipe, None, "running")
        return proposal

    def knows(self, recipe: Recipe) -> bool:
        """Return whether a trial has the recipe, with whatever seed."""
        return bool(self._same(recipe))

    def _choice(self, number: int, attempt: int) -> Proposal:
        origin = self._name
        chooser = self._method.choose(self._history, number, attempt, self._seeds)
        believed = self._beliefs and self._method.learns
        if believed and self._beliefs.take(self._history, number, attempt):
            chooser = self._beliefs.chooser(chooser, number, attempt)
            origin = f"{self._name} with priors"
        chooser = self._method.sparse(chooser, self._history, number, attempt)
        return Proposal(self._space.decide(chooser), origin)

    def _same(self, recipe: Recipe) -> Mapping[int, set[int]]:
        """Return the trials of the same answers, by their seeds."""
        return self._seeds.get(digest_of(self._space.answers(recipe)), {})

    def _repeated(self, proposal: Proposal, *, reuse: bool) -> Proposal:
        recipe, same = proposal.recipe, self._same(proposal.recipe)
        whole = sorted(filter(self._history.complete, same.get(recipe.seed, ())))
        if reuse and whole:
            origin = f"{proposal.origin}: trial {whole[0]} again, whose outcome is taken over"
            return Proposal(recipe, origin, same_as=whole[0])
        seed = next(s for s in range(recipe.seed, 2**63) if s not in same)
        first = min(min(numbers) for numbers in same.values())
        what = "a refused recipe" if is_refusal(first) else f"trial {first}"
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
        """Take in how a trial stands; what was told of it before is replaced.

        With several objectives trials are ranked anew for each proposal, by non-dominated sorting
        and an epsilon-net in each front, and the method sees their places.

        A running trial counts as a bad one until it ends, which keeps parallel proposals apart. So
        does a failed one for good, unless its reason has nothing to do with the recipe: out of
        memory and a diverging loss come again where they came before. It ranks below all pruned
        ones. Pruned ones are compared among those that came as far.

        Args:
            number: The trial's.
            recipe: As it was proposed; its data fingerprint does not matter.
            value: What it is worth by the space's objective, larger is better; for a complete
                trial None means that a measure is missing, and it teaches nothing.
            state: Waiting trials count as running.
            epochs: How many the trial had; for a pruned one.
            reason: Of a failure, in one word.

        Raises:
            SpaceError: The recipe is not of this space.
        """
        self.forget(number)
        answers = self._space.answers(recipe)
        shown, distributions = self._method.view(recipe, answers)
        told_state = _STATES[state]
        if state == "failed":
            value, epochs = None, 0
            told_state = TrialState.FAIL if reason in BLAMELESS else TrialState.PRUNED
        elif state == "complete" and value is None:
            told_state = TrialState.FAIL
        if isinstance(value, tuple):
            self._points[number], self._unplaced = value, True
            value = None
        active = self._method.active(recipe, answers)
        self._history.put(
            Observation(number, shown, distributions, told_state, value, epochs or 0, active)
        )
        self._know(number, recipe, answers)

    def refuse(self, number: int, place: int, recipe: Recipe, excess: float) -> None:
        """Take in that a proposal for a trial was turned away, which is proposed anew.

        It ranks below all trials, the lower the more it was over; methods that know constraints are
        told that it breaks one.

        Args:
            number: The trial's.
            place: How many proposals were turned away for it before.
            excess: By how much the recipe is over its bound, as a share of that, above 0.
        """
        answers = self._space.answers(recipe)
        shown, distributions = self._method.view(recipe, answers)
        active = self._method.active(recipe, answers)
        known = refusal(number, place)
        state = TrialState.PRUNED
        self._history.put(Observation(known, shown, distributions, state, None, 0, active, excess))
        self._know(known, recipe, answers)
        self._refused[number] = max(self._refused.get(number, 0), place + 1)

    def _know(self, number: int, recipe: Recipe, answers: Mapping[str, Scalar]) -> None:
        key = digest_of(answers)
        self._seeds.setdefault(key, {}).setdefault(recipe.seed, set()).add(number)
        self._keys[number] = (key, recipe.seed)

    def _place(self) -> None:
        """Give every trial that has several values its place among its like as the one value."""
        if not self._unplaced:
            return
        alike: dict[tuple[int, int], list[int]] = {}
        # By number: equal points share a front, and which comes first is not for the clock to say.
        for number in sorted(self._points):
            alike.setdefault(self._history.kind(number), []).append(number)
        for numbers in alike.values():
            best_first = order([self._points[number] for number in numbers])
            for place, i in enumerate(best_first):
                self._history.value(numbers[i], 1 - place / len(numbers))
        self._unplaced = False

    def forget(self, number: int) -> None:
        """Take back what was told of a trial."""
        self._history.drop(number)
        self._points.pop(number, None)
        key, seed = self._keys.pop(number, ("", 0))
        if key:
            self._seeds[key][seed].discard(number)
            if not self._seeds[key][seed]:
                del self._seeds[key][seed]
            if not self._seeds[key]:
                del self._seeds[key]
