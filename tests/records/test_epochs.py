"""Epoch reports and checkpoints, on both databases."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autotrick.errors import NotFoundError
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import (
    CheckpointRow,
    Database,
    StudyRow,
    add_checkpoint,
    add_report,
    add_trial,
    checkpoints,
    end_open_attempts,
    finish_trial,
    forget_checkpoints,
    last_checkpoint,
    reports,
    trial,
)

MakeRecipe = Callable[..., Recipe]
MakeReport = Callable[..., EpochReport]


@pytest.fixture
def trial_id(database: Database, study: StudyRow, recipe: MakeRecipe) -> Any:
    return add_trial(database, study.id, recipe(), origin="x").trial_id


def test_reports_keep_the_running_trial_up_to_date(
    database: Database, trial_id: int, report: MakeReport
) -> None:
    new = [add_report(database, trial_id, report(i, accuracy=i / 10)) for i in (1, 2)]

    found = trial(database, "mixing", 0)

    assert new == [True, True]
    assert (found.state, found.value, found.epochs) == ("running", 0.2, 2)
    assert (found.seconds, found.weights) == (4.0, "weights of 2")


def test_a_replayed_report_changes_nothing(
    database: Database, trial_id: int, report: MakeReport
) -> None:
    add_report(database, trial_id, report(1, 0.5))
    before = trial(database, "mixing", 0)

    new = add_report(database, trial_id, report(1, 0.9))

    assert not new
    assert trial(database, "mixing", 0) == before
    assert reports(database, "mixing") == {0: [report(1, 0.5)]}


def test_a_late_report_of_an_earlier_epoch_fills_the_gap(
    database: Database, trial_id: int, report: MakeReport
) -> None:
    add_report(database, trial_id, report(2, 0.8))

    new = add_report(database, trial_id, report(1, 0.1))

    found = trial(database, "mixing", 0)
    assert new
    assert (found.value, found.epochs, found.seconds) == (0.8, 2, 4.0)
    assert [r.epoch for r in reports(database, "mixing")[0]] == [1, 2]


def test_a_report_of_a_lost_attempt_is_kept(
    database: Database, study: StudyRow, trial_id: int, report: MakeReport
) -> None:
    end_open_attempts(database, study.id, reason="heartbeat")

    assert add_report(database, trial_id, report(1))

    assert trial(database, "mixing", 0).state == "waiting"


def test_a_report_after_the_end_is_ignored(
    database: Database, trial_id: int, report: MakeReport
) -> None:
    add_report(database, trial_id, report(1, 0.5))
    finish_trial(database, trial_id, "pruned")

    new = add_report(database, trial_id, report(2, 0.9))

    assert not new
    assert (trial(database, "mixing", 0).value, len(reports(database, "mixing")[0])) == (0.5, 1)


def test_a_report_of_no_trial_is_refused(database: Database, report: MakeReport) -> None:
    with pytest.raises(NotFoundError, match="no trial with id 99"):
        add_report(database, 99, report(1))


def test_numbers_that_json_and_sqlite_lack_come_back(
    database: Database, trial_id: int, report: MakeReport
) -> None:
    extra = {"nan": math.nan, "up": math.inf, "down": -math.inf, "tiny": 5e-324, "third": 1 / 3}
    add_report(
        database, trial_id, report(1, loss=math.nan, train_loss=math.inf, lr=1e-300, extra=extra)
    )

    (found,) = reports(database, "mixing")[0]

    assert math.isnan(found.loss) and math.isnan(found.extra.pop("nan"))
    assert (found.train_loss, found.lr) == (math.inf, 1e-300)
    assert found.extra == {"up": math.inf, "down": -math.inf, "tiny": 5e-324, "third": 1 / 3}


def test_reports_of_chosen_trials_only(
    database: Database, study: StudyRow, recipe: MakeRecipe, report: MakeReport
) -> None:
    for number in range(3):
        launch = add_trial(database, study.id, recipe(), origin="x")
        add_report(database, launch.trial_id, report(1, number / 10))

    found = reports(database, "mixing", numbers=[0, 2])

    assert {number: rows[0].accuracy for number, rows in found.items()} == {0: 0.0, 2: 0.2}
    assert reports(database, "mixing", numbers=[]) == {}


def test_a_checkpoint_comes_with_its_report(
    database: Database, trial_id: int, report: MakeReport
) -> None:
    first = CheckpointRow(trial_id, 1, "s3://bucket/0/1.ckpt", "cafe", 2**40)
    add_report(database, trial_id, report(1), checkpoint=first)

    assert last_checkpoint(database, trial_id) == first
    assert checkpoints(database, "mixing") == {0: [first]}


def test_a_checkpoint_written_anew_takes_the_place_of_the_old_one(
    database: Database, trial_id: int, report: MakeReport
) -> None:
    first = CheckpointRow(trial_id, 1, "/a", "cafe", 10)
    add_report(database, trial_id, report(1), checkpoint=first)
    second = replace(first, path="/b", checksum="beef")

    new = add_report(database, trial_id, report(1), checkpoint=second)

    assert not new
    assert checkpoints(database, "mixing") == {0: [second]}


def test_forgotten_checkpoints_are_gone(database: Database, trial_id: int) -> None:
    rows = [CheckpointRow(trial_id, i, f"/{i}", "cafe", 10) for i in (1, 2, 3)]
    for row in rows:
        add_checkpoint(database, row)

    forget_checkpoints(database, trial_id, [1, 3, 7])

    assert checkpoints(database, "mixing") == {0: [rows[1]]}
    assert last_checkpoint(database, trial_id) == rows[1]
    forget_checkpoints(database, trial_id, [2])
    assert last_checkpoint(database, trial_id) is None
