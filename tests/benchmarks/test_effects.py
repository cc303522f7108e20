from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from autotrick.analysis.effects import Verdict
from autotrick.domain import Float, Integer, Scalar
from autotrick.recipe import Recipe
from benchmarks.curves import every
from benchmarks.effects import rows
from benchmarks.effects.cells import (
    PLAN,
    PLANTED,
    RANDOM,
    SEARCHES,
    TODAY,
    Cell,
    searched,
    study_of,
)
from benchmarks.effects.judging import Case, Judged, Shares, true_effect
from benchmarks.effects.lines import ALL, effect_lines, pooled, study_line
from benchmarks.effects.pages import page, truth_figure
from benchmarks.effects.planted import PARTNERS, ROLES, TOGETHER, Planted
from benchmarks.effects.record import Record, read, write
from benchmarks.effects.recorded import Table
from benchmarks.effects.recording import record


@pytest.fixture(scope="module")
def world() -> Planted:
    return Planted(7, 0.5)


class Chance:
    """Decides by chance, as `sampler = "random"` does."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def number(self, name: str, domain: Float) -> float:
        share = self.rng.random()
        if domain.log:
            return float(domain.low * (domain.high / domain.low) ** share)
        return float(domain.low + (domain.high - domain.low) * share)

    def integer(self, name: str, domain: Integer) -> int:
        return int(self.rng.integers(domain.low, domain.high + 1))

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        return options[self.rng.integers(len(options))]


def drawn(world: Planted, count: int) -> list[Recipe]:
    chance = Chance(1)
    return [world.space.decide(chance) for _ in range(count)]


def test_every_trick_has_a_role_and_worlds_differ(world: Planted) -> None:
    assert sorted(world.roles.values()) == sorted(ROLES)
    assert list(world.roles) == list(world.space.tricks)
    assert Planted(8, 0.5).roles != world.roles
    assert Planted(7, 1.0).roles == world.roles


def test_a_trick_is_worth_what_its_role_says(world: Planted) -> None:
    recipes = drawn(world, 400)
    for trick, role in world.roles.items():
        if role not in PARTNERS:
            assert true_effect(world, trick, recipes) == pytest.approx(ROLES[role].final, abs=0.1)
    holder = {role: trick for trick, role in world.roles.items()}
    first, second = (holder[role] for role in PARTNERS)
    beside = [recipe for recipe in recipes if second in recipe.tricks]
    assert true_effect(world, first, beside) == pytest.approx(0.8 + TOGETHER)


def test_late_and_early_tricks_change_sides_on_the_way(world: Planted) -> None:
    holder = {role: trick for trick, role in world.roles.items()}
    plain = drawn(world, 1)[0].model_copy(update={"tricks": {}})
    for role, first, last in (("slow +1", -1.5, 1.0), ("fast 0", 1.5, 0.0)):
        name = holder[role]
        settings = {
            key: domain.ends()[0] for key, domain in world.space.tricks[name].settings.items()
        }
        on = plain.model_copy(update={"tricks": {name: settings}})
        changes = [world.value(on, epoch) - world.value(plain, epoch) for epoch in (1, 9)]
        assert changes == pytest.approx([first, last])


def test_noise_has_the_spread_asked_for_and_seeds_share_some_of_it(world: Planted) -> None:
    plain = drawn(world, 1)[0].model_copy(update={"tricks": {}})
    other = plain.model_copy(update={"momentum": 0.8})
    ends = np.array(
        [
            [
                100 * world.find(r.model_copy(update={"seed": seed})).accuracy[-1]
                for seed in range(600)
            ]
            for r in (plain, other)
        ]
    )
    assert ends.std(axis=1) == pytest.approx(0.5, rel=0.1)
    assert ends.mean(axis=1) == pytest.approx(world.value(plain), abs=0.08)
    assert 0.02 < np.corrcoef(ends)[0, 1] < 0.25


def test_shares_are_those_of_random_recipes(world: Planted) -> None:
    recipes = drawn(world, 5000)
    values = np.array([world.value(recipe) for recipe in recipes])
    assert sum(world.shares.values()) == pytest.approx(1)
    for unit in world.space.units.units:
        if any(world.roles[name] in PARTNERS for name in unit.tricks):
            continue
        on = [next((name for name in r.tricks if name in unit.tricks), "off") for r in recipes]
        between = 0.0
        for option in unit.options:
            mine = values[[name == option for name in on]]
            between += len(mine) / len(values) * (mine.mean() - values.mean()) ** 2
        assert between / values.var() == pytest.approx(world.shares[unit.name], abs=0.02)


def test_a_table_is_worth_what_its_curves_say() -> None:
    table = Table("fashion")
    recipes = list(every(table.space))
    finals = [value for recipe in recipes if (value := table.value(recipe)) is not None]
    assert max(finals) == pytest.approx(table.best)
    assert len(finals) < len(recipes)
    whole = next(
        recipe for recipe in recipes if 100 * table.find(recipe).accuracy[-1] == table.best
    )
    assert table.regret(frozenset(whole.tricks), whole) == 0
    assert table.regret(frozenset(), whole) > 0
    changes = []
    for recipe in recipes:
        if "flip" not in recipe.tricks and recipe.base_lr < 0.3:
            flipped = recipe.tricks | {"flip": {"probability": 0.5}}
            on = table.value(recipe.model_copy(update={"tricks": flipped}))
            off = table.value(recipe)
            assert on is not None and off is not None
            changes.append(on - off)
    mine = [recipe for recipe in recipes if recipe.base_lr < 0.3]
    assert true_effect(table, "flip", mine) == pytest.approx(fmean(changes))


@pytest.mark.parametrize("search", [*SEARCHES])
@pytest.mark.filterwarnings("ignore")
def test_a_study_spends_its_budget_and_repeats_itself(search: str, world: Planted) -> None:
    space = searched(world.space, search)
    trials = 12 if search == PLAN else 1000
    first, again = (
        record(world, space, trials=trials, budget=12 * 9, seed=3, workers=4) for _ in range(2)
    )
    assert first == again
    assert first.epochs <= 12 * 9
    assert first.epochs > 9 * 9 or search == PLAN
    assert [trial.number for trial in first.trials] == list(range(len(first.trials)))
    for trial in first.trials:
        curve = world.find(trial.recipe).accuracy
        assert [point.value for point in first.reports[trial.number]] == list(curve[: trial.epochs])
        assert (trial.epochs == 9) or trial.state != "complete"


@pytest.mark.filterwarnings("ignore")
def test_a_study_is_judged_the_same_each_time() -> None:
    cell = Cell(PLANTED, RANDOM, 24, 0.5, 1)
    found = study_of(cell, 0)
    assert study_of(cell, 0).cases == found.cases
    assert len(found.cases) == len(ROLES)
    assert found.regret >= 0 and found.best_regret >= 0


def a_case(true: float, low: float, high: float, verdict: Verdict, kind: str = "+1") -> Case:
    return Case(kind, true, (low + high) / 2, low, high, verdict, early=False)


CASES = [
    a_case(1.0, 0.5, 1.5, Verdict.HELPS),
    a_case(1.0, -0.5, 0.5, Verdict.NO_MATTER),
    a_case(1.0, -1.5, -0.5, Verdict.HARMS),
    a_case(0.0, 0.1, 0.3, Verdict.HELPS, "null"),
    Case("null", 0.0, None, None, None, Verdict.UNCLEAR, early=False),
    replace(a_case(0.0, -9.0, 9.0, Verdict.UNCLEAR, "null"), early=True),
]


def test_false_claims_are_counted_by_kind() -> None:
    cell = Cell(PLANTED, PLAN, 48, 0.5, 1)
    found = [Judged(CASES, 0.4, 0.5, 400, Shares(0.7, null=False, covered=0.9, half_width=0.1))]
    lines = {line.kind: line for line in effect_lines(cell, found)}
    point, null = lines["+1"], lines["null"]
    assert (point.cases, point.intervals, point.covered) == (3, 3, 1)
    assert (point.right, point.wrong, point.nothing, point.idle, point.idle_wrong) == (
        1,
        1,
        0,
        1,
        1,
    )
    assert (null.cases, null.intervals, null.covered, null.nothing) == (3, 1, 0, 1)
    whole = pooled([point, null])
    assert whole and (whole.cases, whole.covered) == (lines[ALL].cases, lines[ALL].covered)
    assert point.half_width == 0.5


def test_lines_make_rows_a_page_and_a_figure(tmp_path: Path) -> None:
    effects, studies = [], []
    for search, regret in ((PLAN, 0.4), (TODAY, 0.8)):
        for trials in (48, 100):
            cell = Cell(PLANTED, search, trials, 0.5, 1)
            shares = Shares(0.7, null=False, covered=0.9, half_width=0.1)
            found = [Judged(CASES, regret, 0.5, 400, shares)]
            effects += effect_lines(cell, found)
            studies.append(study_line(cell, found))
    made = Record(effects, studies, 60)
    write(made, tmp_path / "effects.json")
    assert read(tmp_path / "effects.json") == made
    goals = {row.name: row for row in rows(made)}
    assert goals["effects: regret of the recommended tricks, 48 trials, noise 0.5"].met is True
    assert goals["effects: said to help or harm, wrong sign"].met is False
    assert goals["effects: 1 - rank correlation of importances, 100 trials"].met is True
    assert "| 48 | default plan | 1 | 66.7 % | 0.50 |" in page(made)
    assert {trace.name for trace in truth_figure(made).data} == set(SEARCHES)
