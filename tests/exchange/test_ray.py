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
            "date": f"2026-11-23_05-12-{29 + i}",
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

    with pytest.raises(RecordsError, match=r"report 1 has no metric 'accuracy'.* --metric"):
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


def test_trials_of_a_searcher_come_in_the_order_in_which_they_began(
    database: Database, space: Path, tmp_path: Path, params: dict[str, Any]
) -> None:
    """A searcher's trials have names by lot, such as train_31ea2a37_9_base_lr=0.45."""
    for number, name in enumerate(("f691ed8b", "404ac169", "0001bf66")):
        trial = put_trial(tmp_path / "a", 0, params, [0.5])
        file = trial / "result.json"
        file.write_text(file.read_text().replace("1795410750", str(1795410750 + 60 * number)))
        trial.rename(tmp_path / "a" / f"train_{name}_{number}_base_lr=0.1")

    take(database, str(tmp_path / "a"), space)

    rows = records.trials(database, "a")
    assert [row.origin[20:28] for row in rows] == ["f691ed8b", "404ac169", "0001bf66"]


def test_a_trial_that_failed_and_was_begun_again_is_what_it_was_at_last(
    database: Database, space: Path, tmp_path: Path, params: dict[str, Any]
) -> None:
    """Ray Tune adds to error.txt and to result.json; a trial without a checkpoint begins anew."""
    for number, failures in enumerate((["31"], ["31", "34"])):
        trial = put_trial(tmp_path / "a", number, params, [0.1, 0.2, 0.3])
        (trial / "error.txt").write_text(
            "".join(
                f"Failure # {i} (occurred at 2026-11-23_05-12-{second})\nRayTaskError: killed\n"
                for i, second in enumerate(failures, start=1)
            )
        )
        file = trial / "result.json"
        lines = file.read_text().splitlines(keepends=True)
        again = [line.replace("0.2", "0.25") for line in lines[:2]]
        again = (
            [
                line.replace('"date": "2026-11-23_05-12-3', '"date": "2026-11-23_05-13-0')
                for line in again
            ]
            if number == 0
            else again
        )
        file.write_text("".join([*lines, *again]))

    take(database, str(tmp_path / "a"), space)

    rows = records.trials(database, "a")
    assert [(row.state, row.epochs, row.value) for row in rows] == [
        ("pruned", 2, 0.25),
        ("failed", 2, 0.25),
    ]


def test_what_is_not_a_number_is_no_report(
    database: Database, space: Path, tmp_path: Path, params: dict[str, Any]
) -> None:
    put_trial(tmp_path / "a", 0, params, [0.5, float("nan")])
    put_trial(tmp_path / "a", 1, params, [float("nan")])

    take(database, str(tmp_path / "a"), space)

    rows = records.trials(database, "a")
    assert [(row.state, row.epochs, row.value) for row in rows] == [
        ("pruned", 1, 0.5),
        ("failed", 0, None),
    ]


def test_more_epochs_than_the_recipe_has_are_refused(
    database: Database, space: Path, tmp_path: Path, params: dict[str, Any]
) -> None:
    epochs = all_off(load(space)).epochs
    put_trial(tmp_path / "a", 0, params, [0.5] * (epochs + 1))

    with pytest.raises(SpaceError, match=rf"reported epoch {epochs + 1}, but the space gives it"):
        take(database, str(tmp_path / "a"), space)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timestamp", "today"),
        ("timestamp", 1e30),
        ("time_this_iter_s", None),
        ("time_total_s", -5),
        ("training_iteration", "first"),
        ("training_iteration", 0),
        ("accuracy", [0.5]),
    ],
)
def test_a_report_of_other_types_is_named(
    database: Database,
    space: Path,
    tmp_path: Path,
    params: dict[str, Any],
    name: str,
    value: object,
) -> None:
    file = put_trial(tmp_path / "a", 0, params, [0.5]) / "result.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {name: value}) + "\n")

    with pytest.raises(RecordsError, match=r"result\.json: report 1 has no accuracy|is not Ray"):
        take(database, str(tmp_path / "a"), space)
    assert records.studies(database) == []


@pytest.mark.parametrize("name", ["params.json", "result.json"])
def test_a_folder_in_a_file_s_place_is_named(
    database: Database, space: Path, tmp_path: Path, params: dict[str, Any], name: str
) -> None:
    file = put_trial(tmp_path / "a", 0, params, [0.5]) / name
    file.unlink()
    file.mkdir()

    with pytest.raises(RecordsError, match=rf"{name}:? cannot be read: Is a directory"):
        take(database, str(tmp_path / "a"), space)
