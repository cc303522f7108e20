"""Which tricks may be on together: slots, exclusions and needs, decided unit by unit.

A unit is a slot with its listed tricks, or a trick without a slot. An option is open when the rules
(slots, excludes, needs) leave a valid way to decide all later units, so an invalid recipe cannot
arise and nothing has to be drawn again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autotrick.tricks import TRICKS, conflict

OFF = "off"


@dataclass(frozen=True, slots=True)
class Unit:
    """One decision on tricks.

    Attributes:
        name: Of the decision: the trick's name, or `slot.<slot>` when several tricks share it.
        tricks: In the order of the catalogue.
        options: What may be chosen: `off` and the tricks, less what `always` leaves out.
    """

    name: str
    tricks: tuple[str, ...]
    options: tuple[str, ...]


class Units:
    """The units of a space, in the order of the catalogue.

    Attributes:
        units: What is decided, one after the other.
    """

    def __init__(self, listed: Mapping[str, bool], always: Iterable[str]) -> None:
        """Group the tricks.

        Args:
            listed: Names of the tricks; the value says whether it is always on.
            always: Names of the slots of which one trick is always on.
        """
        self._listed = listed
        members: dict[str, list[str]] = {}
        for name in (name for name in TRICKS if name in listed):
            slot = TRICKS[name].slot
            members.setdefault(f"slot.{slot}" if slot else name, []).append(name)
        slots = {f"slot.{slot}" for slot in always}
        self.units = tuple(self._unit(key, names, key in slots) for key, names in members.items())
        self._ahead = tuple(self._bound(i) for i in range(len(self.units) + 1))
        self._known: dict[tuple[int, frozenset[str]], tuple[str, ...]] = {}

    def _unit(self, key: str, names: list[str], required: bool) -> Unit:
        held = tuple(name for name in names if self._listed[name])
        options = held or (*(() if required else (OFF,)), *names)
        if len(held) > 1:
            options = ()
        return Unit(key if len(names) > 1 else names[0], tuple(names), options)

    def _bound(self, i: int) -> frozenset[str]:
        """Return the tricks that matter to unit i or later ones, or to what is checked at the end."""
        later = [name for unit in self.units[i:] for name in unit.tricks]
        rules = (_related(a, b) for a in self._listed for b in later)
        needs = (TRICKS[name].needs | {name} for name in self._listed if TRICKS[name].needs)
        return frozenset[str]().union(*rules, *needs)

    def relevant(self, i: int, on: frozenset[str]) -> frozenset[str]:
        """Return the tricks that are on and matter to unit i or later ones."""
        return on & self._ahead[i]

    def open(self, i: int, on: frozenset[str]) -> tuple[str, ...]:
        """Return the options of unit i that lead to a valid recipe, given what is on already."""
        key = (i, self.relevant(i, on))
        if key not in self._known:
            self._known[key] = tuple(
                option
                for option in self.units[i].options
                if self._allowed(option, key[1]) and self._ends_well(i + 1, _with(key[1], option))
            )
        return self._known[key]

    def reachable(self) -> frozenset[str]:
        """Return the tricks that some valid recipe has on."""
        return frozenset(option for options in self.choices() for option in options) - {OFF}

    def choices(self) -> tuple[tuple[str, ...], ...]:
        """Return the options of each unit that some valid recipe has."""
        found: list[tuple[str, ...]] = []
        states = {frozenset[str]()}
        for i, unit in enumerate(self.units):
            steps = [(on, option) for on in states for option in self.open(i, on)]
            taken = {option for _, option in steps}
            found.append(tuple(option for option in unit.options if option in taken))
            states = {self.relevant(i + 1, _with(on, option)) for on, option in steps}
        return tuple(found)

    def bars(self, earlier: str, later: str) -> bool:
        """Return whether an option cannot be chosen once one of an earlier unit has been."""
        return earlier != OFF and not self._allowed(later, frozenset({earlier}))

    def satisfiable(self) -> bool:
        """Return whether there is a valid recipe at all."""
        return self._ends_well(0, frozenset())

    def _ends_well(self, i: int, on: frozenset[str]) -> bool:
        if i == len(self.units):
            return all(TRICKS[name].needs <= on for name in on)
        return bool(self.open(i, on))

    def _allowed(self, option: str, on: frozenset[str]) -> bool:
        if option == OFF:
            return True
        # A trick that another one replaces would change nothing but the recipe's digest.
        idle = not self._listed[option] and any(option in TRICKS[other].replaces for other in on)
        return not idle and not any(_exclude(option, other) for other in on)


def why_never(name: str, always: Iterable[str]) -> str:
    """Return why a trick cannot be on beside those that always are, as a clause."""
    together = [TRICKS[name], *(TRICKS[other] for other in always if other != name)]
    return conflict(together) or "the other rules of this space leave no room for it."


def _with(on: frozenset[str], option: str) -> frozenset[str]:
    return on if option == OFF else on | {option}


def _exclude(a: str, b: str) -> bool:
    return b in TRICKS[a].excludes or a in TRICKS[b].excludes


def _related(a: str, b: str) -> frozenset[str]:
    bound = _exclude(a, b) or b in TRICKS[a].replaces or a in TRICKS[b].replaces
    return frozenset((a, b)) if bound else frozenset()
