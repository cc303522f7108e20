from collections.abc import Iterator
from itertools import combinations
from random import Random
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from autotrick.domain import Float, Integer, ReplayChooser, Scalar
from autotrick.errors import SpaceError
from autotrick.space import SearchSpace
from autotrick.tricks import TRICKS, Trick, conflict

NAMES = ("a", "b", "c", "d", "e", "f")
BASE: dict[str, Any] = {
    "name": "made",
    "question": "?!",
    "data": {"name": "digits"},
    "fixed": {"architecture": "lenet5", "epochs": 1, "batch_size": 8, "base_lr": 0.1},
}


class Dice:
    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.asked: dict[str, tuple[Scalar, ...]] = {}

    def number(self, name: str, domain: Float) -> float:
        raise AssertionError

    def integer(self, name: str, domain: Integer) -> int:
        raise AssertionError

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        assert len(options) > 1
        self.asked[name] = options
        return self.dice.choice(options)


def a_trick(
    name: str,
    *,
    slot: str | None = None,
    excludes: frozenset[str] = frozenset(),
    needs: frozenset[str] = frozenset(),
    replaces: frozenset[str] = frozenset(),
) -> type[Trick]:
    body = {
        "name": name,
        "slot": slot,
        "excludes": dict.fromkeys(excludes, "they do the same"),
        "needs": needs,
        "replaces": replaces,
        "papers": (),
    }
    return type(name, (Trick,), body)


@pytest.fixture
def catalogue() -> Iterator[dict[str, type[Trick]]]:
    """The catalogue, emptied for the test, and in its order again after it."""
    kept = dict(TRICKS)
    TRICKS.clear()
    yield TRICKS
    TRICKS.clear()
    TRICKS.update(kept)


def some(names: tuple[str, ...] = NAMES, most: int = 2) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(names), max_size=most)


@st.composite
def made_tricks(draw: st.DrawFn) -> dict[str, type[Trick]]:
    found: dict[str, type[Trick]] = {}
    for name in NAMES:
        slot = draw(st.sampled_from((None, None, "x", "y")))
        excludes, needs = draw(some()) - {name}, draw(some(most=1)) - {name}
        found[name] = a_trick(name, slot=slot, excludes=excludes, needs=needs)
    return found


def valid_sets(tricks: dict[str, type[Trick]], always: set[str], slots: set[str]) -> list[set[str]]:
    """Return every valid set of tricks, by looking at all sets there are."""
    every = (set(on) for size in range(len(tricks) + 1) for on in combinations(tricks, size))
    return [
        on
        for on in every
        if always <= on
        and slots <= {tricks[name].slot for name in on}
        and conflict([tricks[name] for name in sorted(on)]) is None
    ]


@settings(max_examples=40)
@given(
    tricks=made_tricks(),
    always=some(most=1),
    slots=some(("x", "y"), most=1),
    dice=st.randoms(use_true_random=False),
)
def test_recipes_are_valid_and_every_listed_trick_can_be_on(
    tricks: dict[str, type[Trick]], always: frozenset[str], slots: frozenset[str], dice: Random
) -> None:
    required = slots & {trick.slot for trick in tricks.values()}
    valid = valid_sets(tricks, set(always), set(required))
    listed = {name: {"always": name in always} for name in tricks}
    tables = {**BASE, "tricks": listed, "slots": dict.fromkeys(required, "always")}

    with pytest.MonkeyPatch.context() as patch:
        for name, trick in tricks.items():
            patch.setitem(TRICKS, name, trick)
        try:
            space = SearchSpace.model_validate(tables)
        except SpaceError:
            assert set().union(*valid) != set(tricks)
            event("refused")
            return
        recipe = space.decide(Dice(dice))
        again = space.decide(ReplayChooser(space.answers(recipe)))

    assert set(recipe.tricks) in valid and again == recipe
    assert set().union(*valid) == set(tricks)


def test_a_trick_that_an_earlier_one_excludes_is_not_asked_for(
    catalogue: dict[str, type[Trick]],
) -> None:
    catalogue["a"] = a_trick("a")
    catalogue["b"] = a_trick("b", excludes=frozenset("a"))
    space = SearchSpace.model_validate({**BASE, "tricks": {"a": {}, "b": {}}})

    assert set(space.decide(ReplayChooser({"a": True})).tricks) == {"a"}
    assert set(space.decide(ReplayChooser({"a": False, "b": True})).tricks) == {"b"}


