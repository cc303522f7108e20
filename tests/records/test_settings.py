"""The rows by which filters find tricks and their settings."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from autotrick.errors import FilterError
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
from autotrick.records.filter import Compare, parse
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
POLICY = [
    [["Rotate", 0.5, 0.25], ["Equalize", 0.0, 1]],
    [["ShearX", 1, 0.5], ["Rotate", 0.1, 0.75]],
]
POLICY_ROWS = {
    ("searched_policy", None, None),
    ("searched_policy.policy.Rotate", None, None),
    ("searched_policy.policy.ShearX", None, None),
    ("searched_policy.policy.0.0.operation", None, "Rotate"),
    ("searched_policy.policy.0.0.probability", 0.5, None),
    ("searched_policy.policy.0.0.magnitude", 0.25, None),
    ("searched_policy.policy.0.1.operation", None, "Equalize"),
    ("searched_policy.policy.0.1.probability", 0.0, None),
    ("searched_policy.policy.0.1.magnitude", 1.0, None),
    ("searched_policy.policy.1.0.operation", None, "ShearX"),
    ("searched_policy.policy.1.0.probability", 1.0, None),
    ("searched_policy.policy.1.0.magnitude", 0.5, None),
    ("searched_policy.policy.1.1.operation", None, "Rotate"),
    ("searched_policy.policy.1.1.probability", 0.1, None),
    ("searched_policy.policy.1.1.magnitude", 0.75, None),
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


@pytest.fixture
def composed(database: Database, study: StudyRow, recipe: MakeRecipe) -> Database:
    """A study whose first trial has a policy, the second another, the third none."""
    for number, policy in enumerate((POLICY, [[["Invert", 0.5, 0.75]]], None)):
        tricks = {} if policy is None else {"searched_policy": {"policy": policy}}
        add_trial(database, study.id, recipe(tricks=tricks, seed=number), origin="tpe")
    return database


def test_a_policy_is_recorded_by_operation_and_by_entry(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    add_trial(
        database, study.id, recipe(tricks={"searched_policy": {"policy": POLICY}}), origin="tpe"
    )

    assert kept(database, study.id) == POLICY_ROWS


def test_a_filter_finds_policies(composed: Database) -> None:
    expected = {
        "searched_policy.policy.Rotate": [0],
        "not searched_policy.policy.Rotate": [1, 2],
        "searched_policy.policy.Invert = on or searched_policy.policy.ShearX": [0, 1],
        "searched_policy.policy.Equalize": [],
        "searched_policy.policy.0.0.magnitude > 0.5": [1],
        "searched_policy.policy.0.0.operation = 'Rotate'": [0],
        "searched_policy.policy.0.0.operation in ['Rotate', 'Invert']": [0, 1],
        "searched_policy.policy.1.1.probability < 0.2": [0],
        "searched_policy.policy.7.0.probability < 0.2": [],
    }

    found = {
        where: [row.number for row in trials(composed, "mixing", where=where)] for where in expected
    }

    assert found == expected


@pytest.mark.parametrize(
    "where",
    [
        "searched_policy.policy.rotate",
        "searched_policy.policy.0.1",
        "searched_policy.policy.01.1.magnitude > 0",
        "searched_policy.policy.0.1.strength > 0",
        "mixup.alpha.0.1.magnitude > 0",
        "searched_policy.policy.0.1.magnitude = 'Rotate'",
        "searched_policy.policy.0.1.operation",
    ],
)
def test_a_wrong_name_of_a_policy_is_refused(where: str) -> None:
    with pytest.raises(FilterError):
        parse(where)


def test_what_is_not_a_policy_has_no_rows(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    for number, value in enumerate(
        [[["Rotate", 0.5]], [[["Nothing", 0.5, 0.5]]], [1, 2], [], [[]]]
    ):
        tricks = {"searched_policy": {"policy": value}}
        add_trial(database, study.id, recipe(tricks=tricks, seed=number), origin="tpe")

    assert kept(database, study.id) == {("searched_policy", None, None)}


def test_a_policy_that_no_search_composes_has_its_operations_alone(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    tricks = {"searched_policy": {"policy": [[["Rotate", 0.5, 0.5]]] * 501}}
    add_trial(database, study.id, recipe(tricks=tricks), origin="tpe")

    names = {name for name, _, _ in kept(database, study.id)}
    assert names == {"searched_policy", "searched_policy.policy.Rotate"}


def test_the_migration_gives_older_policies_what_new_ones_get(
    database: Database, study: StudyRow, recipe: MakeRecipe
) -> None:
    migration = importlib.import_module("autotrick.records.migrations.versions.r0009_plans")
    tricks: dict[str, dict[str, Any]] = {"searched_policy": {"policy": POLICY}}
    for number, held in enumerate([tricks, {"policy_schedule": {"policy": POLICY}}, TRICKS]):
        add_trial(database, study.id, recipe(tricks=held, seed=number), origin="tpe")
    new = kept(database, study.id)
    with database.writing() as connection:
        connection.execute(delete(TrialSetting).where(TrialSetting.name.contains(".policy.")))
    old = kept(database, study.id)

    with database.writing() as connection:
        migration._fill(connection)

    assert old < new
    assert kept(database, study.id) == new


def test_the_migration_takes_policies_for_what_the_catalogue_takes(recipe: MakeRecipe) -> None:
    migration = importlib.import_module("autotrick.records.migrations.versions.r0009_plans")
    odd = [POLICY, [], [[]], [[["Rotate", 2, 0]]], [[["Rotate", True, 0]]], "cifar10", None, [1]]
    odd += [[[["Rotate", 0.5, 0.5]]] * 501]

    for policy in odd:
        tricks = {"searched_policy": {"policy": policy}}
        new = [row for row in setting_rows(recipe(tricks=tricks)) if ".policy." in row["name"]]
        assert list(migration._rows("searched_policy", policy)) == new
