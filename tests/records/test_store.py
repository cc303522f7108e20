"""Trials, attempts and their states, on both databases."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Any, cast

import pytest
from sqlalchemy import insert, null, select
from sqlalchemy.exc import IntegrityError

from autotrick.errors import NotFoundError, RecordsError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import (
    Database,
    Launch,
    StudyPlan,
    StudyRow,
    add_report,
    add_trial,
    attempts,
    change_budget,
    close_attempt,
    create_study,
    delete_study,
    describe_attempt,
    end_open_attempts,
    finish_trial,
    open_attempt,
    open_database,
    rename_study,
    set_study_state,
    studies,
    trial,
    trial_hours,
    trials,
)
from autotrick.records import study as read_study
from autotrick.records.schema import Attempt, Study

MakeRecipe = Callable[..., Recipe]
MakeReport = Callable[..., EpochReport]


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 2, 22, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def opened(launch: Launch) -> int:
    assert launch.attempt_id is not None
    return launch.attempt_id


def test_a_study_comes_back_as_planned(database: Database, plan: StudyPlan) -> None:
    made = create_study(database, plan)

    found = read_study(database, "mixing")

    assert found == made
    assert (found.question, found.space, found.space_digest) == (
        plan.question,
        plan.space,
        plan.space_digest,
    )
    assert (found.seed, found.budget, found.metric) == (2**63 - 1, {"trials": 3}, "accuracy")
    assert found.state == "open"
    assert found.created.utcoffset() == timedelta(0)
    assert found.counts == {"waiting": 0, "running": 0, "complete": 0, "pruned": 0, "failed": 0}


def test_what_reading_the_data_found_stays_with_the_study(
    database: Database, plan: StudyPlan
) -> None:
    found = {"classes": {"cat": 12, "dog": 7}, "notes": ["2 files are left out: a.txt, b.txt."]}
    create_study(database, replace(plan, data=found))
    create_study(database, replace(plan, name="before"))

    assert read_study(database, "mixing").data == found
    assert read_study(database, "before").data is None
    with database.reading() as connection:
        held = select(Study.name).where(Study.data.is_(null()))
        assert connection.scalars(held).all() == ["before"]


def test_a_study_of_another_one_names_it_for_as_long_as_it_is_there(
    database: Database, study: StudyRow, plan: StudyPlan
) -> None:
    child = replace(plan, name="confirmed", parent=study.name, purpose="list", task="segmentation")
    made = create_study(database, child)

    assert (made.parent, made.purpose, made.task) == ("mixing", "list", "segmentation")
    assert (study.parent, study.purpose, study.task) == (None, None, None)
    rename_study(database, study.name, "mixed", stale_after=60)
    assert studies(database)[1].parent == "mixed"
    delete_study(database, "mixed", stale_after=60)
    assert [row.parent for row in studies(database)] == [None]


def test_a_study_of_one_that_is_not_there_is_refused(database: Database, plan: StudyPlan) -> None:
    with pytest.raises(NotFoundError, match="no study named 'mixng'"):
        create_study(database, replace(plan, parent="mixng"))

    assert studies(database) == []


def test_making_a_study_again_gives_the_same_one(database: Database, plan: StudyPlan) -> None:
    first = create_study(database, plan)

    again = create_study(database, replace(plan, seed=1, budget={"trials": 99}))

    assert again == first
    assert len(studies(database)) == 1


def test_a_study_name_taken_by_another_space_is_refused(
    database: Database, plan: StudyPlan
) -> None:
    create_study(database, plan)

    with pytest.raises(RecordsError, match="study 'mixing' searches another space"):
        create_study(database, replace(plan, space_digest="other"))


def test_a_study_changes_state_and_budget(database: Database, study: StudyRow) -> None:
    set_study_state(database, study.id, "stopped")
    change_budget(database, study.id, {"trials": 50})

    found = read_study(database, "mixing")

    assert (found.state, found.budget) == ("stopped", {"trials": 50})


def test_an_intent_is_recorded_whole_before_anything_starts(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    chosen = recipe(tricks={"mixup": {"alpha": 0.25}}, seed=2**62, weight_decay=1e16)

    launch = add_trial(database, study.id, chosen, origin="tpe")

    found = trial(database, "mixing", 0)
    assert (found.id, found.number, found.state) == (launch.trial_id, launch.number, "running")
    assert found.recipe == chosen
    assert found.recipe.digest() == chosen.digest() == found.digest
    assert (found.origin, found.attempts, found.epochs, found.value) == ("tpe", 1, 0, None)
    assert [(a.id, a.number, a.state) for a in attempts(database, "mixing", 0)] == [
        (launch.attempt_id, 1, "open")
    ]


def test_a_trial_that_is_not_launched_waits(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    launch = add_trial(database, study.id, recipe(), origin="expert", launch=False)

    assert launch.attempt_id is None
    assert trial(database, "mixing", 0).state == "waiting"
    assert attempts(database, "mixing", 0) == []


def test_numbers_count_from_zero_in_each_study(
    database: Database, plan: StudyPlan, recipe: MakeRecipe
) -> None:
    first = create_study(database, plan)
    other = create_study(database, replace(plan, name="other"))

    launches = [add_trial(database, s.id, recipe(), origin="x") for s in (first, other, first)]

    assert [launch.number for launch in launches] == [0, 0, 1]


def test_trials_added_at_once_get_numbers_without_gaps(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    def add(seed: int) -> int:
        return add_trial(database, study.id, recipe(seed=seed), origin="x").number

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(add, range(20)))

    assert sorted(numbers) == list(range(20))
    assert [row.number for row in trials(database, "mixing")] == list(range(20))


def test_a_number_that_is_not_the_next_is_refused_and_leaves_no_gap(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    add_trial(database, study.id, recipe(), origin="x", number=0)

    with pytest.raises(RecordsError, match="next trial is 1, not 0: another driver"):
        add_trial(database, study.id, recipe(), origin="x", number=0)

    assert add_trial(database, study.id, recipe(), origin="x").number == 1


def test_a_trial_of_no_study_is_refused(database: Database, recipe: MakeRecipe) -> None:
    with pytest.raises(NotFoundError, match="no study with id 7"):
        add_trial(database, 7, recipe(), origin="x")


def test_a_second_attempt_supersedes_an_open_one(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    launch = add_trial(database, study.id, recipe(), origin="x")

    open_attempt(database, launch.trial_id)

    first, second = attempts(database, "mixing", 0)
    assert (first.state, first.reason, first.ended is None) == ("lost", "superseded", False)
    assert (second.number, second.state) == (2, "open")
    assert trial(database, "mixing", 0).attempts == 2


def test_the_database_itself_refuses_two_open_attempts(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    launch = add_trial(database, study.id, recipe(), origin="x")
    twin = {"trial_id": launch.trial_id, "number": 2, "state": "open", "started": database.clock()}

    with (
        pytest.raises(RecordsError) as caught,
        database.writing() as connection,
    ):
        connection.execute(insert(Attempt).values(twin))

    assert isinstance(caught.value.__cause__, IntegrityError)


def test_a_closed_attempt_leaves_its_trial_waiting(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    launch = add_trial(database, study.id, recipe(), origin="x")

    first = close_attempt(database, opened(launch), "lost", reason="node vanished")
    second = close_attempt(database, opened(launch), "failed", reason="too late")

    assert (first, second) == (True, False)
    (attempt,) = attempts(database, "mixing", 0)
    assert (attempt.state, attempt.reason) == ("lost", "node vanished")
    assert trial(database, "mixing", 0).state == "waiting"


def test_closing_an_old_attempt_leaves_the_new_one_running(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    launch = add_trial(database, study.id, recipe(), origin="x")
    open_attempt(database, launch.trial_id)

    changed = close_attempt(database, opened(launch), "lost", reason="late news")

    assert not changed
    assert trial(database, "mixing", 0).state == "running"


@pytest.mark.parametrize(
    ("state", "attempt_state"), [("complete", "done"), ("pruned", "done"), ("failed", "failed")]
)
def test_finishing_ends_the_trial_and_its_attempt(
    database: Database,
    study: StudyRow,
    recipe: MakeRecipe,
    report: MakeReport,
    state: Any,
    attempt_state: Any,
) -> None:
    launch = add_trial(database, study.id, recipe(), origin="x")
    add_report(database, launch.trial_id, report(1, 0.75))

    new = finish_trial(database, launch.trial_id, state, reason="why", parameters=2**40)

    found = trial(database, "mixing", 0)
    assert new
    assert (found.state, found.reason, found.parameters) == (state, "why", 2**40)
    assert (found.value, found.epochs, found.seconds) == (0.75, 1, 2.0)
    assert found.finished is not None
    (attempt,) = attempts(database, "mixing", 0)
    assert (attempt.state, attempt.reason) == (attempt_state, "why")


def test_what_was_measured_is_on_record(
    database: Database, study: StudyRow, recipe: MakeRecipe, report: MakeReport
) -> None:
    launch = add_trial(database, study.id, recipe(), origin="x")
    assert launch.attempt_id is not None
    early = {"parameters": 1000, "multiply_adds": 2**40}
    describe_attempt(database, launch.attempt_id, measures=early)
    add_report(database, launch.trial_id, report(1, 0.75))

    before = trial(database, "mixing", 0)
    measures = {"latency_ms": 2.5, "robustness": 0.5, "score": 0.25}
    finish_trial(database, launch.trial_id, "complete", measures=measures)

    found = trial(database, "mixing", 0)
    first = {"accuracy": 0.75, "seconds": 2.0, **early}
    assert before.measures == first
    assert found.measures == first | {"latency_ms": 2.5, "robustness": 0.5}
    assert found.score == 0.25


def test_what_is_not_finite_was_not_measured(
    database: Database, study: StudyRow, recipe: MakeRecipe, report: MakeReport
) -> None:
    for score, latency in ((0.25, 1.5), (nan, inf)):
        launch = add_trial(database, study.id, recipe(), origin="tpe")
        add_report(database, launch.trial_id, report(1))
        measures = {"score": score, "latency_ms": latency}
        finish_trial(database, launch.trial_id, "complete", measures=measures)

    rows = trials(database, "mixing")
    assert [(row.score, row.latency_ms) for row in rows] == [(0.25, 1.5), (None, None)]


def test_attempts_cost_their_time_times_what_they_occupy(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    clock = database.clock = Clock()
    launch = add_trial(database, study.id, recipe(), origin="x", launch=False)
    for shares in ((2.0, 0.0), (4.0, 0.5), None):
        attempt = open_attempt(database, launch.trial_id, shares=shares)
        clock.now += timedelta(minutes=30)
        close_attempt(database, attempt, "stopped", reason="paused")
    open_attempt(database, launch.trial_id, shares=(64.0, 0.0))

    spent = trial_hours(database, study.id)

    assert spent == pytest.approx(0.5 * 2 + 0.5 * 0.5 + 0.5 * 1, rel=1e-6)


def test_a_clock_that_was_put_back_gives_no_time_back(
    database_url: str, plan: StudyPlan, recipe: MakeRecipe
) -> None:
    clock = Clock()
    with open_database(database_url, clock=clock) as database:
        study = create_study(database, plan)
        for hours in (2, -5):
            launch = add_trial(database, study.id, recipe(), origin="tpe")
            clock.now += timedelta(hours=hours)
            close_attempt(database, opened(launch), "stopped", reason="x")

        assert trial_hours(database, study.id) == pytest.approx(2.0)


def test_attempts_of_a_driver_that_died_count_until_it_was_last_heard_of(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    clock = database.clock = Clock()
    for _ in range(2):
        add_trial(database, study.id, recipe(), origin="x")
        clock.now += timedelta(hours=1)
    clock.now += timedelta(days=1)

    heard = Clock().now + timedelta(minutes=6)
    end_open_attempts(database, study.id, reason="the driver was lost", heard=heard)

    assert trial_hours(database, study.id) == pytest.approx(0.1, rel=1e-6)


@pytest.mark.parametrize(
    ("seconds", "hours"),
    [((), 600 / 3600), ((30.0, 40.0), (2 * 70 + 600) / 3600), ((900.0,), (2 * 900 + 1800) / 3600)],
    ids=["nothing reported", "short epochs", "long epochs"],
)
def test_attempts_of_a_driver_that_died_count_no_more_than_their_reports_allow(
    database: Database,
    study: StudyRow,
    recipe: MakeRecipe,
    report: MakeReport,
    seconds: tuple[float, ...],
    hours: float,
) -> None:
    clock = database.clock = Clock()
    launch = add_trial(database, study.id, recipe(), origin="x")
    for epoch, each in enumerate(seconds, 1):
        add_report(database, launch.trial_id, report(epoch).model_copy(update={"seconds": each}))

    heard = clock.now + timedelta(hours=9)  # the machine slept over night
    end_open_attempts(database, study.id, reason="the driver was lost", heard=heard)

    assert trial_hours(database, study.id) == pytest.approx(hours, rel=1e-6)


@pytest.mark.parametrize("hours", [1, -1, 24 * 365])
def test_clock_that_is_set_costs_nothing(
    database_url: str,
    plan: StudyPlan,
    recipe: MakeRecipe,
    monkeypatch: pytest.MonkeyPatch,
    hours: int,
) -> None:
    moved = [0]

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(hours=moved[0])

    monkeypatch.setattr("autotrick.records.database.utc_now", now)
    with open_database(database_url) as database:
        study = create_study(database, plan)
        first, second = (add_trial(database, study.id, recipe(), origin="x") for _ in range(2))
        moved[0] = hours
        close_attempt(database, opened(first), "stopped", reason="x")
        finish_trial(database, second.trial_id, "pruned")
        third = add_trial(database, study.id, recipe(), origin="x")
        end_open_attempts(database, study.id, reason="x", state="stopped")

        (ended,) = attempts(database, "mixing", third.number)
        assert ended.ended is not None and ended.ended >= ended.started
        assert 0 <= trial_hours(database, study.id) < 0.05


def test_driver_that_died_after_its_clock_was_set_costs_little(
    database_url: str, plan: StudyPlan, recipe: MakeRecipe
) -> None:
    with open_database(database_url) as database:
        study = create_study(database, plan)
        add_trial(database, study.id, recipe(), origin="x")
        heard = datetime.now(UTC) + timedelta(hours=1)

        end_open_attempts(database, study.id, reason="the driver was lost", heard=heard)

        assert trial_hours(database, study.id) == pytest.approx(600 / 3600, rel=1e-3)


def test_machine_that_sleeps_does_not_work(
    database_url: str, plan: StudyPlan, recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_database(database_url) as database:
        study = create_study(database, plan)
        before = database.clock()
        launch = add_trial(database, study.id, recipe(), origin="x")
        slept_s = time.clock_gettime(time.CLOCK_BOOTTIME) + 9 * 3600
        monkeypatch.setattr(time, "clock_gettime", lambda _clock: slept_s)
        close_attempt(database, opened(launch), "stopped", reason="x")

        assert trial_hours(database, study.id) < 0.1
        if database.dialect == "postgresql":  # the server's clock, which has gone on
            assert database.clock() - before > timedelta(hours=8)


def test_finishing_twice_is_harmless_in_the_same_state_only(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    launch = add_trial(database, study.id, recipe(), origin="x")
    finish_trial(database, launch.trial_id, "pruned", reason="asha")
    before = trial(database, "mixing", 0)

    again = finish_trial(database, launch.trial_id, "pruned", reason="later")

    assert not again
    assert trial(database, "mixing", 0) == before
    with pytest.raises(RecordsError, match="a trial that is pruned cannot become complete"):
        finish_trial(database, launch.trial_id, "complete")


def test_a_finished_trial_is_not_run_again(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    launch = add_trial(database, study.id, recipe(), origin="x")
    finish_trial(database, launch.trial_id, "complete")

    with pytest.raises(RecordsError, match="a trial that is complete cannot be run again"):
        open_attempt(database, launch.trial_id)

    assert len(attempts(database, "mixing", 0)) == 1


def test_releasing_a_study_leaves_nothing_running(
    database: Database, study: StudyRow, plan: StudyPlan, recipe: MakeRecipe
) -> None:
    other = create_study(database, replace(plan, name="other"))
    launches = [add_trial(database, study.id, recipe(), origin="x") for _ in range(3)]
    add_trial(database, other.id, recipe(), origin="x")
    finish_trial(database, launches[0].trial_id, "complete")

    count = end_open_attempts(database, study.id, reason="driver was killed")

    assert count == 2
    assert [row.state for row in trials(database, "mixing")] == ["complete", "waiting", "waiting"]
    assert [attempts(database, "mixing", i)[0].state for i in range(3)] == ["done", "lost", "lost"]
    assert trial(database, "other", 0).state == "running"
    assert end_open_attempts(database, study.id, reason="again") == 0


def test_a_released_trial_goes_on_under_its_number(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    launch = add_trial(database, study.id, recipe(), origin="x")
    end_open_attempts(database, study.id, reason="signal", state="stopped")

    open_attempt(database, launch.trial_id, node="n2")

    assert trial(database, "mixing", 0).state == "running"
    found = [(a.number, a.state, a.reason, a.node) for a in attempts(database, "mixing", 0)]
    assert found == [(1, "stopped", "signal", None), (2, "open", None, "n2")]


def test_equal_environments_are_kept_once(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    facts = {"torch": "2.9", "threads": 1}
    one = add_trial(database, study.id, recipe(), origin="x")
    two = add_trial(database, study.id, recipe(), origin="x")

    describe_attempt(database, opened(one), node="n1", device="cpu", environment=facts)
    describe_attempt(database, opened(two), environment=dict(reversed(facts.items())))
    describe_attempt(database, opened(one), device="cuda")

    (first,), (second,) = attempts(database, "mixing", 0), attempts(database, "mixing", 1)
    assert (first.node, first.device) == ("n1", "cuda")
    assert first.environment == second.environment == facts
    with database.reading() as connection:
        assert (
            connection.exec_driver_sql("SELECT count(*) FROM autotrick_environments").scalar() == 1
        )


def test_a_failed_write_leaves_nothing_behind(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    with pytest.raises(RecordsError, match="cannot be used"):
        add_trial(database, study.id, recipe(), origin=cast("str", object()))

    assert trials(database, "mixing") == []
    assert add_trial(database, study.id, recipe(), origin="x").number == 0
