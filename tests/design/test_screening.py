from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from math import log
from time import process_time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotrick.design.exchange import augmented
from autotrick.design.factors import Factors
from autotrick.design.regression import Array
from autotrick.design.screening import Screen
from autotrick.domain import PolicyDomain
from autotrick.errors import SpaceError
from autotrick.space import OFF, SearchSpace, all_off, load
from autotrick.space.membership import why_not_in_space
from autotrick.tricks import TRICKS, Trick

SpaceOf = Callable[..., SearchSpace]
Levels = Sequence[Mapping[str, str]]

TWO_LEVEL = (
    "flip",
    "pad_crop",
    "label_smoothing",
    "ema",
    "no_norm_decay",
    "cutout",
    "mixup",
    "cosine_decay",
    "linear_warmup",
    "trivial_augment",
    "clip_norm",
)
SHIPPED = ("fashion_mnist_tricks", "cifar10_tricks", "quickstart", "cifar10_headline")


def signs(screen: Screen, rows: Levels) -> Array:
    names = [factor.name for factor in screen.factors]
    return np.array([[-1.0 if row[name] == OFF else 1.0 for name in names] for row in rows])


def both(screen: Screen, runs: int) -> Levels:
    return [*screen.half(0, runs), *screen.half(1, runs)]


@pytest.mark.parametrize("runs", [16, 20, 24, 32])
def test_switches_without_rules_make_a_folded_orthogonal_design(
    space_of: SpaceOf, runs: int
) -> None:
    screen = Screen(space_of(*TWO_LEVEL), seed=1)
    first, whole = signs(screen, screen.half(0, runs)), signs(screen, both(screen, runs))
    assert runs in screen.sizes()
    assert (first.sum(axis=0) == 0).all()
    assert (first.T @ first == runs * np.eye(len(TWO_LEVEL))).all()
    for i, j in combinations(range(len(TWO_LEVEL)), 2):
        assert (whole.T @ (whole[:, i] * whole[:, j]) == 0).all()
    assert sorted(map(tuple, -first)) == sorted(map(tuple, whole[runs:]))


def test_a_half_with_runs_for_it_is_clear_of_interactions_alone(space_of: SpaceOf) -> None:
    screen = Screen(space_of(*TWO_LEVEL), seed=0)
    half = signs(screen, screen.half(0, 24))
    for i, j in combinations(range(len(TWO_LEVEL)), 2):
        assert (half.T @ (half[:, i] * half[:, j]) == 0).all()


def test_later_halves_are_other_rows(space_of: SpaceOf) -> None:
    screen = Screen(space_of(*TWO_LEVEL), seed=0)
    third = {tuple(sorted(row.items())) for row in screen.half(2, 16)}
    seen = {tuple(sorted(row.items())) for row in both(screen, 16)}
    assert len(third - seen) > 8
    whole = signs(screen, [*screen.half(2, 16), *screen.half(3, 16)])
    for i, j in combinations(range(len(TWO_LEVEL)), 2):
        assert (whole.T @ (whole[:, i] * whole[:, j]) == 0).all()


@pytest.mark.parametrize("runs", [16, 20, 24])
def test_exchange_comes_near_to_orthogonal_designs(space_of: SpaceOf, runs: int) -> None:
    factors = Factors(space_of(*TWO_LEVEL))
    none, blocks = np.empty((0, len(factors.all)), np.int64), np.empty((runs, 0))
    for seed in range(3):
        rows = augmented(factors, none, runs, blocks, np.random.default_rng(seed))
        columns = np.column_stack([np.ones(runs), factors.contrasts(factors.one_hot(rows))])
        information = float(np.linalg.slogdet(columns.T @ columns)[1]) / columns.shape[1]
        assert np.exp(information - log(runs)) >= 0.85


@pytest.mark.parametrize("name", SHIPPED)
def test_rows_of_shipped_spaces_are_valid_recipes_around_the_base(name: str) -> None:
    space = load(f"search_spaces/{name}.toml")
    base, screen = all_off(space), Screen(space, seed=3)
    runs = screen.sizes()[0]
    always = set(base.tricks)
    for half in range(3):
        for row, levels in enumerate(screen.half(half, runs)):
            made = screen.recipe(base, levels, half=half, runs=runs, row=row)
            assert not why_not_in_space(space, made)
            assert set(made.tricks) - always == set(levels.values()) - {OFF} - always
            assert made.seed == screen.seed_of(base, half)
            changed = {"tricks": base.tricks, "seed": base.seed}
            assert made.model_copy(update=changed) == base


