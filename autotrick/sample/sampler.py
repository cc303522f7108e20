"""Proposing recipes."""

import warnings
from collections.abc import Callable, Container, Iterable

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, TrialState

from autotrick.domain import Scalar
from autotrick.draws import key_of
from autotrick.errors import SpaceError, unknown
from autotrick.recipe import Recipe, digest_of
from autotrick.sample.chooser import Asking, empty_study, noted
from autotrick.sample.history import History, Row, State, Told
from autotrick.space import SearchSpace

STARTUP = 10
"""Trials that are drawn at random before TPE begins to learn; Optuna's own default."""

BLAMELESS = frozenset({"lost_checkpoint", "damaged_checkpoint", "wrong_checkpoint", "wrong_data"})
"""Reasons of a failure that say nothing about the recipe."""

_STATES = {
    "waiting": TrialState.RUNNING,
    "running": TrialState.RUNNING,
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.PRUNED,
}


def _tpe(seed: int) -> BaseSampler:
    with warnings.catch_warnings():
        # Grouped TPE is experimental only in name: it is there since Optuna 2.8.
        warnings.simplefilter("ignore", ExperimentalWarning)
        return TPESampler(
            n_startup_trials=STARTUP, multivariate=True, group=True, constant_liar=True, seed=seed
        )


METHODS: dict[str, Callable[[int], BaseSampler]] = {
    "tpe": _tpe,
    "random": lambda seed: RandomSampler(seed=seed),
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
            SpaceError: There is no such method.
        """
        if method not in METHODS:
            raise SpaceError(unknown("sampler", method, METHODS))
        self._space = space
        self._method = method
        self._seed = seed
        self._distributions: dict[str, optuna.distributions.BaseDistribution] = {}
        self._forget()

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
        recipe = self._space.decide(Asking(self._trial(number)))
        answers, _ = noted(self._space, recipe, self._distributions)
        origin = self._method
        taken = self._seeds.get(_key(answers))
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
        answers, distributions = noted(self._space, recipe, self._distributions)
        told_state = _STATES[state]
        if state == "failed":
            value, epochs = None, 0
            told_state = TrialState.FAIL if reason in BLAMELESS else TrialState.PRUNED
        self._history.put(Told(number, answers, distributions, told_state, value, epochs or 0))
        key = _key(answers)
        self._seeds.setdefault(key, {})[recipe.seed] = number
        self._keys[number] = (key, recipe.seed)

    def _drop(self, number: int) -> None:
        self._history.drop(number)
        key, seed = self._keys.pop(number, ("", 0))
        if self._seeds.get(key, {}).get(seed) == number:
            del self._seeds[key][seed]

    def _trial(self, number: int) -> optuna.Trial:
        sampler = METHODS[self._method](key_of(self._seed, "sampler", number) % 2**32)
        storage = _Shown(self._history.shown() if self._method != "random" else [])
        return empty_study(storage, "proposal", sampler).ask()


class _Shown(InMemoryStorage):
    """Optuna's storage for one proposal: past trials are ours, only the new one is its own."""

    def __init__(self, past: list[FrozenTrial]) -> None:
        super().__init__()
        self._past = past

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        return [trial for trial in self._past if states is None or trial.state in states]


def _key(answers: dict[str, Scalar]) -> str:
    return digest_of(answers)