def test_many_pairs_that_exclude_each_other_are_decided_one_pair_after_the_other(
    catalogue: dict[str, type[Trick]],
) -> None:
    for i in range(40):  # 3 ways a pair: to keep all that was decided would never end
        catalogue[f"a{i}"] = a_trick(f"a{i}", excludes=frozenset({f"b{i}"}))
        catalogue[f"b{i}"] = a_trick(f"b{i}")
    space = SearchSpace.model_validate({**BASE, "tricks": {name: {} for name in catalogue}})

    asked = {f"a{i}": i % 2 == 0 for i in range(40)} | {f"b{i}": True for i in range(1, 40, 2)}
    asked |= {f"b{i}": False for i in range(0, 40, 2)}
    on = set(space.decide(ReplayChooser(asked)).tricks)

    assert on == {f"{'b' if i % 2 else 'a'}{i}" for i in range(40)}


def test_a_narrowed_slot_is_a_decision_of_its_own(catalogue: dict[str, type[Trick]]) -> None:
    catalogue["a"] = a_trick("a", excludes=frozenset("b"))
    for name in "bcd":
        catalogue[name] = a_trick(name, slot="x")
    space = SearchSpace.model_validate({**BASE, "tricks": {name: {} for name in "abcd"}})

    wide = space.decide(ReplayChooser({"a": False, "slot.x": "b"}))
    narrow = space.decide(ReplayChooser({"a": True, "slot.x.off|c|d": "d"}))

    assert set(wide.tricks) == {"b"} and set(narrow.tricks) == {"a", "d"}
    assert space.answers(narrow) == {"a": True, "slot.x.off|c|d": "d"}


def test_what_is_needed_is_on_without_a_question(catalogue: dict[str, type[Trick]]) -> None:
    catalogue["a"] = a_trick("a", needs=frozenset("b"))
    catalogue["b"] = a_trick("b")
    space = SearchSpace.model_validate({**BASE, "tricks": {"a": {}, "b": {}}})

    assert set(space.decide(ReplayChooser({"a": True})).tricks) == {"a", "b"}
    assert set(space.decide(ReplayChooser({"a": False, "b": False})).tricks) == set()


def test_what_is_needed_must_be_listed(catalogue: dict[str, type[Trick]]) -> None:
    catalogue["a"] = a_trick("a", needs=frozenset("b"))
    catalogue["b"] = a_trick("b")

    with pytest.raises(SpaceError, match=r"tricks\.a: needs b, which is not listed\. List it too"):
        SearchSpace.model_validate({**BASE, "tricks": {"a": {}}})


def test_a_replaced_trick_is_not_asked_for(catalogue: dict[str, type[Trick]]) -> None:
    catalogue["a"] = a_trick("a", replaces=frozenset("b"))
    catalogue["b"] = a_trick("b")
    asked = SearchSpace.model_validate({**BASE, "tricks": {"a": {}, "b": {}}})
    held = SearchSpace.model_validate({**BASE, "tricks": {"a": {}, "b": {"always": True}}})

    assert set(asked.decide(ReplayChooser({"a": True})).tricks) == {"a"}
    assert set(held.decide(ReplayChooser({"a": True})).tricks) == {"a", "b"}


def test_two_that_exclude_each_other_cannot_both_be_always_on(
    catalogue: dict[str, type[Trick]],
) -> None:
    catalogue["a"] = a_trick("a", excludes=frozenset("b"))
    catalogue["b"] = a_trick("b")
    both = {"a": {"always": True}, "b": {"always": True}}

    with pytest.raises(SpaceError, match=r"tricks: a excludes b: they do the same\. Keep one of"):
        SearchSpace.model_validate({**BASE, "tricks": both})


def test_a_slot_that_must_be_filled_and_cannot_is_a_fault(
    catalogue: dict[str, type[Trick]],
) -> None:
    catalogue["a"] = a_trick("a", excludes=frozenset("b"))
    catalogue["b"] = a_trick("b", slot="x")
    tricks = {"a": {"always": True}, "b": {}}

    with pytest.raises(SpaceError, match=r"tricks: these tricks and slots leave no valid recipe"):
        SearchSpace.model_validate({**BASE, "tricks": tricks, "slots": {"x": "always"}})


def test_a_trick_that_another_always_excludes_says_so(catalogue: dict[str, type[Trick]]) -> None:
    catalogue["a"] = a_trick("a", excludes=frozenset("b"))
    catalogue["b"] = a_trick("b")
    tricks = {"a": {"always": True}, "b": {}}

    with pytest.raises(SpaceError, match=r"tricks\.b: can never be on: a excludes b"):
        SearchSpace.model_validate({**BASE, "tricks": tricks})
