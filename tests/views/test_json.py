"""The JSON of views: one set of keys, and the names that some keys had before."""

import json
from datetime import UTC, datetime

from autotrick.records.rows import AttemptRow
from autotrick.views.study import StudyView
from autotrick.views.trial import EpochView, TrialDetail, TrialView
from tests.simulated import START, a_recipe, a_report, a_trial

CURVE = [a_report(1, 0.5), a_report(2, 0.75)]
ATTEMPT = AttemptRow(7, 1, "done", None, START, None, "node", "cpu", {"torch": "2"}, 1.0, 0.0)


def test_a_trial_has_one_set_of_keys_and_the_earlier_ones() -> None:
    trial = TrialView.of(a_trial(3, a_recipe("mixup"), CURVE))

    written = trial.to_json()

    assert (written["number"], written["num_attempts"], written["value"]) == (3, 1, 0.75)
    assert written["measures"] == {"accuracy": 0.75, "seconds": 2.0, "parameters": 61_706}
    assert written["recipe"]["tricks"] == {"mixup": {}}
    assert written["created"] == "2026-11-02T09:03:00+00:00"
    assert json.loads(json.dumps(written)) == written
    assert trial.deprecated_json() == {"trial": 3, "attempts": 1, "accumulation": 1}


def test_a_detail_is_the_trial_with_its_epochs_and_attempts() -> None:
    row = a_trial(3, a_recipe("mixup"), CURVE)

    detail = TrialDetail.of(row, CURVE, [ATTEMPT])

    written = detail.to_json()
    assert written == TrialView.of(row).to_json() | {
        "reports": [EpochView.of(report).to_json() for report in CURVE],
        "attempts": written["attempts"],
    }
    (attempt,) = written["attempts"]
    assert (attempt["number"], attempt["ended"], attempt["environment"]) == (
        1,
        None,
        {"torch": "2"},
    )
    assert detail.deprecated_json()["tries"] == [attempt | {"attempt": 1}]


def test_an_epoch_is_written_as_its_report() -> None:
    assert EpochView.of(CURVE[0]).to_json() == CURVE[0].model_dump()


def test_averaged_weights_are_compared_with_the_trained_ones() -> None:
    report = CURVE[0].model_copy(update={"extra": {"raw_accuracy": 0.475}})

    assert EpochView.of(CURVE[0]).gain_over_raw is None
    assert f"{EpochView.of(report).gain_over_raw:+.2f}" == "+2.50"


def test_a_study_says_its_name_and_counts_by_both_names() -> None:
    study = StudyView(
        name="digits",
        question="Which?",
        state="open",
        objective="accuracy",
        best=None,
        created=datetime(2026, 11, 2, tzinfo=UTC),
        ended=None,
        archived=False,
        counts={"waiting": 0, "running": 1},
    )

    assert study.to_json()["counts"] == study.deprecated_json()["trials"]
    assert study.to_json()["name"] == study.deprecated_json()["study"] == "digits"
