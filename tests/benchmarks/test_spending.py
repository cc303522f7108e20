from collections.abc import Sequence
from math import exp, log

import numpy as np
import pytest

from autotrick.domain import Float
from autotrick.recipe import Recipe
from autotrick.space import SearchSpace
from benchmarks import curves
from benchmarks.curves import CELLS, NAMES, Curve, Recorded, cell, every, read, record_key
from benchmarks.regret import Spent, lines, means, reached, share
from benchmarks.replay import replay
from benchmarks.searches import BASELINE, CHANCE, DEFAULT, SEARCHES
from benchmarks.spending import printed, regret_figure, rows

SPACE = {
    "name": "small",
    "question": "Which of few?",
    "data": {"name": "digits"},
    "fixed": {"architecture": "lenet5", "batch_size": 32, "epochs": 9},
    "search": {"base_lr": {"low": 0.01, "high": 1.0, "log": True}},
    "tricks": {"mixup": {"alpha": 0.4}, "cutmix": {"alpha": 1.0}, "cosine_decay": {}},
}


@pytest.fixture(scope="module")
def table() -> Recorded:
    """Return made-up curves: the rate counts most, mixup starts slowly, the highest rate diverges."""
    space = SearchSpace.model_validate(SPACE)
    found = {}
    for recipe in every(space):
        answers = space.answers(recipe)
        final = 0.9 - 0.02 * (log(recipe.base_lr) + 2) ** 2 + 0.03 * ("mixup" in recipe.tricks)
        slow = 4 if "mixup" in recipe.tricks else 2
        accuracy = tuple(max(0.1, final * (1 - exp(-e / slow))) for e in range(1, 10))
        diverges = recipe.base_lr > 0.7
        curve = Curve(
            answers, accuracy[:2] if diverges else accuracy, 1.0, "nan" if diverges else ""
        )
        found[record_key(space, answers)] = curve
    return Recorded(space, found)


class Fixed:
    """Tries recipes one after another, and stops some after an epoch."""

    def __init__(self, recipes: Sequence[Recipe], stops: dict[int, int]) -> None:
        self.left = list(enumerate(recipes))
        self.stops = stops
        self.ended: list[tuple[int, str]] = []

    def next(self) -> tuple[int, Recipe] | None:
        return self.left.pop(0) if self.left else None

    def report(self, trial: int, epoch: int, accuracy: float) -> bool:
        return self.stops.get(trial) != epoch

    def end(self, trial: int, failure: str) -> None:
        self.ended.append((trial, failure))


def test_every_recipe_of_a_space_comes_once(table: Recorded) -> None:
    recipes = list(every(table.space))

    assert len({recipe.digest() for recipe in recipes}) == len(recipes) == CELLS * 3 * 2
    assert len(table.curves) == len(recipes)
    assert not any({"mixup", "cutmix"} <= recipe.tricks.keys() for recipe in recipes)


def test_a_rate_between_is_answered_by_its_cell(table: Recorded) -> None:
    domain = table.space.search["base_lr"]
    assert isinstance(domain, Float)
    width = (domain.high / domain.low) ** (1 / CELLS)

    for recipe in list(every(table.space))[::5]:
        for factor in (width**-0.45, 1, width**0.45):
            near = recipe.model_copy(update={"base_lr": recipe.base_lr * factor})
            assert table.find(near) is table.find(recipe)
        beyond = recipe.model_copy(update={"base_lr": min(recipe.base_lr * width, domain.high)})
        if beyond.base_lr < domain.high:
            assert table.find(beyond) is not table.find(recipe)


def test_both_ends_of_a_range_lie_in_a_cell() -> None:
    assert cell(Float(0.0, 8.0), 8.0) == 7.5
    assert cell(Float(0.0, 8.0), 0.0) == 0.5


@pytest.mark.parametrize("name", NAMES)
def test_recorded_tables_answer_every_recipe_to_its_end(name: str) -> None:
    recorded = read(name)
    recipes = list(every(recorded.space))
    found = [recorded.find(recipe) for recipe in recipes]

    assert len(recorded.curves) == len(recipes) == len({id(curve) for curve in found})
    assert all(len(curve.accuracy) == recorded.epochs or curve.failure for curve in found)
    assert (curves.FOLDER / f"{name}.parquet").stat().st_size < 300_000


