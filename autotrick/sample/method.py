"""What a way of choosing recipes is asked."""

from abc import ABC, abstractmethod
from collections.abc import Container, Mapping

from optuna.distributions import BaseDistribution

from autotrick.domain import Chooser, Scalar
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe
from autotrick.sample.history import History, distribution
from autotrick.sample.optuna_bridge import distributions
from autotrick.sample.trick_limit import few_tricks
from autotrick.sample.unit_cube import UnitCube
from autotrick.space import SearchSpace


class Method(ABC):
    """A way of choosing recipes.

    It keeps no state that decides anything: what it chooses depends on the study's seed, the trial's
    number and what the history shows. So a killed search that is resumed goes on as if nobody had
    killed it, which no sampler does that carries its state from one proposal to the next.

    Attributes:
        learns: Whether it looks at the history at all.
        size: How many recipes it has; None for endlessly many.
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
        """Return how the history shows a recipe: its answers, and what each was chosen from."""
        return answers, distributions(self.space, answers, self._known)

    def active(self, recipe: Recipe, answers: Mapping[str, Scalar]) -> frozenset[str]:
        """Return what of the view the recipe depends on."""
        return frozenset(answers)

    @abstractmethod
    def choose(self, history: History, number: int, attempt: int, taken: Container[str]) -> Chooser:
        """Return who decides the recipe of a trial.

        Args:
            number: The trial's.
            attempt: How many choices for this trial were not taken; each attempt chooses anew.
            taken: Digests of the answers of the recipes that other trials have.
        """

    def sparse(self, chooser: Chooser, history: History, number: int, attempt: int) -> Chooser:
        """Return who decides in the end: recipes of a large space leave most tricks off.

        Args:
            chooser: Of this method, or of what is expected of the decisions.
        """
        best = history.best() if self.learns else {}
        return few_tricks(chooser, self.space, best, self.seed(number, attempt))

    def seed(self, number: int, attempt: int) -> int:
        """Return 32 bits that are this proposal's own."""
        again = (attempt,) if attempt else ()
        return key_of(self._seed, "sampler", number, *again) % 2**32


class UnitCubeMethod(Method):
    """A method that knows no conditions: it works in the space's box."""

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
