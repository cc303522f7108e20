"""Looks at the test split: counted, shared by a family of studies, and never lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from autotrick.errors import NotFoundError, RecordsError
from autotrick.records import (
    Database,
    StudyPlan,
    StudyRow,
    archive_study,
    close_look,
    create_study,
    delete_study,
    looks,
    open_look,
    rename_study,
)

BEST = [{"label": "trial 3", "trials": [0, 2], "weights": ["aa", "bb"]}]
OTHER = [{"label": "trial 4", "trials": [1, 3], "weights": ["cc", "dd"]}]
FOUND = {"trial 3": {"mean": 0.9}}


@pytest.fixture
def child(database: Database, study: StudyRow, plan: StudyPlan) -> StudyRow:
    return create_study(database, replace(plan, name="mixing-confirm", parent="mixing"))


def look_once(database: Database, name: str) -> None:
    close_look(database, name, open_look(database, name, BEST).number, FOUND)


def test_a_look_has_no_result_until_it_is_finished(database: Database, child: StudyRow) -> None:
    opened = open_look(database, "mixing-confirm", BEST)
    before = looks(database, "mixing")
    close_look(database, "mixing-confirm", opened.number, FOUND)
    after = looks(database, "mixing")

    assert [(look.number, look.result, look.finished) for look in before] == [(1, None, None)]
    assert [(look.number, look.result, look.forced) for look in after] == [(1, FOUND, False)]
    assert after[0].finished is not None
    assert after[0].candidates == tuple(BEST)


def test_an_interrupted_look_is_the_same_look(database: Database, child: StudyRow) -> None:
    first = open_look(database, "mixing-confirm", BEST)
    again = open_look(database, "mixing-confirm", BEST)

    assert again == first
    assert len(looks(database, "mixing")) == 1


def test_an_interrupted_look_cannot_become_one_at_other_networks(
    database: Database, child: StudyRow
) -> None:
    open_look(database, "mixing-confirm", BEST)

    with pytest.raises(RecordsError, match=r"look 1 at the test split of 'mixing' is not finished"):
        open_look(database, "mixing", OTHER)

    assert len(looks(database, "mixing")) == 1
    # The networks of the first may be gone for ever.
    assert open_look(database, "mixing", OTHER, forced=True).number == 2
    assert open_look(database, "mixing", BEST).number == 1


def test_a_second_look_is_refused(database: Database, child: StudyRow) -> None:
    look_once(database, "mixing-confirm")

    for candidates in (BEST, OTHER):
        with pytest.raises(RecordsError, match=r"was looked at once, last on .*--look-again"):
            open_look(database, "mixing", candidates)

    assert len(looks(database, "mixing")) == 1


def test_a_forced_look_is_the_second(database: Database, child: StudyRow) -> None:
    look_once(database, "mixing-confirm")

    second = open_look(database, "mixing", OTHER, forced=True)

    assert (second.number, second.forced) == (2, True)
    assert open_look(database, "mixing", OTHER, forced=True) == second
    assert [look.number for look in looks(database, "mixing-confirm")] == [1, 2]


def test_a_recorded_result_stays(database: Database, study: StudyRow) -> None:
    look_once(database, "mixing")

    close_look(database, "mixing", 1, {"trial 3": {"mean": 1.0}})

    assert looks(database, "mixing")[0].result == FOUND


def test_many_at_a_time_make_one_look(database: Database, study: StudyRow) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: open_look(database, "mixing", BEST), range(8)))

    assert {look.number for look in found} == {1}
    assert len(looks(database, "mixing")) == 1


def test_a_study_keeps_its_look_whatever_is_done_to_it(database: Database, child: StudyRow) -> None:
    look_once(database, "mixing-confirm")

    archive_study(database, "mixing")
    rename_study(database, "mixing", "blending", stale_after=60)
    rename_study(database, "mixing-confirm", "checked", stale_after=60)

    assert [look.result for look in looks(database, "blending")] == [FOUND]
    delete_study(database, "checked", stale_after=60)
    assert [look.result for look in looks(database, "blending")] == [FOUND]


def test_the_looks_of_a_deleted_study_stay_with_what_belongs_to_it(
    database: Database, child: StudyRow
) -> None:
    look_once(database, "mixing-confirm")

    delete_study(database, "mixing", stale_after=60)

    assert [look.result for look in looks(database, "mixing-confirm")] == [FOUND]
    with pytest.raises(RecordsError, match="was looked at once"):
        open_look(database, "mixing-confirm", OTHER)


def test_a_study_that_does_not_exist_has_no_look(database: Database) -> None:
    with pytest.raises(NotFoundError):
        looks(database, "nothing")
    with pytest.raises(NotFoundError):
        open_look(database, "nothing", BEST)