def test_replay_counts_epochs_and_takes_the_best_whole_trial(table: Recorded) -> None:
    good = max(
        table.curves.values(), key=lambda curve: curve.accuracy[-1] if not curve.failure else 0
    )
    recipes = [r for r in every(table.space) if not table.find(r).failure]
    poor = min(recipes, key=lambda recipe: table.find(recipe).accuracy[-1])
    best = next(recipe for recipe in recipes if table.find(recipe) is good)
    search = Fixed([poor, best, poor], {2: 1})

    found = replay(table, search, workers=1, budget=19)

    lost = 100 * (table.best - table.find(poor).accuracy[-1])
    assert found.regret[:9] == pytest.approx([lost] * 9)
    # While the second one is shorter than the first, that one is what one would take.
    assert found.regret[9:17] == pytest.approx([lost] * 8)
    assert found.regret[17:].tolist() == [0.0, 0.0]
    assert (found.trials, found.whole) == (3, 2)
    assert search.ended == [(0, ""), (1, "")]


def test_a_search_that_has_nothing_more_stays_where_it_is(table: Recorded) -> None:
    recipe = next(r for r in every(table.space) if not table.find(r).failure)

    found = replay(table, Fixed([recipe], {}), workers=4, budget=30)

    assert np.ptp(found.regret) == 0
    assert found.seconds[-1] == pytest.approx(9)


def test_divergence_ends_a_trial_and_costs_the_epoch(table: Recorded) -> None:
    diverging = [r for r in every(table.space) if table.find(r).failure][:1]
    fine = [r for r in every(table.space) if not table.find(r).failure][:1]
    search = Fixed([*diverging, *fine], {})

    found = replay(table, search, workers=1, budget=12)

    assert search.ended == [(0, "nan"), (1, "")]
    assert found.regret[0] == pytest.approx(100 * table.best)


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.filterwarnings("ignore")
def test_each_search_finds_something_and_repeats_itself(name: str, table: Recorded) -> None:
    first, again = (
        replay(table, SEARCHES[name](table.space, 5), workers=3, budget=120) for _ in range(2)
    )

    assert first.regret.tolist() == again.regret.tolist()
    assert first.regret[-1] < 10
    assert first.whole > 0
    if "ASHA" in name or "asha" in name or name == DEFAULT:
        assert first.trials > 120 / 9


def spent(*regret: Sequence[float]) -> Spent:
    return Spent(np.array(regret, float), np.zeros(len(regret)), 3.0, 1.0)


def test_a_level_is_reached_when_it_is_kept() -> None:
    curve = np.array([5.0, 1.0, 3.0, 1.0, 0.5])

    assert [reached(curve, level) for level in (5.0, 3.0, 1.0, 0.5, 0.1)] == [1, 2, 4, 5, 6]


def test_share_of_the_budget_comes_with_an_interval_that_holds_it() -> None:
    rng = np.random.default_rng(0)
    falling = np.linspace(10, 0, 100)
    found = {
        DEFAULT: spent(*(np.maximum(0, 2 * falling - 10) + rng.normal(0, 0.1, (20, 1)))),
        BASELINE: spent(*(falling + 2 + rng.normal(0, 0.1, (20, 1)))),
        CHANCE: spent(*np.tile(falling + 4, (20, 1))),
    }

    part, low, high = share(found)

    assert part == pytest.approx(0.41, abs=0.02)
    assert low <= part <= high < 0.5
    made = rows("made up", found)
    assert made[0].met is True
    assert [row.met for row in made[1:5]] == [True] * 4
    assert made[1].theirs == pytest.approx(found[CHANCE].regret[:, 11].mean(), abs=1e-3)
    told = lines("made up", found)
    assert {line.search for line in told} == set(found)
    assert all(line.low <= line.regret <= line.high for line in told)
    drawn = regret_figure({"made up": found})
    assert {trace.name for trace in drawn.data if trace.name} == set(found)


def test_bootstrap_interval_is_that_of_a_mean() -> None:
    values = np.random.default_rng(1).normal(3, 2, size=(400, 1))

    low, high = np.percentile(means(values), (2.5, 97.5))

    assert (high - low) / 2 == pytest.approx(1.96 * values.std() / 20, rel=0.1)


def test_tables_of_different_budgets_have_their_cells_under_the_same_heads() -> None:
    spent = {budget: Spent(np.full((4, budget), 1.0), np.zeros(4), 5, 3) for budget in (80, 160)}
    shown = printed([line for b, one in spent.items() for line in lines(f"{b}", {DEFAULT: one})])

    cells = {str(column.header): list(column.cells) for column in shown.columns}
    assert cells["budget"] == ["80 epochs", "160 epochs"]
    assert cells["1 of the budget"] == ["1.00 (1.00 to 1.00)"] * 2
    assert cells["trials"] == ["5", "5"] and cells["whole"] == ["3", "3"]
