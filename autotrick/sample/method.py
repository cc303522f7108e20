"""What every method of choosing recipes offers."""

from abc import ABC, abstractmethod
from collections.abc import Container, Mapping

from optuna.distributions import BaseDistribution

from autotrick.domain import Chooser, Scalar
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe
from autotrick.sample.observations import Observations, distribution
from autotrick.sample.optuna_bridge import distributions
from autotrick.sample.trick_limit import few_tricks
from autotrick.sample.unit_cube import UnitCube
from autotrick.space import SearchSpace


class Method(ABC):
    """A way of choosing recipes.

    It keeps no state that decides anything: what it chooses depends on the study's seed, the trial's
    number and the observations. So a search that was killed and resumed goes on as if it had not been
    killed, which a sampler with state of its own could not do.

    Attributes:
        learns: Whether it uses the observations at all.
        size: Number of its recipes; None if unlimited.
    """

    learns = True
    size: int | None = None

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self.space = space
        self._seed = seed
        self._known: dict[str, BaseDistribution] = {}

    def view(
        self, recipe: Recipe, answers: Mapping[str, Scalar]
    ) -> tuple[Mapping[str, Scalar], Mapping[str, BaseDistribution]]:
        """Return a recipe's answers as the observations hold them, and their distributions."""
        return answers, distributions(self.space, answers, self._known)

    def active(self, recipe: Recipe, answers: Mapping[str, Scalar]) -> frozenset[str]:
        """Return those answers of the view that the recipe depends on."""
        return frozenset(answers)

    @abstractmethod
    def choose(
        self, observations: Observations, number: int, attempt: int, taken: Container[str]
    ) -> Chooser:
        """Return the chooser that decides the recipe of a trial.

        Args:
            number: The trial's number.
            attempt: How many choices for this trial were discarded; each attempt chooses anew.
            taken: Digests of the answers of the recipes that other trials have.
        """

    def sparse(
        self, chooser: Chooser, observations: Observations, number: int, attempt: int
    ) -> Chooser:
        """Return the chooser that decides in the end: recipes of a large space leave most tricks off.

        Args:
            chooser: The method's, or that of the priors.
        """
        best = observations.best() if self.learns else {}
        return few_tricks(chooser, self.space, best, self.seed(number, attempt))

    def seed(self, number: int, attempt: int) -> int:
        """Return a seed of 32 bits for this proposal alone."""
        again = (attempt,) if attempt else ()
        return key_of(self._seed, "sampler", number, *again) % 2**32


class UnitCubeMethod(Method):
    """A method without conditions: it works in the space's unit cube."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        super().__init__(space, seed)
        self.box = UnitCube(space)
        self.distributions = {name: distribution(axis) for name, axis in self.box.axes.items()}

    def view(
        self, recipe: Recipe, answers: Mapping[str, Scalar]
    ) -> tuple[Mapping[str, Scalar], Mapping[str, BaseDistribution]]:
        return self.box.point(recipe, answers), self.distributions

    def active(self, recipe: Recipe, answers: Mapping[str, Scalar]) -> frozenset[str]:
        return self.box.active(recipe, answers)
