"""What commands show of a study that looks for more than accuracy."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from autotrick import records
from autotrick.recipe import DataRef, EpochReport, Recipe
from autotrick.records import StudyPlan

Command = Callable[..., Result]
BOTH = {"objectives": ["accuracy", "latency_ms"]}
REWARD = {"reward": {"measure": "latency_ms", "target": 2.0}}


@pytest.fixture
def studied(folder: Path) -> None:
    """One study of several objectives and one with a reward, over the same four trials."""
    with records.open_database("sqlite:///autotrick.db") as database:
        for name, objective in (("both", BOTH), ("fast", REWARD)):
            metric = "accuracy, latency_ms" if name == "both" else "accuracy x latency"
            plan = StudyPlan(
                name, "Which?", {"objective": objective}, name, 0, {"trials": 4}, metric
            )
            study = records.create_study(database, plan)
            for number, measured in enumerate([(0.9, 4.0), (0.8, 3.0), (0.5, 1.0), (0.7, 4.0)]):
                _add(database, study.id, number, *measured)


def _add(database: Any, study_id: int, number: int, accuracy: float, latency: float) -> None:
    data = DataRef(name="digits", fingerprint="f00d")
    fields: dict[str, Any] = {"architecture": "lenet5", "epochs": 1, "batch_size": 64}
    recipe = Recipe(data=data, base_lr=0.1 + number, **fields)
    launch = records.add_trial(database, study_id, recipe, origin="tpe")
    report: dict[str, Any] = {
        "epoch": 1,
        "accuracy": accuracy,
        "loss": 1.0,
        "train_loss": 1.0,
        "lr": 0.1,
    }
    report |= {"seconds": 1.0, "weights": "w"}
    records.add_report(database, launch.trial_id, EpochReport.model_validate(report))
    measures = {"latency_ms": latency, "multiply_adds": 5_000_000, "score": accuracy / latency}
    records.finish_trial(database, launch.trial_id, "complete", parameters=1000, measures=measures)


def trials(result: Result) -> list[int]:
    assert result.exit_code == 0, result.output
    return [json.loads(line)["trial"] for line in result.stdout.splitlines()]


@pytest.mark.usefixtures("studied")
def test_best_of_several_objectives_is_the_pareto_set(command: Command) -> None:
    shown = command("best", "both").stdout

    assert "Pareto set of both: no trial is better in all of accuracy, latency_ms" in shown
    assert "latency_ms" in shown and "90.00 %" in shown and "70.00 %" not in shown
    assert trials(command("best", "both", "--json")) == [0, 1, 2]
    assert trials(command("best", "both", "--json", "--top", "1")) == [0]
    assert trials(command("best", "both", "--json", "--where", "latency_ms < 3.5")) == [1, 2]


@pytest.mark.usefixtures("studied")
def test_best_by_a_reward(command: Command) -> None:
    shown = command("best", "fast").stdout

    assert "Best trials of fast by accuracy x (latency_ms / 2) ^ -0.07" in shown
    assert trials(command("best", "fast", "--json")) == [2, 1, 0, 3]


@pytest.mark.usefixtures("studied")
def test_measures_are_shown_and_can_be_asked_for(command: Command) -> None:
    (line,) = command("show", "both", "2", "--json").stdout.splitlines()

    assert json.loads(line)["measures"] == {
        "accuracy": 0.5,
        "seconds": 1.0,
        "parameters": 1000,
        "multiply_adds": 5_000_000,
        "latency_ms": 1.0,
    }
    shown = command("show", "both", "2").stdout
    assert "multiply_adds 5,000,000, latency_ms 1, score 0.5" in shown
    wanted = "multiply_adds < 6e6 and latency_ms < 3 and not robustness > 0"
    assert trials(command("trials", "both", "--json", "--where", wanted)) == [2]


@pytest.mark.usefixtures("studied")
def test_studies_say_what_they_look_for(command: Command) -> None:
    found = [json.loads(line) for line in command("studies", "--json").stdout.splitlines()]

    assert [row["objective"] for row in found] == ["accuracy, latency_ms", "accuracy x latency"]
    assert "accuracy, latency_ms" in command("studies").stdout
