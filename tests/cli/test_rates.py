"""The resolved learning rate and the accumulation: shown, found and exported."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from autotrick.cli import main
from autotrick.recipe import Leg, Recipe
from autotrick.records import StudyPlan, add_trial, create_study, finish_trial, open_database
from autotrick.space import load
from tests.simulated import a_recipe

QUICKSTART = Path(__file__).parents[2] / "search_spaces" / "quickstart.toml"
RATES: dict[str, tuple[float, dict[str, Any]]] = {
    "plain": (0.1, {}),
    "two batches an update": (0.2, {"accumulation": 2}),
    "square root": (0.05, {"batch_size": 64, "scaling_exponent": 0.5}),
    "a rate of its own": (2e-3, {"tricks": {"adam": {"lr": 1e-3}}, "accumulation": 2}),
    "its default": (1e-4, {"tricks": {"lion": {}}}),
    "not an optimizer's": (0.1, {"tricks": {"linear_warmup": {"length": 0.1}}}),
    "raised on the way": (0.4, {"course": (Leg(after=2, fields={"base_lr": 0.4}),)}),
}


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/a.db"
    with open_database(url) as opened:
        space = load(QUICKSTART)
        plain = space.model_dump(mode="json")
        plan = StudyPlan("rates", space.question, plain, space.digest(), 0, {"trials": len(RATES)})
        study = create_study(opened, plan)
        for _, changes in RATES.values():
            recipe = Recipe.model_validate(a_recipe().model_dump() | changes)
            launch = add_trial(opened, study.id, recipe, origin="tpe")
            finish_trial(opened, launch.trial_id, "complete")
    return url


def asked(database: str, *words: str) -> str:
    done = CliRunner().invoke(main, [*words, "--database", database])
    assert done.exit_code == 0, done.output
    return done.stdout


def rows(database: str, where: str = "number >= 0") -> list[dict[str, Any]]:
    said = asked(database, "trials", "rates", "--where", where, "--json")
    return [json.loads(line) for line in said.splitlines()]


def test_a_program_reads_the_rate_that_the_optimizer_was_given(database: str) -> None:
    found = [(row["lr"], row["accumulation"]) for row in rows(database)]

    assert [lr for lr, _ in found] == pytest.approx([lr for lr, _ in RATES.values()])
    assert [times for _, times in found] == [c.get("accumulation", 1) for _, c in RATES.values()]


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ("lr > 0.1", [1, 6]),
        ("lr <= 2e-3", [3, 4]),
        ("learning_rate > 0.1", [1, 6]),
        ("accumulation = 2", [1, 3]),
        ("accumulation in [2, 3] and not lr > 0.1", [3]),
        ("base_lr = 0.1 and lr != 0.1", [1, 2, 3, 4, 6]),
    ],
)
def test_trials_are_found_by_it(database: str, where: str, numbers: list[int]) -> None:
    assert [row["trial"] for row in rows(database, where)] == numbers


def test_people_see_it(database: str) -> None:
    table = asked(database, "trials", "rates")
    detail = asked(database, "show", "rates", "1")

    assert "256 x 2" in table and "0.002" in table and "0.4" in table
    assert "lr (resolved)" in detail and "0.2" in detail


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_it_is_recorded_anew_where_a_study_comes_in(
    database: str, tmp_path: Path, kind: str
) -> None:
    file = str(tmp_path / f"rates.{kind}")
    asked(database, "export", "rates", "-o", file)

    asked(f"sqlite:///{tmp_path}/b.db", "import", file)

    assert rows(f"sqlite:///{tmp_path}/b.db") == rows(database)
