"""Proposing recipes."""

from collections.abc import Iterable

from optuna.trial import TrialState

from autotrick.errors import SpaceError, unknown
from autotrick.fronts import Point, order
from autotrick.objective import Value
from autotrick.recipe import Recipe, digest_of
from autotrick.sample.cmaes import Cmaes
from autotrick.sample.history import History, Row, State, Told
from autotrick.sample.method import Method
from autotrick.sample.optuna_methods import Gp, Nsga2, Nsga3, Random, Tpe
from autotrick.sample.spread import Qmc, Sweep
from autotrick.space import SearchSpace

BLAMELESS = frozenset({"lost_checkpoint", "damaged_checkpoint", "wrong_checkpoint", "wrong_data"})
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

    def __init__(self, space: SearchSpace, *, method: str = "tpe", seed: int) -> None:
        """Begin without history.

        Args:
            space: Where recipes come from.
            method: A name of METHODS.
            seed: The study's.

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
        self._forget()

    @property
    def size(self) -> int | None:
        """How many recipes there are to propose; None for endlessly many."""
        return self._method.size

    def _forget(self) -> None:
        self._history = History(self._seed)
        # Which trial has which seed, for every recipe by the digest of its answers.
        self._seeds: dict[str, dict[int, int]] = {}
        self._keys: dict[int, tuple[str, int]] = {}
        # With several objectives, what each finished trial is worth, and whether that is news.
        self._points: dict[int, Point] = {}
        self._unplaced = False

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

    def ask(self, number: int) -> tuple[Recipe, str]:
        """Return a recipe for the trial of that number, and its origin in words.

        A recipe that another trial has is proposed again with the next free seed, and the origin
        says so. The proposal counts as running from now on.
        """
        self._drop(number)
        self._place()
        recipe = self._space.decide(self._method.choose(self._history, number, 0, self._seeds))
        origin = self._name
        taken = self._seeds.get(digest_of(self._space.answers(recipe)))
        if taken:
            seed = next(s for s in range(recipe.seed, 2**63) if s not in taken)
            origin = f"{origin}: trial {min(taken.values())} again with seed {seed}"
            recipe = recipe.model_copy(update={"seed": seed})
        self.tell(number, recipe, None, "running")
        return recipe, origin

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
            value: What it is worth by the space's objective, such as its accuracy; for a complete
                trial None means that a measure is missing, and it teaches nothing.
            state: Waiting trials count as running.
            epochs: How many the trial had; for a pruned one.
            reason: Of a failure, in one word.

        Raises:
            SpaceError: The recipe is not of this space.
        """
        self._drop(number)
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
        told = Told(number, shown, distributions, told_state, value, epochs or 0, active)
        self._history.put(told)
        key = digest_of(answers)
        self._seeds.setdefault(key, {})[recipe.seed] = number
        self._keys[number] = (key, recipe.seed)

    def _place(self) -> None:
        """Give every trial that has several values its place among its like as the one value."""
        if not self._unplaced:
            return
        alike: dict[tuple[int, int], list[int]] = {}
        for number in self._points:
            alike.setdefault(self._history.kind(number), []).append(number)
        for numbers in alike.values():
            best_first = order([self._points[number] for number in numbers])
            for place, i in enumerate(best_first):
                self._history.value(numbers[i], 1 - place / len(numbers))
        self._unplaced = False

    def _drop(self, number: int) -> None:
        self._history.drop(number)
        self._points.pop(number, None)
        key, seed = self._keys.pop(number, ("", 0))
        if self._seeds.get(key, {}).get(seed) == number:
            del self._seeds[key][seed]
            if not self._seeds[key]:
                del self._seeds[key]
