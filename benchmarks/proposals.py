"""Check that every proposal of the samplers obeys the rules in the space of all tricks.

`python -m benchmarks.proposals [SAMPLER ...]` asks each sampler for 10,000 recipes of
`search_spaces/fashion_mnist_catalogue.toml`, with results in between, and checks each against the
slots, excludes and needs that the tricks declare. It also counts how often a proposal walked the
space and asked for a decision, which would reveal rejection sampling. Without resampling, a proposal
is one walk.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from pydantic import PrivateAttr

from autotrick.domain import Chooser, Float, Integer, Scalar
from autotrick.errors import AutotrickError
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe
from autotrick.sample import METHODS, Sampler
from autotrick.space import SearchSpace, load
from autotrick.tricks import TRICKS, assemble
from benchmarks.children import say

CATALOGUE = Path(__file__).parent.parent / "search_spaces" / "fashion_mnist_catalogue.toml"
COUNT = 10_000
_STATES = ("complete", "complete", "complete", "pruned", "failed")


@dataclass
class SourceSplits:
    """Hold the results for one sampler.

    Attributes:
        proposals: Number of recipes.
        recipes: Number of different recipes, ignoring seeds.
        tricks: How often each trick was on.
        breaches: Broken rules, in sentences.
        walks: Largest number of walks through the space for one proposal.
        asked: Largest number of requests for one decision within one walk.
        slowest: Seconds of the slowest proposal.
        seconds: Seconds of all proposals.
    """

    proposals: int = 0
    recipes: int = 0
    tricks: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    walks: int = 0
    asked: int = 0
    slowest: float = 0.0
    seconds: float = 0.0


class Watched(SearchSpace):
    """Count the decisions asked of a space."""

    _walks: list[Counter[str]] = PrivateAttr(default_factory=list)

    def decide(self, choose: Chooser) -> Recipe:
        self._walks.append(Counter())
        return super().decide(_Counting(choose, self._walks[-1]))

    def walked(self) -> list[Counter[str]]:
        """Return the decisions asked in each walk since the last call."""
        walks = list(self._walks)
        self._walks.clear()
        return walks


@dataclass(frozen=True, slots=True)
class _Counting:
    other: Chooser
    asked: Counter[str]

    def number(self, name: str, domain: Float) -> float:
        self.asked[name] += 1
        return self.other.number(name, domain)

    def integer(self, name: str, domain: Integer) -> int:
        self.asked[name] += 1
        return self.other.integer(name, domain)

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        self.asked[name] += 1
        return self.other.choice(name, options)


def catalogue(method: str) -> Watched:
    """Return the space of all tricks; for the grid, with only both ends of unlimited ranges."""
    tables = load(CATALOGUE).model_dump(mode="json")
    if method == "grid":
        tables["search"] = {name: _listed(term) for name, term in tables["search"].items()}
        tables["tricks"] = {
            trick: {name: _listed(term) for name, term in terms.items() if name != "policy"}
            for trick, terms in tables["tricks"].items()
        }
    return Watched.model_validate(tables)


def _listed(term: Any) -> Any:
    return [term["low"], term["high"]] if isinstance(term, dict) and "low" in term else term


def propose(method: str, count: int, *, results: int | None = None, seed: int = 0) -> SourceSplits:
    """Ask a sampler for recipes and report their results to it.

    Args:
        results: Number of proposals whose results it learns; None for all. The others are dropped,
            like trials of a lost worker.
    """
    space = catalogue(method)
    sampler, found, seen = Sampler(space, method=method, seed=seed), SourceSplits(), set[str]()
    for number in range(count):
        space.walked()
        begun = time.perf_counter()
        recipe = sampler.ask(number).recipe
        spent = time.perf_counter() - begun
        found.seconds, found.slowest = found.seconds + spent, max(found.slowest, spent)
        # A separate walk records the distributions of new decisions.
        walks = space.walked()
        found.walks = max(found.walks, len(walks))
        found.asked = max(found.asked, *(max(walk.values()) for walk in walks))
        found.breaches += [f"proposal {number}: {fault}" for fault in breaches(space, recipe)]
        found.tricks.update(recipe.tricks.keys())
        seen.add(recipe.model_copy(update={"seed": 0}).digest())
        if results is not None and number >= results:
            sampler.forget(number)
        else:
            _tell(sampler, number, recipe)
    found.proposals, found.recipes = count, len(seen)
    return found


def _tell(sampler: Sampler, number: int, recipe: Recipe) -> None:
    """Complete a trial: the same few tricks help in all recipes; some trials are pruned or fail."""
    gains = [(key_of("gain", name) % 100 - 70) / 1000 for name in recipe.tricks]
    value = min(max(0.7 + sum(gains) - abs(recipe.base_lr - 0.1), 0.0), 1.0)
    state: Any = _STATES[key_of("state", number) % len(_STATES)]
    reason = "nan_loss" if state == "failed" else None
    sampler.tell(number, recipe, value, state, epochs=1 + number % 3, reason=reason)


def breaches(space: SearchSpace, recipe: Recipe) -> list[str]:
    """Return the rules that a recipe breaks, according to the tricks' declarations."""
    on = recipe.tricks.keys()
    slots = Counter(TRICKS[name].slot for name in on if TRICKS[name].slot)
    found = [f"{held} tricks of slot {slot}" for slot, held in slots.items() if held > 1]
    for name in on:
        trick = TRICKS[name]
        found += [f"{name} excludes {other}" for other in sorted(trick.excludes.keys() & on)]
        found += [f"{name} needs {other}" for other in sorted(trick.needs - on)]
        found += [f"{name} replaces {other}" for other in sorted(set(trick.replaces) & on)]
    try:
        space.answers(recipe)
        assemble(recipe)
    except AutotrickError as error:
        found.append(str(error))
    return found


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("methods", nargs=-1, metavar="[SAMPLER ...]", type=click.Choice(sorted(METHODS)))
@click.option("--count", type=click.IntRange(min=1), default=COUNT, show_default=True)
@click.option(
    "--results",
    type=click.IntRange(min=0),
    help="Report at most this many results; a Gaussian process is slow with many.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
def main(methods: tuple[str, ...], count: int, results: int | None, seed: int) -> None:
    """Ask samplers for recipes of the space of all tricks and report broken rules.

    Example: python -m benchmarks.proposals tpe random --count 1000
    """
    broken = False
    for method in methods or sorted(METHODS):
        found = propose(method, count, results=results, seed=seed)
        say(_line(method, found))
        for violation in found.breaches[:10]:
            say(f"  {violation}")
        broken = broken or bool(found.breaches)
    sys.exit(int(broken))


def _line(method: str, found: SourceSplits) -> str:
    parts: Iterable[str] = (
        f"{found.proposals:,} proposals",
        f"{len(found.breaches)} break a rule",
        f"{found.recipes:,} recipes",
        f"{len(found.tricks)} tricks on in some",
        f"{sum(found.tricks.values()) / found.proposals:.1f} at a time",
        f"at most {found.walks} walks and {found.asked} times a decision",
        f"{1000 * found.seconds / found.proposals:.3g} ms each",
        f"{found.slowest:.2g} s at most",
    )
    return f"{method}: {', '.join(parts)}"


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.proposals")
