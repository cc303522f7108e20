"""Whole studies: renamed, archived, deleted, extended."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from autotrick.errors import NotFoundError, RecordsError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import (
    CheckpointRow,
    Database,
    StudyPlan,
    StudyRow,
    acquire_lease,
    add_report,
    add_trial,
    archive_study,
    change_budget,
    check_study_name,
    create_study,
    delete_study,
    extend_study,
    finish_trial,
    rename_study,
    set_study_state,
    studies,
    this_process,
    trials,
)
from autotrick.records.schema import Attempt, Base, Report, StoredCheckpoint, Trial

MakeRecipe = Callable[..., Recipe]
MakeReport = Callable[..., EpochReport]


def put_trial(
    database: Database, study_id: int, recipe: Recipe, report: EpochReport, *, end: bool = True
) -> int:
    launch = add_trial(database, study_id, recipe, origin="tpe")
    file = CheckpointRow(launch.trial_id, 1, f"/checkpoints/{launch.trial_id}", "cafe", 100)
    add_report(database, launch.trial_id, report, checkpoint=file)
    if end:
        finish_trial(database, launch.trial_id, "complete")
    return launch.trial_id


def rows_of(database: Database, table: type[Base]) -> int | None:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table))


@pytest.fixture
def other(database: Database, study: StudyRow, plan: StudyPlan) -> StudyRow:
    return create_study(database, StudyPlan("other", "?", {}, "0ther", 0, {"trials": 1}))


def test_a_renamed_study_keeps_its_trials(
    database: Database, study: StudyRow, recipe: MakeRecipe, report: MakeReport
) -> None:
    put_trial(database, study.id, recipe(), report(1))

    rename_study(database, "mixing", "blending", stale_after=60)

    assert [row.name for row in studies(database)] == ["blending"]
    assert [row.study for row in trials(database, "blending")] == ["blending"]


def test_a_taken_name_is_refused(database: Database, other: StudyRow) -> None:
    with pytest.raises(RecordsError, match=r"there is a study 'other' already\. Choose another"):
        rename_study(database, "mixing", "other", stale_after=60)

    assert [row.name for row in studies(database)] == ["mixing", "other"]


@pytest.mark.parametrize("name", ["mixing", "a.b-c_2", "Größe", "7", "ü" * 100])
def test_a_name_that_files_can_have(name: str) -> None:
    assert check_study_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "..", "../up", "a/b", ".hidden", "a b", "x\n", "-x", "[red]", "a%b", "a'b", "x\0"]
)
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(RecordsError, match="a study's name consists of letters"):
        check_study_name(name)


@pytest.mark.parametrize("name", ["x" * 201, "ü" * 101])
def test_a_name_that_is_too_long_for_a_file_is_refused(name: str) -> None:
    with pytest.raises(RecordsError, match="a study's name has at most 200 bytes"):
        check_study_name(name)


def test_a_study_gets_no_name_that_no_file_can_have(database: Database, study: StudyRow) -> None:
    with pytest.raises(RecordsError, match="a study's name consists of letters"):
        rename_study(database, "mixing", "../up", stale_after=60)

    assert [row.name for row in studies(database)] == ["mixing"]


def test_a_study_with_a_trial_in_the_middle_keeps_its_name(
    database: Database, study: StudyRow, recipe: MakeRecipe, report: MakeReport
) -> None:
    put_trial(database, study.id, recipe(), report(1), end=False)

    with pytest.raises(RecordsError, match=r"1 trials of study 'mixing' wait .* autotrick resume"):
        rename_study(database, "mixing", "blending", stale_after=60)


def test_an_archived_study_says_so_until_it_is_taken_out(
    database: Database, other: StudyRow
) -> None:
    archive_study(database, "other")
    assert [row.archived for row in studies(database)] == [False, True]

    archive_study(database, "other", archived=False)
    assert [row.archived for row in studies(database)] == [False, False]


def test_a_deleted_study_leaves_nothing_and_takes_nothing_of_others(
    database: Database, study: StudyRow, other: StudyRow, recipe: MakeRecipe, report: MakeReport
) -> None:
    gone = put_trial(database, study.id, recipe(), report(1))
    put_trial(database, other.id, recipe(), report(1))

    paths = delete_study(database, "mixing", stale_after=60)

    assert paths == [f"/checkpoints/{gone}"]
    assert [row.name for row in studies(database)] == ["other"]
    assert [rows_of(database, t) for t in (Trial, Attempt, Report, StoredCheckpoint)] == [
        1,
        1,
        1,
        1,
    ]


@pytest.mark.parametrize("change", [delete_study, lambda d, n, **s: rename_study(d, n, "x", **s)])
def test_a_study_with_a_driver_stays(
    database: Database, study: StudyRow, change: Callable[..., object]
) -> None:
    acquire_lease(database, study.id, this_process(), stale_after=60)

    with pytest.raises(RecordsError, match="study 'mixing' is being searched by"):
        change(database, "mixing", stale_after=60)

    assert [row.name for row in studies(database)] == ["mixing"]


def test_a_dead_driver_keeps_nothing(database: Database, study: StudyRow) -> None:
    acquire_lease(database, study.id, "elsewhere:1:1", stale_after=60)

    delete_study(database, "mixing", stale_after=-1)

    assert studies(database) == []


@pytest.mark.parametrize("state", ["open", "complete", "stopped"])
def test_an_extended_study_has_more_to_do(
    database: Database, study: StudyRow, state: str, recipe: MakeRecipe
) -> None:
    for _ in range(4):  # one more than the budget, by `search --trials 4` and back
        add_trial(database, study.id, recipe(), origin="tpe")
    set_study_state(database, study.id, state)  # type: ignore[arg-type]

    row = extend_study(database, "mixing", 10)

    assert row.budget["trials"] == 14
    assert row.state == ("open" if state == "complete" else state)


def test_extensions_at_once_all_count(database: Database, study: StudyRow) -> None:
    def extend(count: int) -> None:
        extend_study(database, "mixing", count)

    with ThreadPoolExecutor(8) as many:
        list(many.map(extend, [1] * 40))

    (row,) = studies(database)
    assert row.budget["trials"] == study.budget["trials"] + 40


def test_changes_of_a_budget_leave_the_rest_of_it(database: Database, study: StudyRow) -> None:
    def change(number: int) -> None:
        change_budget(database, study.id, {f"b{number}": number})

    with ThreadPoolExecutor(8) as many:
        list(many.map(change, range(20)))

    (row,) = studies(database)
    assert row.budget == study.budget | {f"b{number}": number for number in range(20)}


@pytest.mark.parametrize(
    "ask",
    [
        lambda d: rename_study(d, "mxing", "x", stale_after=1),
        lambda d: archive_study(d, "mxing"),
        lambda d: delete_study(d, "mxing", stale_after=1),
        lambda d: extend_study(d, "mxing", 1),
    ],
)
def test_an_unknown_study_is_named_with_those_there_are(
    database: Database, study: StudyRow, ask: Callable[[Database], object]
) -> None:
    with pytest.raises(NotFoundError, match=r"no study named 'mxing'\. .*: mixing\."):
        ask(database)
