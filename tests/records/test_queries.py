"""Questions asked of the database, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from autotrick.domain import Float
from autotrick.errors import NotFoundError, RecordsError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import (
    Database,
    StudyPlan,
    StudyRow,
    add_report,
    add_trial,
    attempts,
    best,
    checkpoints,
    complete_measures,
    create_study,
    finish_trial,
    reports,
    same_recipe,
    studies,
    trial,
    trials,
    unfinished,
)
from autotrick.records import study as read_study
from autotrick.records.rows import FinalState
from autotrick.records.schema import Trial

MakeRecipe = Callable[..., Recipe]
MakeReport = Callable[..., EpochReport]


@pytest.fixture
def add(database: Database, study: StudyRow, recipe: MakeRecipe, report: MakeReport) -> Any:
    """Adds a trial that ends with a value after some seconds."""

    def make(value: Any, *, state: Any = "complete", seconds: float = 2.0, **changes: Any) -> Any:
        launch = add_trial(database, study.id, recipe(**changes), origin="x")
        if value is not None:
            add_report(database, launch.trial_id, report(1, value, seconds=seconds))
        if state not in {"running", "waiting"}:
            finish_trial(database, launch.trial_id, state)
        return launch.number

    return make


def test_best_first_then_faster_then_older(database: Database, add: Callable[..., Any]) -> None:
    low, slow, fast, twin = add(0.5), add(0.9, seconds=9), add(0.9, seconds=3), add(0.9, seconds=3)

    found = best(database, "mixing", limit=10)

    assert [row.number for row in found] == [fast, twin, slow, low]
    assert [row.number for row in best(database, "mixing", limit=2)] == [fast, twin]


def test_best_leaves_out_what_is_not_complete_or_has_no_value(
    database: Database, add: Callable[..., Any]
) -> None:
    add(0.99, state="pruned"), add(0.99, state="failed"), add(0.99, state="running"), add(None)
    complete = add(0.1)

    assert [row.number for row in best(database, "mixing")] == [complete]


def test_best_of_a_study_with_a_reward_goes_by_the_score(
    database: Database, plan: StudyPlan, recipe: MakeRecipe
) -> None:
    reward = {"reward": {"measure": "latency_ms", "target": 3.0}}
    space = {**plan.space, "objective": reward}
    named = replace(plan, name="fast", metric="accuracy x latency", space=space)
    study = create_study(database, named)
    for score in (0.25, None, 0.75, 0.5):
        launch = add_trial(database, study.id, recipe(), origin="x")
        measures = {} if score is None else {"score": score}
        finish_trial(database, launch.trial_id, "complete", measures=measures)

    assert [row.number for row in best(database, "fast")] == [2, 3, 0]


def test_measures_of_the_trials_that_have_all_of_them(
    database: Database, study: StudyRow, recipe: MakeRecipe, report: MakeReport
) -> None:
    states: tuple[tuple[float | None, FinalState], ...]
    states = ((2.5, "complete"), (None, "complete"), (1.5, "pruned"))
    for latency, state in states:
        launch = add_trial(database, study.id, recipe(), origin="x")
        add_report(database, launch.trial_id, report(1, 0.75))
        measures = {} if latency is None else {"latency_ms": latency}
        finish_trial(database, launch.trial_id, state, measures=measures)

    both = complete_measures(database, "mixing", ["accuracy", "latency_ms"])

    assert both == {0: (0.75, 2.5)}
    assert complete_measures(database, "mixing", ["seconds"]) == {0: (2.0,), 1: (2.0,)}
    assert complete_measures(database, "mixing", ["seconds"], where="latency_ms > 3") == {}


def test_studies_count_their_trials_and_know_their_best(
    database: Database, plan: StudyPlan, add: Callable[..., Any]
) -> None:
    add(0.5), add(0.7), add(0.99, state="pruned"), add(None, state="running")
    create_study(database, replace(plan, name="empty"))

    first, second = studies(database)

    assert first.counts == {"waiting": 0, "running": 1, "complete": 2, "pruned": 1, "failed": 0}
    assert (first.name, first.trials, first.best) == ("mixing", 4, 0.7)
    assert (second.name, second.trials, second.best) == ("empty", 0, None)
    assert read_study(database, "empty") == second


def test_pages_of_trials_join_without_gap_or_overlap(
    database: Database, add: Callable[..., Any]
) -> None:
    for i in range(7):
        add(i / 10)

    pages = []
    after = -1
    while page := trials(database, "mixing", after=after, limit=3):
        pages.append([row.number for row in page])
        after = page[-1].number

    assert pages == [[0, 1, 2], [3, 4, 5], [6]]


def test_unfinished_trials_in_order(database: Database, add: Callable[..., Any]) -> None:
    add(0.1), add(None, state="running"), add(0.2, state="pruned"), add(0.3, state="running")

    assert [row.number for row in unfinished(database, "mixing")] == [1, 3]


def test_equal_recipes_share_a_recipe(
    database: Database, add: Callable[..., Any], recipe: MakeRecipe
) -> None:
    numbers = [add(0.1, seed=1), add(0.2, seed=2), add(0.3, seed=1)]

    found = same_recipe(database, "mixing", recipe(seed=1).digest())

    assert [row.number for row in found] == [numbers[0], numbers[2]]


@pytest.mark.parametrize("ask", [read_study, trials, best, reports, checkpoints])
def test_an_unknown_study_is_named_with_those_there_are(
    database: Database, study: StudyRow, ask: Any
) -> None:
    with pytest.raises(
        NotFoundError, match=r"no study named 'mxing'. Studies in this database: mi"
    ):
        ask(database, "mxing")


def test_an_unknown_trial_is_named(database: Database, study: StudyRow) -> None:
    with pytest.raises(NotFoundError, match="study 'mixing' has no trial 5"):
        trial(database, "mixing", 5)
    assert attempts(database, "mixing", 5) == []


def test_a_number_that_no_column_holds_is_no_trial(database: Database, study: StudyRow) -> None:
    with pytest.raises(NotFoundError, match="has no trial 1099511627776"):
        trial(database, "mixing", 2**40)
    with pytest.raises(RecordsError, match=r"numbers in the database are below|out of range"):
        trial(database, "mixing", 2**70)
    assert trials(database, "mixing", after=2**40) == []


def test_a_recipe_of_another_version_is_a_sentence(
    database: Database, add: Callable[..., Any]
) -> None:
    add(0.5)
    with database.writing() as connection:
        connection.execute(update(Trial).values(recipe={"novelty": 1}))

    with pytest.raises(RecordsError, match="trial 0 of study 'mixing' has a recipe that this"):
        trials(database, "mixing")


numbers = st.one_of(
    st.floats(0, 1e300), st.floats(0, 1, exclude_min=True), st.sampled_from([1e16, 1e22, 5e-324])
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | numbers | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
names = st.text(min_size=1, max_size=8)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    weight_decay=numbers,
    tricks=st.dictionaries(names, st.dictionaries(names, values, max_size=2), max_size=3),
    seed=st.integers(0, 2**63 - 1),
)
def test_a_recipe_round_trips_with_its_digest(
    database: Database,
    study: StudyRow,
    recipe: MakeRecipe,
    weight_decay: float,
    tricks: Any,
    seed: Any,
) -> None:
    given_one = recipe(weight_decay=weight_decay, tricks=tricks, seed=seed)

    launch = add_trial(database, study.id, given_one, origin="x")

    found = trial(database, "mixing", launch.number)
    assert found.recipe.digest() == given_one.digest() == found.digest
    assert found.recipe.model_dump_json() == given_one.model_dump_json()


def test_the_digest_tells_a_float_from_an_integer(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    assert 1e16 in Float(0, 1e17)
    one = recipe(tricks={"mixup": {"alpha": 1e16}})
    other = Recipe.model_validate(one.model_dump() | {"tricks": {"mixup": {"alpha": 10**16}}})

    add_trial(database, study.id, one, origin="x")

    assert trial(database, "mixing", 0).recipe.digest() == one.digest() != other.digest()