@pytest.mark.parametrize("name", ["fashion_mnist_tricks", "cifar10_tricks"])
def test_every_level_of_a_mixed_design_is_frequent(name: str) -> None:
    for seed in range(2):
        screen = Screen(load(f"search_spaces/{name}.toml"), seed=seed)
        runs = screen.sizes()[0]
        for rows in (screen.half(0, runs), screen.half(1, runs)):
            for factor in screen.factors:
                counts = Counter(row[factor.name] for row in rows)
                even = runs / len(factor.options)
                # Rules make ricap and pad_crop rarer than they would be alone.
                assert all(counts[option] >= 0.5 * even for option in factor.options)


def test_mixed_main_effects_lean_little_on_interactions() -> None:
    """Compared with random recipes of the same number: what an interaction moves an effect by."""
    factors = Factors(load("search_spaces/fashion_mnist_tricks.toml"))
    screen = Screen(load("search_spaces/fashion_mnist_tricks.toml"), seed=0)
    index = {f.name: {o: i for i, o in enumerate(f.options)} for f in factors.all}
    rows = np.array([[index[n][o] for n, o in row.items()] for row in both(screen, 24)])
    drawn = [factors.random(48, np.random.default_rng(seed)) for seed in range(5)]
    assert _aliased(factors, rows) < 0.6 * min(_aliased(factors, found) for found in drawn)


def _aliased(factors: Factors, rows: Any) -> float:
    """Return the mean square of what interactions of size 1 add to main effects."""
    on = factors.one_hot(rows)
    main = factors.contrasts(on)
    of = np.repeat(np.arange(len(factors.all)), factors.sizes - 1)
    pairs = [(i, j) for i, j in combinations(range(main.shape[1]), 2) if of[i] != of[j]]
    columns = np.column_stack([np.ones(len(rows)), main])
    products = np.column_stack([main[:, i] * main[:, j] for i, j in pairs])
    return float(np.square((np.linalg.pinv(columns) @ products)[1:]).sum(axis=1).mean())


def test_equal_seeds_make_equal_designs_and_others_make_others(space_of: SpaceOf) -> None:
    for space in (space_of(*TWO_LEVEL), load("search_spaces/quickstart.toml")):
        runs = Screen(space, seed=0).sizes()[0]
        one, same, other = (Screen(space, seed=seed) for seed in (0, 0, 1))
        assert both(one, runs) == both(same, runs)
        assert both(one, runs) != both(other, runs)
        # A later half may be asked for without its earlier ones.
        assert Screen(space, seed=0).half(1, runs) == one.half(1, runs)


def test_a_slot_is_one_factor_and_what_is_always_on_none(space_of: SpaceOf) -> None:
    space = space_of("mixup", "cutmix", "flip", ema={"always": True})
    screen = Screen(space, seed=0)
    assert [(f.name, f.options) for f in screen.factors] == [
        ("slot.mix", (OFF, "cutmix", "mixup")),
        ("flip", (OFF, "flip")),
    ]
    base = all_off(space)
    made = screen.recipe(base, screen.half(0, 8)[0], half=0, runs=8, row=0)
    assert "ema" in made.tricks


def test_a_slot_that_is_always_filled_has_no_off(space_of: SpaceOf) -> None:
    space = space_of("adam", "sgdw", "lion", "flip", slots={"optimizer": "always"})
    screen = Screen(space, seed=0)
    assert OFF not in screen.factors[0].options
    counts = Counter(row["slot.optimizer"] for row in screen.half(0, 12))
    assert sorted(counts.values()) == [4, 4, 4]
    assert screen.propensities(0, 12)["adam"] == pytest.approx(1 / 3)


def test_a_space_without_a_choice_has_no_screen(space_of: SpaceOf) -> None:
    screen = Screen(space_of(ema={"always": True}), seed=0)
    assert screen.factors == ()
    assert screen.sizes() == ()
    assert screen.propensities() == {}
    assert screen.limits == {}


