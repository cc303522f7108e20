"""The rows by which filters find tricks and their settings."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from autotrick.recipe import Recipe
from autotrick.records import (
    Database,
    StudyPlan,
    StudyRow,
    add_trial,
    create_study,
    delete_study,
    import_study,
    trial_records,
    trials,
)
from autotrick.records.filter import Compare
from autotrick.records.filter_names import Name
from autotrick.records.filter_sql import condition
from autotrick.records.recipe_columns import setting_rows
from autotrick.records.schema import Trial, TrialSetting

MakeRecipe = Callable[..., Recipe]

TRICKS: dict[str, dict[str, Any]] = {
    "flip": {},
    "mixup": {"alpha": 0.25, "turns": 3, "inverse": False, "weights": [1, 2], "limit": None},
    "label_smoothing": {"variant": "k-1"},
}
ROWS = {
    ("flip", None, None),
    ("mixup", None, None),
    ("mixup.alpha", 0.25, None),
    ("mixup.turns", 3.0, None),
    ("mixup.inverse", None, "false"),
    ("label_smoothing", None, None),
    ("label_smoothing.variant", None, "k-1"),
}
ODD_TEXTS = ["x" * 5000, "x" * 4999 + "y", "two\nlines", "\x00", "\ud800", "\u00e4\U0001f600", ""]


def kept(database: Database, study_id: int) -> set[tuple[str, float | None, str | None]]:
    chosen = select(TrialSetting.name, TrialSetting.value, TrialSetting.text).where(
        TrialSetting.study_id == study_id
    )
    with database.reading() as connection:
        return {(row.name, row.value, row.text) for row in connection.execute(chosen)}


def test_a_trial_is_recorded_with_its_settings(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    add_trial(database, study.id, recipe(tricks=TRICKS), origin="tpe")

    assert kept(database, study.id) == ROWS


def test_an_imported_trial_has_its_settings(
    database: Database, study: StudyRow, recipe: MakeRecipe, plan: StudyPlan
) -> None:
    add_trial(database, study.id, recipe(tricks=TRICKS), origin="tpe")
    records = list(trial_records(database, study.name))

    copy = import_study(database, StudyPlan("copy", "?", {}, "d1", 0, {}), "complete", records)

    assert kept(database, copy.id) == ROWS
    assert len(trials(database, "copy", where="mixup.alpha = 0.25")) == 1


def test_a_filter_keeps_to_its_study(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    other = create_study(database, StudyPlan("other", "?", {}, "d2", 0, {}))
    add_trial(database, study.id, recipe(tricks={"mixup": {"alpha": 0.25}}), origin="tpe")
    add_trial(database, other.id, recipe(), origin="tpe")

    assert len(trials(database, study.name, where="mixup")) == 1
    assert trials(database, "other", where="mixup or mixup.alpha > 0") == []
    assert len(trials(database, "other", where="not mixup.alpha > 0")) == 1


def test_the_settings_of_a_deleted_study_go_with_it(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    other = create_study(database, StudyPlan("other", "?", {}, "d2", 0, {}))
    for row in (study, other):
        add_trial(database, row.id, recipe(tricks=TRICKS), origin="tpe")

    delete_study(database, study.name, stale_after=60)

    assert kept(database, study.id) == set()
    assert kept(database, other.id) == ROWS


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_any_text_is_found_again_and_no_other(
    database: Database, study: StudyRow, recipe: MakeRecipe, text: str
) -> None:
    for number, kept in enumerate([text, text + "!", text[::-1] + "?"]):
        tricks = {"searched_policy": {"policy": kept}}
        add_trial(database, study.id, recipe(tricks=tricks, seed=number), origin="tpe")

    test = Compare(Name("searched_policy.policy", "text", "setting"), "=", text)
    with database.reading() as connection:
        found = connection.scalars(select(Trial.number).where(condition(test, study.id))).all()

    assert found == [0]


def test_a_number_beyond_all_is_the_greatest(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    add_trial(database, study.id, recipe(tricks={"mixup": {"alpha": 10**400}}), origin="tpe")

    assert len(trials(database, study.name, where="mixup.alpha > 1e308")) == 1
    assert trials(database, study.name, where="mixup.alpha < 1e308") == []


def test_a_trial_without_tricks_has_no_rows(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    add_trial(database, study.id, recipe(), origin="tpe")

    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(TrialSetting)) == 0


def test_the_migration_gives_older_trials_what_new_ones_get(recipe: MakeRecipe) -> None:
    migration = importlib.import_module("autotrick.records.migrations.versions.r0005_settings")
    odd = {f"text_{number}": text for number, text in enumerate(ODD_TEXTS)}
    tricks = (
        TRICKS
        | {"policy": odd}
        | {"\x00": {}, "a.b": {"c": 1}, "a": {"b.c": 2, "d": 3}}
        | {"cutout": {"length": 10**400, "least": -(10**400)}}
    )

    found = list(migration._rows(tricks))

    assert found == list(setting_rows(recipe(tricks=tricks)))
