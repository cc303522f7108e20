"""A study of three trials that were trained here: one complete, one pruned, one that diverged."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autotrick.data import Dataset, describe, load
from autotrick.recipe import DataRef, Recipe
from autotrick.records import (
    CheckpointRow,
    Database,
    StudyPlan,
    add_report,
    add_trial,
    create_study,
    describe_attempt,
    finish_trial,
    open_database,
)
from autotrick.train import Snapshot, environment, train

REF = DataRef(name="digits", image_size=16, validation=0.2)
STUDY = "shapes"
COMPLETE, PRUNED, FAILED = range(3)


@dataclass(frozen=True)
class Study:
    """A study with its database, its data and its checkpoints."""

    url: str
    data: Dataset
    folder: Path
    cache: Path

    def checkpoint(self, trial: int) -> Path:
        return next((self.folder / str(trial)).glob("*.checkpoint"))


def recipe_on(data: Dataset, **changes: object) -> Recipe:
    base = Recipe(
        data=data.resolve(REF),
        architecture="fastnet",
        architecture_settings={"width": 0.125},
        epochs=2,
        batch_size=64,
        base_lr=1.0,
        tricks={"ema": {"half_life": 0.1}, "test_time_augmentation": {}, "mixup": {"alpha": 0.2}},
    )
    return base.model_copy(update=changes)


@pytest.fixture(scope="package")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("study")
    cache = tmp_path_factory.mktemp("cache")
    data = load(REF, cache_dir=cache)
    url = f"sqlite:///{folder}/autotrick.db"
    with open_database(url) as database:
        budget = {"trials": 3, "resources": {"cache": str(cache)}}
        facts = describe(data).to_json()
        plan = StudyPlan(STUDY, "Which *shape*?", {}, "0" * 16, 0, budget, data=facts)
        made = create_study(database, plan)
        for number, (epochs, state) in enumerate([(2, "complete"), (1, "pruned"), (1, "failed")]):
            recipe = recipe_on(data, seed=number)
            launch = add_trial(database, made.id, recipe, origin="random")
            assert launch.attempt_id is not None
            describe_attempt(database, launch.attempt_id, device="cpu", environment=environment())

            def record(
                snapshot: Snapshot, trial: int = launch.trial_id, place: int = number
            ) -> bool:
                last = len(snapshot.reports) == epochs  # noqa: B023 -- called in this round
                row = None
                if last:
                    saved = snapshot.save(folder / str(place))
                    row = CheckpointRow(trial, saved.epoch, str(saved.path), saved.checksum, 1)
                add_report(database, trial, snapshot.reports[-1], checkpoint=row)
                return True

            train(recipe, data, until=epochs, on_epoch=record)
            reason = {"failed": "nan_loss", "pruned": "pruned"}.get(state)
            finish_trial(database, launch.trial_id, state, reason=reason, parameters=1)  # type: ignore[arg-type]
    return Study(url, data, folder, cache)


@pytest.fixture
def database(study: Study) -> Iterator[Database]:
    with open_database(study.url) as opened:
        yield opened
