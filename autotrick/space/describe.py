"""The decisions of a space, listed for people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from autotrick.domain import Domain, PolicyDomain
from autotrick.models import find as find_architecture
from autotrick.space.fields import FIELDS
from autotrick.space.model import SearchSpace, switch
from autotrick.space.parse_domain import Fixed
from autotrick.space.slots import Unit


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a space.

    Attributes:
        name: As in the answers, such as `mixup.alpha` or `slot.mix`.
        domain: The values that it may have.
        when: The condition under which it is asked, such as `mixup is on`; empty for always.
    """

    name: str
    domain: Domain
    when: str = ""

    @property
    def size(self) -> int:
        """Number of answers: 3 for each operation of a policy, otherwise 1."""
        if isinstance(self.domain, PolicyDomain):
            return 3 * self.domain.sub_policies * self.domain.length
        return 1


@dataclass(frozen=True, slots=True)
class SpaceSize:
    """How large a space is.

    Attributes:
        decisions: Maximum number of answers that a recipe may need.
        conditional: Of these, the ones that are asked only under a condition.
    """

    decisions: int
    conditional: int


def decisions(space: SearchSpace) -> tuple[Decision, ...]:
    """Return the decisions of a space, in the order in which a chooser is asked."""
    return tuple(_decisions(space))


def size(space: SearchSpace) -> SpaceSize:
    """Return the number of decisions in a space."""
    found = decisions(space)
    conditional = sum(decision.size for decision in found if decision.when)
    return SpaceSize(sum(decision.size for decision in found), conditional)


def _decisions(space: SearchSpace) -> Iterator[Decision]:
    for name in FIELDS:
        if name in space.search:
            yield Decision(name, space.search[name])
        if name == "architecture":
            yield from _architectures(space)
    for unit in space.units.units:
        yield from _unit(space, unit)


def _architectures(space: SearchSpace) -> Iterator[Decision]:
    for name, settings in space.architectures.items():
        when = f"architecture is {name}" if len(space.architectures) > 1 else ""
        for decision in _settings(name, settings, when):
            yield replace(decision, when=_when(decision, name, settings))


def _when(decision: Decision, owner: str, settings: Mapping[str, Domain]) -> str:
    """Return when a setting of an architecture is asked for."""
    own = decision.name.removeprefix(f"{owner}.")
    spec = next(spec for spec in find_architecture(owner).settings if spec.name == own)
    leader = settings.get(spec.needs)
    default = {s.name: s.default for s in find_architecture(owner).settings}.get(spec.needs)
    if leader is None or default not in leader:
        return decision.when
    condition = f"{owner}.{spec.needs} is not {str(default).lower()}"
    return f"{decision.when} and {condition}" if decision.when else condition


def _unit(space: SearchSpace, unit: Unit) -> Iterator[Decision]:
    if len(unit.options) > 1:
        yield Decision(*switch(unit, unit.options))
    for name in unit.tricks:
        when = f"{name} is on" if len(unit.options) > 1 else ""
        yield from _settings(name, space.tricks[name].settings, when)


def _settings(owner: str, settings: Mapping[str, Domain], when: str) -> Iterator[Decision]:
    for name, domain in settings.items():
        if not isinstance(domain, Fixed):
            yield Decision(f"{owner}.{name}", domain, when)
