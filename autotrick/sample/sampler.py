"""Proposing recipes."""

from collections.abc import Iterable

from optuna.trial import TrialState

from autotrick.errors import SpaceError, unknown
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

    def replay(self, rows: Iterable[Row]) -> None:
        """Take recorded trials, whatever their state, in place of all that was told before."""
        self._forget()
        for row in rows:
            self.tell(
                row.number, row.recipe, row.value, row.state, epochs=row.epochs, reason=row.reason
            )

    def ask(self, number: int) -> tuple[Recipe, str]:
        """Return a recipe for the trial of that number, and its origin in words.

        A recipe that another trial has is proposed again with the next free seed, and the origin
        says so. The proposal counts as running from now on.
        """
        self._drop(number)
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
        value: float | None,
        state: State,
        *,
        epochs: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Take in how a trial stands; what was told of it before is replaced.

        A running trial counts as a bad one until it ends, which keeps parallel proposals apart. So
        does a failed one for good, unless its reason has nothing to do with the recipe: out of
        memory and a diverging loss come again where they came before. It ranks below all pruned
        ones. Pruned ones are compared among those that came as far.

        Args:
            number: The trial's.
            recipe: As it was proposed; its data fingerprint does not matter.
            value: Accuracy after the last epoch, in [0, 1].
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
        active = self._method.active(recipe, answers)
        told = Told(number, shown, distributions, told_state, value, epochs or 0, active)
        self._history.put(told)
        key = digest_of(answers)
        self._seeds.setdefault(key, {})[recipe.seed] = number
        self._keys[number] = (key, recipe.seed)

    def _drop(self, number: int) -> None:
        self._history.drop(number)
        key, seed = self._keys.pop(number, ("", 0))
        if self._seeds.get(key, {}).get(seed) == number:
            del self._seeds[key][seed]
            if not self._seeds[key]:
                del self._seeds[key]
