"""The recipes to try first: all tricks off, published defaults, and those written by hand."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from math import sqrt

from autotrick.domain import Choice, Domain, Float, Integer, Scalar
from autotrick.errors import SpaceError, unknown
from autotrick.models import find as find_architecture
from autotrick.recipe import Recipe
from autotrick.space.describe import decisions
from autotrick.space.fields import FIELDS
from autotrick.space.model import SearchSpace, unit_of
from autotrick.space.parse_domain import meant
from autotrick.tricks import TRICKS, Setting, Trick


@dataclass
class Preferring:
    """A chooser that gives the preferred answer, or the middle of the domain if there is none.

    Attributes:
        preferred: Answers by name of the decision; a number outside its domain is clipped to it.
        tricks: Tricks to switch on, the best first; None for as few as possible.
        decided: Names of the decisions so far.
    """

    preferred: Mapping[str, Scalar]
    tricks: tuple[str, ...] = ()
    decided: set[str] = field(default_factory=set)

    def number(self, name: str, domain: Float) -> float:
        self.decided.add(name)
        middle = sqrt(domain.low * domain.high) if domain.log else (domain.low + domain.high) / 2
        value = float(self.preferred.get(name, middle))
        return min(max(value, domain.low), domain.high)

    def integer(self, name: str, domain: Integer) -> int:
        self.decided.add(name)
        middle = sqrt(domain.low * domain.high) if domain.log else (domain.low + domain.high) / 2
        value = min(max(float(self.preferred.get(name, middle)), domain.low), domain.high)
        return domain.low + domain.step * int((value - domain.low) / domain.step)

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        name = unit_of(name)
        self.decided.add(name)
        if self.preferred.get(name) in Choice(options):
            return self.preferred[name]
        if options == (False, True):
            return name in self.tricks
        if name.startswith("slot."):
            return next((trick for trick in self.tricks if trick in options), options[0])
        return options[0 if name == "architecture" else (len(options) - 1) // 2]


def all_off(space: SearchSpace) -> Recipe:
    """Return the recipe with only the tricks that are always on."""
    return space.decide(neutral(space))


def published_defaults(space: SearchSpace) -> Recipe:
    """Return the recipe with every recommended trick of the space on, at published settings.

    In each slot the trick with the largest published gain is on; gains on the space's own data
    count first.
    """
    return space.decide(preferring_published(space))


def preferring_published(space: SearchSpace, slots: Container[str] | None = None) -> Preferring:
    """Return the chooser of `published_defaults`.

    Args:
        slots: Only recommended tricks of these slots are on; None for all.
    """
    wanted = [TRICKS[name] for name in space.tricks if TRICKS[name].expert]
    wanted = [trick for trick in wanted if slots is None or trick.slot in slots]
    wanted.sort(key=lambda trick: _gain(trick, space.data.name), reverse=True)
    preferred = published(space) | base_answers(space)
    return Preferring(preferred, tuple(trick.name for trick in wanted))


def by_hand(space: SearchSpace) -> list[tuple[str, Recipe]]:
    """Return the file's [[recipes]] with their labels.

    Raises:
        SpaceError: An answer names an unknown decision, is outside its domain, or is never asked for.
    """
    faults: list[str] = []
    found: list[tuple[str, Recipe]] = []
    others = published(space) | base_answers(space)
    known = {decision.name: decision.domain for decision in decisions(space)}
    for i, named in enumerate(space.recipes):
        where, answers = f"recipes.{i}.answers", dict[str, Scalar]()
        for name, value in named.answers.items():
            try:
                answers[name] = _answer(name, value, known)
            except SpaceError as error:
                faults.append(f"{where}: {error}")
        chooser = Preferring(others | answers)
        found.append((named.label, space.decide(chooser)))
        faults += [
            f"{where}: {name} is never asked for. Switch on what it belongs to"
            for name in answers
            if name not in chooser.decided
        ]
    if faults:
        raise SpaceError("; ".join(faults) + ".")
    return found


def neutral(space: SearchSpace) -> Preferring:
    """Return the chooser of the recipe with all tricks off.

    Decisions have the answers of `[study] base`, or else their published values.
    """
    return Preferring(published(space) | base_answers(space))


def base_answers(space: SearchSpace) -> dict[str, Scalar]:
    """Return the answers of `[study] base`, as their domains hold them.

    Raises:
        SpaceError: One names an unknown decision or one on tricks, or is outside its domain.
    """
    if not space.study.base:
        return {}
    known = {one.name: one.domain for one in decisions(space) if not on_tricks(space, one.name)}
    faults: list[str] = []
    found: dict[str, Scalar] = {}
    for name, value in space.study.base.items():
        if on_tricks(space, name):
            faults.append(f"study.base: the base has no tricks, but got {name}")
            continue
        try:
            found[name] = _answer(name, value, known)
        except SpaceError as error:
            faults.append(f"study.base: {error}")
    if faults:
        raise SpaceError("; ".join(faults) + ".")
    return found


def on_tricks(space: SearchSpace, name: str) -> bool:
    """Return whether a decision is on a trick, a slot, or a setting of a trick."""
    return name.startswith("slot.") or name.split(".")[0] in space.tricks


def published(space: SearchSpace) -> dict[str, Scalar]:
    """Return the published value of every decision that has one."""
    found: dict[str, Scalar] = {}
    for name, domain in space.search.items():
        default = FIELDS[name].default
        if default is not None:
            found |= domain.answers(name, default)
    for name, switch in space.tricks.items():
        found |= _defaults(name, TRICKS[name].settings(), switch.settings)
    for name, settings in space.architectures.items():
        found |= _defaults(name, find_architecture(name).settings, settings)
    return found


def _defaults(
    owner: str, specs: tuple[Setting, ...], domains: Mapping[str, Domain]
) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for spec in specs:
        if spec.name in domains:
            found |= domains[spec.name].answers(f"{owner}.{spec.name}", spec.default)
    return found


def _gain(trick: type[Trick], data: str) -> tuple[bool, float]:
    here = [claim for claim in trick.claims if claim.data == data]
    gains = [claim.after - claim.before for claim in here or trick.claims]
    return bool(here), max(gains, default=0.0)


def _answer(name: str, value: Scalar, domains: Mapping[str, Domain]) -> Scalar:
    """Return the answer as its domain holds it: a whole number serves as a float.

    Raises:
        SpaceError: There is no such decision, or the answer is outside its domain.
    """
    if name not in domains:
        raise SpaceError(unknown("decision", name, domains).removesuffix("."))
    domain = domains[name]
    answer: Scalar = meant(value, domain)
    if answer not in domain:
        raise SpaceError(f"{name}={value!r} is not in {domain}")
    return answer
