"""A study to write into, and makers of recipes and reports."""

from collections.abc import Callable
from typing import Any

import pytest

from autotrick.recipe import DataRef, EpochReport, Recipe
from autotrick.records import Database, StudyPlan, StudyRow, create_study

MakeRecipe = Callable[..., Recipe]
MakeReport = Callable[..., EpochReport]


@pytest.fixture
def recipe() -> MakeRecipe:
    def make(**changes: Any) -> Recipe:
        fields = {"epochs": 3, "batch_size": 64, "base_lr": 0.1, "architecture": "lenet5"}
        return Recipe(data=DataRef(name="digits", fingerprint="f00d"), **fields | changes)

    return make


@pytest.fixture
def report() -> MakeReport:
    def make(epoch: int, accuracy: float = 0.5, **changes: Any) -> EpochReport:
        fields = {"loss": 1.5, "train_loss": 1.75, "lr": 0.05, "seconds": 2.0}
        values = {"epoch": epoch, "accuracy": accuracy, "weights": f"weights of {epoch}"}
        return EpochReport.model_validate(fields | values | changes)

    return make


@pytest.fixture
def plan() -> StudyPlan:
    space = {"name": "mixing", "tricks": {"mixup": {}}}
    return StudyPlan("mixing", "Does it help?", space, "d1gest", 2**63 - 1, {"trials": 3})


@pytest.fixture
def study(database: Database, plan: StudyPlan) -> StudyRow:
    return create_study(database, plan)
