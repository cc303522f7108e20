"""A study to write into, and makers of recipes and reports."""

from collections.abc import Callable
from typing import Any

import pytest

from autotrick.recipe import DataRef, EpochReport, Recipe
from autotrick.records import Database, StudyPlan, StudyRow, create_study

PLAN = StudyPlan(
    name="mixing",
    question="Does it help?",
    space={"name": "mixing", "tricks": {"mixup": {}}},
    space_digest="d1gest",
    seed=2**63 - 1,
    budget={"trials": 3},
)


def make_recipe(**changes: Any) -> Recipe:
    fields = {"epochs": 3, "batch_size": 64, "base_lr": 0.1, "architecture": "lenet5"}
    return Recipe(data=DataRef(name="digits", fingerprint="f00d"), **fields | changes)


def make_report(epoch: int, accuracy: float = 0.5, **changes: Any) -> EpochReport:
    fields = {"loss": 1.5, "train_loss": 1.75, "lr": 0.05, "seconds": 2.0}
    values = {"epoch": epoch, "accuracy": accuracy, "weights": f"weights of {epoch}"}
    return EpochReport.model_validate(fields | values | changes)


@pytest.fixture(scope="session")
def recipe() -> Callable[..., Recipe]:
    return make_recipe


@pytest.fixture(scope="session")
def report() -> Callable[..., EpochReport]:
    return make_report


@pytest.fixture(scope="session")
def plan() -> StudyPlan:
    return PLAN


@pytest.fixture
def study(database: Database, plan: StudyPlan) -> StudyRow:
    return create_study(database, plan)
