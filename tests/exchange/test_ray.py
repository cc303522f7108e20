"""Experiments of Ray Tune, from the JSON files that Ray Tune 2.60 leaves."""

import json
from pathlib import Path
from typing import Any

import pytest

from autotrick import records
from autotrick.errors import NotFoundError, RecordsError, SpaceError
from autotrick.exchange import Meaning, bring
from autotrick.records import Database, StudyRow
from autotrick.space import all_off, load


def take(
    database: Database, source: str, space: Path, *, study: str | None = None, **how: str
) -> StudyRow:
    return bring(database, source, study=study, meaning=Meaning(space, **how))  # type: ignore[arg-type]


@pytest.fixture
def params(space: Path) -> dict[str, Any]:
    answers = load(space).answers(all_off(load(space)))
    return answers | {"mixup": True, "mixup.alpha": 0.3}


def put_trial(
    folder: Path,
    number: int,
    params: dict[str, Any],
    accuracies: list[float],
    key: str = "accuracy",
) -> Path:
    trial = folder / f"train_7594_{number:05}_{number}_base_lr=0.1_2026-11-23_05-12-26"
    trial.mkdir(parents=True)
    (trial / "params.json").write_text(json.dumps(params, indent=2))
    lines = [
        {
            key: accuracy,
            "timestamp": 1795410749 + i,
            "done": False,
            "training_iteration": i,
            "trial_id": f"7594_{number:05}",
            "time_this_iter_s": 2.0,
            "time_total_s": 2.0 * i,
            "config": params,
        }
        for i, accuracy in enumerate(accuracies, start=1)
    ]
    (trial / "result.json").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return trial


def test_an_experiment_comes_in(
    database: Database, space: Path, tmp_path: Path, params: dict[str, Any]
) -> None:
    folder, epochs = tmp_path / "sweep", all_off(load(space)).epochs
    put_trial(folder, 0, params, [0.1 * i for i in range(epochs)])
    put_trial(folder, 1, params | {"base_lr": 0.2}, [0.25, 0.5])
    (put_trial(folder, 2, params, [0.125]) / "error.txt").write_text("out of memory")
    put_trial(folder, 3, params, [])

    row = take(database, str(folder), space)

    found = records.trials(database, "sweep")
    assert row.question == load(space).question
    assert [(t.state, t.epochs, t.value) for t in found] == [
        ("complete", epochs, pytest.approx(0.1 * (epochs - 1))),
        ("pruned", 2, 0.5),
        ("failed", 1, 0.125),
        ("failed", 0, None),
    ]
    assert found[1].recipe.base_lr == 0.2
    assert found[1].recipe.tricks == {"mixup": {"alpha": 0.3}}
    assert (found[1].seconds, found[1].origin[:20]) == (4.0, "imported: ray train_")
    assert [r.accuracy for r in records.reports(database, "sweep")[1]] == [0.25, 0.5]


def test_nested_parameters_have_dotted_names(
    database: Database, space: Path, tmp_path: Path, params: dict[str, Any]
) -> None:
    alpha = params.pop("mixup.alpha")
    del params["mixup"]
    put_trial(tmp_path / "a", 0, params | {"mixup": True, "mixup.alpha": alpha}, [0.5])
    assert take(database, str(tmp_path / "a"), space).trials == 1

    put_trial(tmp_path / "b", 0, params | {"cutout": {"length": 0.5}}, [0.5])
    with pytest.raises(SpaceError, match="asks for 'cutout', which the parameters do not decide"):
        take(database, str(tmp_path / "b"), space)


def test_the_accuracy_may_have_another_name(
    database: Database, space: Path, tmp_path: Path, params: dict[str, Any]
) -> None:
    put_trial(tmp_path / "a", 0, params, [0.5], key="val_acc")

    with pytest.raises(RecordsError, match=r"report 1 has no accuracy 'accuracy'.* --metric"):
        take(database, str(tmp_path / "a"), space)
    take(database, str(tmp_path / "a"), space, metric="val_acc")

    assert records.trials(database, "a")[0].value == 0.5


def test_a_report_cut_off_by_a_kill_does_not_count(
    database: Database, space: Path, tmp_path: Path, params: dict[str, Any]
) -> None:
    trial = put_trial(tmp_path / "a", 0, params, [0.5, 0.75])
    file = trial / "result.json"
    file.write_text(file.read_text()[:-30])

    take(database, str(tmp_path / "a"), space)

    assert records.trials(database, "a")[0].epochs == 1


def test_a_folder_of_something_else_is_refused(
    database: Database, space: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError, match="no trials of Ray Tune in"):
        take(database, str(tmp_path), space)
