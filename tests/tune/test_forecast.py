from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from typing import Any

import pytest

from autotrick import records
from autotrick.design.precision import half_widths
from autotrick.recipe import EpochReport, Recipe
from autotrick.records import Database, StudyPlan
from autotrick.space import SearchSpace, all_off
from autotrick.tune.forecast import Noise, assumed_noise, forecast, measured_noise
from autotrick.tune.plan import Plan, plan_for
from tests.simulated import a_report
from tests.tune.planned import Planned, a_space

NOISE = Noise(0.5, "as ever")


def planned(space: SearchSpace, trials: int, **more: Any) -> Plan:
    plan = plan_for(space, trials, **more)
    assert plan is not None
    return plan


def test_a_forecast_is_the_screen_that_the_study_then_has() -> None:
    study = Planned(a_space(), trials=80, noise=0.5, seed=0).run()
    plan = planned(study.space, 80)

    found = forecast(study.space, plan, NOISE, trial_s=4.0, slots=2)

    assert found is not None and len(found.levels) == len(study.of("screen"))
    run = [row.design for row in study.of("screen") if row.design]
    assert [design["levels"] for design in run] == list(found.levels)
    assert found.widths == half_widths(found.levels, 0.5, halves=found.halves)
    assert found.seconds == 1.25 * 4.0 * len(found.levels) / 2


def test_a_screen_is_forecast_to_go_on_until_it_is_precise() -> None:
    space = a_space()
    plan = planned(space, 120)

    sizes = []
    for points in (0.2, 1.0, 3.0):
        found = forecast(space, plan, replace(NOISE, points=points), trial_s=1.0, slots=1)
        assert found is not None and found.range is not None
        sizes.append((len(found.levels), found.range[1] <= plan.precision))

    assert sizes == [(24, True), (72, True), (72, False)]


def test_a_short_time_leaves_fewer_runs_or_none() -> None:
    space = a_space()

    def runs(seconds: float) -> int:
        plan = planned(space, 80, seconds=seconds)
        found = forecast(space, plan, replace(NOISE, points=3), trial_s=10.0, slots=2)
        return len(found.levels) if found else 0

    assert runs(10_000.0) == 48 and 12 <= runs(450.0) < 48 and runs(200.0) == 0


def test_without_anything_measured_noise_is_guessed_from_the_validation_images() -> None:
    found = assumed_noise(a_space(), 900)

    assert found is not None
    assert found.points == pytest.approx(100 * sqrt(0.9 * 0.1 / 900))
    assert found.source == "a guess: 90 % accuracy on 900 validation images"


@pytest.fixture
def record(database: Database) -> Callable[..., None]:
    """Return a function that records complete trials as a study over the space."""

    def write(name: str, trials: list[tuple[Recipe, float, dict[str, Any]]]) -> None:
        space = a_space()
        plan = StudyPlan(name, "?", space.model_dump(mode="json"), space.digest(), 0, {})
        study = records.create_study(database, plan)
        for recipe, value, more in trials:
            launch = records.add_trial(database, study.id, recipe, origin="test", **more)
            report: EpochReport = a_report(1, value)
            records.add_reports(database, launch.trial_id, [report], metric="accuracy")
            records.finish_trial(database, launch.trial_id, "complete")

    return write


def test_noise_comes_from_the_newest_study_over_the_same_data(
    database: Database, record: Callable[..., None]
) -> None:
    space = a_space()
    recipe = all_off(space)
    assert measured_noise(database, space) is None

    values = [0.80, 0.82, 0.84, 0.86]
    record("seeds", [(recipe.model_copy(update={"seed": i}), v, {}) for i, v in enumerate(values)])
    spread = measured_noise(database, space)
    assert spread is not None and spread.source == "as between the seeds of study seeds"
    assert spread.points == pytest.approx(2.582, abs=1e-3)

    run = Planned(space, noise=0.4).run()
    rows = [
        (row.recipe, row.value, {"phase": row.phase, "design": row.design})
        for row in run.of("screen")
    ]
    record("screened", rows)
    screened = measured_noise(database, space)
    assert screened is not None and screened.source == "as in the screen of study screened"
    assert 0.25 < screened.points < 0.6


def test_noise_of_other_data_does_not_count(
    database: Database, record: Callable[..., None]
) -> None:
    recipe = all_off(a_space())
    record("seeds", [(recipe.model_copy(update={"seed": i}), 0.8 + i / 50, {}) for i in range(4)])

    assert measured_noise(database, a_space(data={"name": "digits", "fingerprint": "beef"})) is None
