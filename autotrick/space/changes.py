"""Recipes that differ from another one by one trick: without it, with it, or with it for another.

What the rules between tricks ask for changes too: what needs a trick goes with it, what a trick needs
comes with it, and what it excludes, replaces or shares a slot with goes when it comes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autotrick.recipe import Recipe, Settings
from autotrick.space.defaults import Preferring, published
from autotrick.space.model import SearchSpace
from autotrick.tricks import TRICKS, conflict


@dataclass(frozen=True, slots=True)
class Change:
    """A recipe beside the one that it changes.

    Attributes:
        trick: The trick that the change is about.
        removed: Tricks that the recipe does not have any more, in the order of the catalogue.
        added: Tricks that it has in addition.
        recipe: The changed recipe, with every setting.
    """

    trick: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    recipe: Recipe

    @property
    def label(self) -> str:
        """What changes: `without mixup`, `with cutout`, `cutmix for mixup`."""
        removed, added = (" and ".join(names) for names in (self.removed, self.added))
        if not self.added:
            return f"without {removed}"
        return f"{added} for {removed}" if self.removed else f"with {added}"


def without(space: SearchSpace, recipe: Recipe, trick: str) -> Change | None:
    """Return the recipe without a trick that is on; None if the space does not allow that."""
    removed = {trick}
    while needing := {n for n in recipe.tricks if TRICKS[n].needs & removed} - removed:
        removed |= needing
    return _change(space, recipe, trick, recipe.tricks.keys() - removed, {})


def with_trick(
    space: SearchSpace, recipe: Recipe, trick: str, settings: Mapping[str, Settings]
) -> Change | None:
    """Return the recipe with a trick that is off; None if the space does not allow that.

    Args:
        settings: Of tricks that come, by name; published ones are taken for the others.
    """
    added = {trick}
    while needed := {n for name in added for n in TRICKS[name].needs} - added:
        added |= needed
    kept = {name for name in recipe.tricks if not any(_collide(name, new) for new in added)} | added
    while idle := {name for name in kept if not TRICKS[name].needs <= kept}:
        kept -= idle
    return _change(space, recipe, trick, kept, settings) if trick in kept else None


def one_trick_changes(
    space: SearchSpace,
    recipe: Recipe,
    *,
    add: bool = True,
    settings: Mapping[str, Settings] | None = None,
) -> list[Change]:
    """Return the recipe without each of its tricks and, unless told not to, with each other one.

    Tricks that are always on stay. Two changes that come to one recipe are given once.

    Args:
        settings: Of tricks that come, by name; published ones are taken for the others.
    """
    found: dict[str, Change] = {}
    for trick in space.tricks:
        if trick in recipe.tricks:
            change = without(space, recipe, trick)
        else:
            change = with_trick(space, recipe, trick, settings or {}) if add else None
        if change:
            found.setdefault(change.recipe.digest(), change)
    return sorted(found.values(), key=lambda change: (bool(change.added), change.label))


def with_tricks(
    space: SearchSpace,
    recipe: Recipe,
    tricks: Iterable[str],
    settings: Mapping[str, Settings] | None = None,
) -> Recipe:
    """Return the recipe with exactly these tricks on.

    Args:
        settings: By name, of tricks that the recipe does not have; published ones for the others.
    """
    wanted = set(tricks)
    given: dict[str, Settings] = {}
    for name in (name for name in TRICKS if name in wanted):
        if name in recipe.tricks:
            given[name] = recipe.tricks[name]
        else:
            given[name] = _published(space, name) | (settings or {}).get(name, {})
    return recipe.model_copy(update={"tricks": given})


def allowed(space: SearchSpace, tricks: Iterable[str]) -> bool:
    """Return whether the space has a recipe with exactly these tricks on."""
    on, decided = frozenset(tricks), frozenset[str]()
    for i, unit in enumerate(space.units.units):
        here = on.intersection(unit.tricks)
        option = next(iter(here), "off")
        if len(here) > 1 or option not in space.units.open(i, decided):
            return False
        decided |= here
    return decided == on and conflict([TRICKS[name] for name in on]) is None


def _change(
    space: SearchSpace,
    recipe: Recipe,
    trick: str,
    on: Iterable[str],
    settings: Mapping[str, Settings],
) -> Change | None:
    on = set(on)
    if not allowed(space, on):
        return None
    removed = tuple(name for name in TRICKS if name in recipe.tricks.keys() - on)
    added = tuple(name for name in TRICKS if name in on - recipe.tricks.keys())
    return Change(trick, removed, added, with_tricks(space, recipe, on, settings))


def _collide(name: str, new: str) -> bool:
    """Return whether a trick has to go, or would do nothing, when a new one comes."""
    old, coming = TRICKS[name], TRICKS[new]
    if name == new:
        return False
    slot = old.slot is not None and old.slot == coming.slot
    excluded = name in coming.excludes or new in old.excludes
    return slot or excluded or name in coming.replaces or new in old.replaces


def _published(space: SearchSpace, trick: str) -> Settings:
    """Return the published settings of a trick, as far as the space has them, else the nearest."""
    chooser = Preferring(published(space))
    return {
        name: domain.draw(f"{trick}.{name}", chooser)
        for name, domain in space.tricks[trick].settings.items()
    }