def test_sizes_leave_freedom_and_ascend(space_of: SpaceOf) -> None:
    for space in (space_of(*TWO_LEVEL), load("search_spaces/cifar10_tricks.toml")):
        screen = Screen(space, seed=0)
        sizes = screen.sizes()
        parameters = 1 + sum(len(factor.options) - 1 for factor in screen.factors)
        assert parameters + 4 <= sizes[0] <= parameters + 8
        assert list(sizes) == sorted(set(sizes))
        assert sizes[-1] == 4 * sizes[0]
        assert all(len(screen.half(0, runs)) == runs for runs in sizes[:3])


def test_settings_are_spread_over_the_runs_that_have_the_trick_on(space_of: SpaceOf) -> None:
    space = space_of(
        "flip",
        mixup={"alpha": {"low": 0.01, "high": 1.0, "log": True}},
        label_smoothing={"epsilon": {"low": 0.0, "high": 0.2}},
        rand_augment={"num_ops": {"low": 1, "high": 4}, "interpolation": "search"},
    )
    screen, base = Screen(space, seed=5), all_off(space)
    runs = 32
    rows = screen.half(0, runs)
    made = [screen.recipe(base, row, half=0, runs=runs, row=i) for i, row in enumerate(rows)]
    on = [recipe.tricks["mixup"]["alpha"] for recipe in made if "mixup" in recipe.tricks]
    strata = [int((log(value) - log(0.01)) / log(100) * len(on)) for value in on]  # type: ignore[arg-type]
    assert sorted(strata) == list(range(len(on)))
    smooth = [r.tricks["label_smoothing"]["epsilon"] for r in made if "label_smoothing" in r.tricks]
    assert sorted(int(value / 0.2 * len(smooth)) for value in smooth) == list(range(len(smooth)))  # type: ignore[operator]
    drawn = [r.tricks["rand_augment"] for r in made if "rand_augment" in r.tricks]
    assert Counter(table["num_ops"] for table in drawn) == {k: len(drawn) / 4 for k in (1, 2, 3, 4)}
    names = Counter(table["interpolation"] for table in drawn)
    assert max(names.values()) - min(names.values()) <= 1
    # Each setting has a permutation of its own.
    assert strata != [int(value / 0.2 * len(smooth)) for value in smooth]  # type: ignore[operator]


def test_policies_are_drawn_entry_by_entry() -> None:
    space = load("search_spaces/cifar10_autoaugment.toml")
    domains = [
        (trick, name)
        for trick, listed in space.tricks.items()
        for name, domain in listed.settings.items()
        if isinstance(domain, PolicyDomain)
    ]
    assert domains
    screen, base = Screen(space, seed=0), all_off(space)
    runs = screen.sizes()[0]
    rows = screen.half(0, runs)
    made = [screen.recipe(base, row, half=0, runs=runs, row=i) for i, row in enumerate(rows)]
    for trick, name in domains:
        policies = [str(r.tricks[trick][name]) for r in made if trick in r.tricks]
        assert len(set(policies)) == len(policies) > 1


def test_the_base_keeps_what_it_says_of_tricks_that_are_always_on(space_of: SpaceOf) -> None:
    space = space_of("flip", "cutout", ema={"half_life": {"low": 0.1, "high": 1.0}, "always": True})
    base = all_off(space).model_copy(update={"tricks": {"ema": {"half_life": 0.77}}})
    screen = Screen(space, seed=0)
    for i, row in enumerate(screen.half(0, 8)):
        made = screen.recipe(base, row, half=0, runs=8, row=i)
        assert made.tricks["ema"] == {"half_life": 0.77}


def test_equal_runs_of_a_half_have_seeds_of_their_own(space_of: SpaceOf) -> None:
    """A second training with the same recipe and seed comes to the same and would look like certainty."""
    space = space_of("flip", "pad_crop")
    screen, base = Screen(space, seed=0), all_off(space)
    made = [
        screen.recipe(base, row, half=half, runs=8, row=i)
        for half in (0, 1)
        for i, row in enumerate(screen.half(half, 8))
    ]
    assert len({recipe.digest() for recipe in made}) == 16
    assert [screen.seed_of(base, half) for half in (0, 1)] == [0, 1]
    assert {recipe.seed for recipe in made if recipe.seed < 1000} == {0, 1}


