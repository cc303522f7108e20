"""Few tricks at a time where a space lists many.

If each of a hundred tricks is on or off by chance, every recipe has about fifty, and such recipes
hardly learn. So a proposal decides on a few units only: those that are on in the best recipe so far,
and others drawn at random; the rest stays off. That is a random subspace around
the incumbent, as in random embeddings (Wang, Zoghi, Hutter, Matheson, de Freitas, "Bayesian
Optimization in High Dimensions via Random Embeddings", IJCAI 2013) along the axes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from autotrick.domain import Chooser, Float, Integer, Scalar
from autotrick.random_streams import key_of
from autotrick.space import OFF, SearchSpace, unit_of

DECIDED = 16
"""Most units that a proposal decides on."""


def few_tricks(
    chooser: Chooser, space: SearchSpace, best: Mapping[str, Scalar], seed: int
) -> Chooser:
    """Return a chooser that leaves most units of a large space off; in a small one, the given chooser.

    Args:
        best: The answers of the best recipe so far; empty when there is none.
        seed: The proposal's seed.
    """
    names = [unit.name for unit in space.units.units if len(unit.options) > 1]
    if len(names) <= DECIDED:
        return chooser
    on = {unit_of(name) for name, answer in best.items() if answer not in (False, OFF)}
    lots = sorted(names, key=lambda name: (name not in on, key_of(seed, "unit", name)))
    return _Few(chooser, frozenset(lots[DECIDED:]))


@dataclass(frozen=True, slots=True)
class _Few:
    chooser: Chooser
    off: frozenset[str]

    def number(self, name: str, domain: Float) -> float:
        return self.chooser.number(name, domain)

    def integer(self, name: str, domain: Integer) -> int:
        return self.chooser.integer(name, domain)

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        if unit_of(name) in self.off:
            # Where rules do not allow off, the decision stays open.
            for off in (OFF, False):
                if off in options:
                    return off
        return self.chooser.choice(name, options)