def test_limits_say_what_is_never_compared() -> None:
    limits = Screen(load("search_spaces/fashion_mnist_tricks.toml"), seed=0).limits
    assert limits == {"ricap": "never beside pad_crop", "pad_crop": "never beside ricap"}


def test_designs_are_fast(space_of: SpaceOf) -> None:
    """Processor seconds, because other tests run beside this one."""
    begin = process_time()
    Screen(load("search_spaces/fashion_mnist_tricks.toml"), seed=9).half(0, 24)
    assert process_time() - begin < 2.0
    free = [name for name, trick in TRICKS.items() if trick.slot is None and not trick.excludes]
    mixes = ["mixup", "cutmix", "ricap"]
    space = space_of(*[name for name in free if name != "distillation"][:37], *mixes)
    begin = process_time()
    assert len(Screen(space, seed=0).half(0, 48)) == 48
    assert process_time() - begin < 10.0


def made_trick(name: str, **body: Any) -> type[Trick]:
    excludes = dict.fromkeys(body.pop("excludes", ()), "they do the same")
    return type(name, (Trick,), {"name": name, "excludes": excludes, "papers": (), **body})


@pytest.fixture
def catalogue() -> Iterator[dict[str, type[Trick]]]:
    kept = dict(TRICKS)
    TRICKS.clear()
    yield TRICKS
    TRICKS.clear()
    TRICKS.update(kept)


NAMES = tuple("abcdefg")


def some() -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(NAMES), max_size=2)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, type[Trick]]:
    found = {}
    for name in NAMES:
        needs = draw(st.frozensets(st.sampled_from(NAMES), max_size=1)) - {name}
        found[name] = made_trick(
            name,
            slot=draw(st.sampled_from((None, None, "x", "y"))),
            excludes=draw(some()) - {name},
            needs=needs,
            replaces=draw(some()) - {name} - needs,
        )
    return found


def test_rows_obey_whatever_rules_there_are(
    catalogue: dict[str, type[Trick]], space_of: SpaceOf
) -> None:
    @settings(max_examples=20, deadline=None)
    @given(rules(), st.integers(0, 3))
    def check(tricks: dict[str, type[Trick]], seed: int) -> None:
        catalogue.clear()
        catalogue.update(tricks)
        try:
            space = space_of(*NAMES)
        except SpaceError:  # rules that no recipe can obey
            return
        screen, base = Screen(space, seed=seed), all_off(space)
        for runs in screen.sizes()[:1]:
            for half in (0, 1):
                rows = screen.half(half, runs)
                for i, row in enumerate(rows):
                    made = screen.recipe(base, row, half=half, runs=runs, row=i)
                    assert not why_not_in_space(space, made)
                    assert set(made.tricks) == set(row.values()) - {OFF}
                for factor in screen.factors:
                    assert len({row[factor.name] for row in rows}) == len(factor.options)

    check()


def test_a_trick_that_needs_another_is_said_to(
    catalogue: dict[str, type[Trick]], space_of: SpaceOf
) -> None:
    catalogue.update(
        a=made_trick("a"),
        b=made_trick("b", needs=frozenset("a")),
        c=made_trick("c"),
    )
    screen = Screen(space_of("a", "b", "c"), seed=0)
    assert screen.limits == {"b": "only beside a, which it needs"}
    rows = [(row["a"], row["b"]) for row in screen.half(0, 8)]
    assert set(rows) == {(OFF, OFF), ("a", OFF), ("a", "b")}


def test_tricks_that_only_come_together_cannot_be_told_apart(
    catalogue: dict[str, type[Trick]], space_of: SpaceOf
) -> None:
    catalogue.update(
        a=made_trick("a", needs=frozenset("b")),
        b=made_trick("b", needs=frozenset("a")),
        c=made_trick("c"),
    )
    limits = Screen(space_of("a", "b", "c"), seed=0).limits
    assert set(limits) == {"a", "b"}
    assert all("cannot be told apart" in clause for clause in limits.values())
