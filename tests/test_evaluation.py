"""One checkpoint has one accuracy: in the search, reproduced, in an ensemble, and predicted by itself."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

import autotrick
from autotrick import records
from autotrick.aspect_ratio import accuracy_by_aspect
from autotrick.data import Dataset, Split, load
from autotrick.ensemble import ensemble
from autotrick.recipe import DataRef, EpochReport, Fidelity, Leg, Recipe, Settings
from autotrick.records import CheckpointRow, Database, StudyPlan, TrialRow
from autotrick.reproduce import reproduce
from autotrick.space import load as load_space
from autotrick.train import Snapshot, checkpoint, predict, train
from autotrick.train.measure import CORRUPTIONS, SEVERITIES, corrupted
from autotrick.train.prepare import Stages, network, prepare
from autotrick.trained import checkpoint_of
from autotrick.tricks import TRICKS, Trick, conflict
from autotrick.tune import Resources

DATA = DataRef(name="digits", image_size=12, validation=0.85)

EVALUATION = frozenset(
    {"input_size", "on_model", "model_for_evaluation", "on_predict", "rewrite_report"}
)
"""Stages at which a trick changes what is evaluated, or how."""

TRAINING = frozenset(
    {"on_groups", "base_decay", "make_optimizer", "on_start", "on_order", "warmup_updates"}
    | {
        "accumulate",
        "schedule",
        "rate",
        "momentum_at",
        "order_image_tricks",
        "on_images",
        "on_tensor",
    }
    | {"on_batch", "on_target", "on_loss", "on_gradient", "after_step", "on_report", "should_stop"}
)
"""Stages that decide which weights are evaluated, and no more."""

FILES = {"pretrained_start", "shallow_start"}
"""Tricks that do nothing without a file, which decides initial weights alone."""


def overridden(kind: type[Trick]) -> set[str]:
    return {name for name in EVALUATION if getattr(kind, name) is not getattr(Trick, name)}


TOUCHING = [
    name
    for name, kind in TRICKS.items()
    if (overridden(kind) or kind.reshapes) and name not in FILES
]

TOGETHER = ("random_crop", "per_image_standardisation", "test_time_augmentation", "swa", "ema")
"""Tricks of which each pair is tried too."""


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in TOUCHING:
        needed: dict[str, Settings] = {other: {} for other in TRICKS[name].needs}
        yield name, {"tricks": needed | {name: {}}}
    for i, one in enumerate(TOGETHER):
        for other in TOGETHER[i + 1 :]:
            if not conflict([TRICKS[one], TRICKS[other]]):
                yield f"{one}+{other}", {"tricks": {one: {}, other: {}}}
    small = Fidelity(of="image_size", rungs=((2, 0.5),))
    yield "smaller images", {"fidelity": small, "epochs": 3}
    yield "parts of smaller images", {"fidelity": small, "epochs": 3, "tricks": {"random_crop": {}}}
    stopping: dict[str, Settings] = {"random_crop": {}, "early_stopping": {"patience": 1}}
    yield "best weights of parts", {"tricks": stopping, "epochs": 3}
    later = Leg(after=2, tricks={"test_time_augmentation": {"views": "none"}})
    yield (
        "a leg that begins later",
        {"tricks": {"test_time_augmentation": {}}, "course": (later,), "epochs": 3},
    )


CASES = dict(cases())


def recipe_of(data: Dataset, changes: dict[str, Any]) -> Recipe:
    fields: dict[str, Any] = {
        "data": data.resolve(DATA),
        "architecture": "fastnet",
        "architecture_settings": {"width": 0.125},
        "epochs": 2,
        "batch_size": 16,
        "base_lr": 2.0,
    }
    return Recipe(**fields | changes)


@dataclass
class Recorded:
    """A study with a trial of two epochs for each case, their checkpoints, and its data."""

    database: Database
    data: Dataset
    numbers: dict[str, int]

    def row(self, case: str) -> TrialRow:
        return records.trial(self.database, "study", self.numbers[case])

    def report(self, case: str) -> EpochReport:
        number = self.numbers[case]
        return records.reports(self.database, "study", numbers=[number])[number][-1]

    def path(self, case: str) -> Path:
        found = checkpoint_of(self.database, self.row(case))
        assert found
        return found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """What a worker does for every case: train, save, report."""
    folder = tmp_path_factory.mktemp("study")
    data = load(DATA, cache_dir=folder / "cache")
    with records.open_database(f"sqlite:///{folder}/autotrick.db") as database:
        budget = {"trials": len(CASES), "resources": {"cache": str(folder / "cache")}}
        study = records.create_study(
            database, StudyPlan("study", "?", {}, "0" * 16, 0, budget, "accuracy")
        )
        numbers = {}
        for case, changes in CASES.items():
            recipe = recipe_of(data, changes)
            numbers[case] = put(database, study.id, recipe, data, folder / case, until=2)
        yield Recorded(database, data, numbers)


def put(
    database: Database, study: int, recipe: Recipe, data: Dataset, folder: Path, *, until: int
) -> int:
    """Train a recipe and record it with its checkpoints; return the trial's number."""
    launch = records.add_trial(database, study, recipe, origin="test")

    def record(snapshot: Snapshot) -> bool:
        saved = snapshot.save(folder)
        row = CheckpointRow(launch.trial_id, saved.epoch, str(saved.path), saved.checksum, 1)
        records.add_report(database, launch.trial_id, snapshot.reports[-1], checkpoint=row)
        return True

    train(recipe, data, until=until, on_epoch=record)
    records.finish_trial(database, launch.trial_id, "complete", parameters=1)
    return launch.number


def loss_of(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())


def test_every_stage_is_known_to_change_evaluation_or_not() -> None:
    stages = {
        name
        for name, member in inspect.getmembers(Trick, inspect.isfunction)
        if not name.startswith("_") and name not in ("values", "transformations", "is_neutral")
    }

    assert stages == EVALUATION | TRAINING


def test_tricks_that_touch_evaluation_are_found_by_their_stages() -> None:
    assert {"random_crop", "progressive_resizing", "test_time_augmentation", "ema", "swa"} <= {
        *TOUCHING
    }
    assert {"whitening", "jsd_consistency", "early_stopping", "dual_cutout"} <= {*TOUCHING}
    assert not {"mixup", "flip", "cosine_decay", "adam"} & {*TOUCHING}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_checkpoint_predicts_as_its_trial_was_evaluated(recorded: Recorded, case: str) -> None:
    found = predict(recorded.path(case), recorded.data, recorded.data.validation)

    report, labels = recorded.report(case), recorded.data.validation.labels
    assert (found.probabilities.argmax(1) == labels).mean() == report.accuracy
    assert loss_of(found.probabilities, labels) == pytest.approx(report.loss, rel=1e-5)


@pytest.mark.slow
def test_an_ensemble_has_the_accuracies_of_its_trials(recorded: Recorded) -> None:
    found = ensemble(recorded.database, "study", top=len(CASES))

    values = {recorded.numbers[case]: recorded.row(case).value for case in CASES}
    assert {member.trial: member.accuracy for member in found.members} == values


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_repetition_has_the_accuracy_of_its_trial(recorded: Recorded, case: str) -> None:
    found = reproduce(recorded.database, "study", recorded.numbers[case])

    assert found.identical
    assert found.value == found.recorded_value == recorded.row(case).value
    assert not [sentence for sentence in found.differences if "weights" in sentence]


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", ["random_crop", "test_time_augmentation", "random_crop+swa", "random_crop+ema"]
)
def test_robustness_is_of_the_same_network(recorded: Recorded, case: str) -> None:
    data = recorded.data
    few = Split(data.validation.images[:100], data.validation.labels[:100])
    measured = train(
        recorded.row(case).recipe,
        replace(data, validation=few),
        measures=["robustness"],
    ).measures["robustness"]

    each = [
        predict(recorded.path(case), data, Split(corrupted(few.images, name, severity), few.labels))
        for name in CORRUPTIONS
        for severity in SEVERITIES
    ]
    accuracies = [(found.probabilities.argmax(1) == few.labels).mean() for found in each]
    assert measured == pytest.approx(np.mean(accuracies))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["random_crop", "test_time_augmentation"])
def test_accuracies_by_aspect_add_up_to_the_trial(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for i in range(60):
        label, shape = i % 3, [(20, 20), (20, 30), (20, 48)][i % 2]
        pixels = rng.integers(0, 120, (*shape, 3)) + 40 * label
        folder = tmp_path / "images" / ("val" if i < 30 else "train") / "abc"[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{i}.png")
    reference = DataRef(name="folder:images", image_size=16, validation=None)
    data = load(reference, data_dir=tmp_path, cache_dir=tmp_path / "cache")
    places = {"data_dir": str(tmp_path), "cache": str(tmp_path / "cache")}
    asked = recipe_of(data, {"tricks": {name: {}}, "epochs": 3, "batch_size": 8}).model_copy(
        update={"data": data.resolve(reference)}
    )
    with records.open_database(f"sqlite:///{tmp_path}/a.db") as database:
        plan = StudyPlan("study", "?", {}, "0" * 16, 0, {"trials": 1, "resources": places})
        study = records.create_study(database, plan)
        number = put(database, study.id, asked, data, tmp_path / "files", until=3)

        strata = accuracy_by_aspect(database, "study", number)
        value = records.trial(database, "study", number).value

    right = sum(stratum.images * (stratum.accuracy or 0) for stratum in strata)
    assert right / len(data.validation) == pytest.approx(value)


@pytest.mark.slow
def test_a_teacher_shows_its_students_what_it_predicts(recorded: Recorded) -> None:
    case, data = "random_crop+per_image_standardisation", recorded.data
    path = recorded.path(case)
    run = prepare(recipe_of(data, {}), data, Stages([]), torch.device("cpu"))

    teacher = network(path, checkpoint.checksum(path), run)

    with torch.inference_mode():
        logits = teacher(run.normalised(data.validation.images))
    probabilities = predict(path, data, data.validation).probabilities
    np.testing.assert_allclose(logits.double().softmax(1).numpy(), probabilities, atol=1e-5)


SPACE = """
question = "Do all ways to evaluate agree?"

[data]
name = "digits"
image_size = 16
validation = 0.8

[fixed]
architecture = "fastnet"
epochs = 2
batch_size = 16

[architectures.fastnet]
width = 0.25

[search]
base_lr = [2.0]

[tricks.random_crop]
always = true

[tricks.swa]
always = true

[tricks.per_image_standardisation]

[tricks.test_time_augmentation]

[pruning]
method = "none"

[study]
sampler = "grid"
"""


@pytest.mark.slow
@pytest.mark.ray
def test_a_search_has_the_accuracies_of_its_checkpoints(tmp_path: Path) -> None:
    (tmp_path / "space.toml").write_text(SPACE)
    places = Resources(storage=tmp_path / "files", cache=tmp_path / "cache", concurrency=1)
    with records.open_database(f"sqlite:///{tmp_path}/a.db") as database:
        autotrick.search(load_space(tmp_path / "space.toml"), database, resources=places)

        rows = records.trials(database, "space")
        found = ensemble(database, "space", top=4)
        again = [reproduce(database, "space", row.number) for row in rows]

    tried = {frozenset(row.recipe.tricks) - {"random_crop", "swa"} for row in rows}
    assert len(tried) == 4
    values = {row.number: row.value for row in rows}
    assert {member.trial: member.accuracy for member in found.members} == values
    assert {one.trial: one.value for one in again} == values
    assert all(one.identical for one in again)


Changed = Callable[[EpochReport], dict[str, Any]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "changed", "sentence"),
    [
        pytest.param(
            "random_crop",
            lambda report: {"accuracy": report.accuracy / 2},
            "equal weights have another accuracy or loss from epoch 1 on: random_crop is evaluated "
            "on the middle of the images in this version",
            id="mended",
        ),
        pytest.param(
            "random_crop",
            lambda report: {"loss": report.loss + 0.1},
            "random_crop is evaluated on the middle",
            id="loss alone",
        ),
        pytest.param(
            "random_crop+swa",
            lambda _: {"weights": "0123456789abcdef", "accuracy": 0.1},
            "swa takes its statistics from what is evaluated, and random_crop",
            id="statistics of an average",
        ),
        pytest.param(
            "test_time_augmentation",
            lambda report: {"accuracy": report.accuracy / 2},
            "this version evaluates otherwise than the one that recorded it",
            id="unknown",
        ),
    ],
)
def test_what_was_evaluated_otherwise_is_explained(
    recorded: Recorded, tmp_path: Path, case: str, changed: Changed, sentence: str
) -> None:
    reports = records.reports(recorded.database, "study", numbers=[recorded.numbers[case]])
    budget = records.study(recorded.database, "study").budget
    with records.open_database(f"sqlite:///{tmp_path}/a.db") as database:
        study = records.create_study(database, StudyPlan("study", "?", {}, "0" * 16, 0, budget))
        launch = records.add_trial(database, study.id, recorded.row(case).recipe, origin="test")
        for report in reports[recorded.numbers[case]]:
            records.add_report(database, launch.trial_id, report.model_copy(update=changed(report)))
        records.finish_trial(database, launch.trial_id, "complete")

        found = reproduce(database, "study", launch.number)

    assert found.explained
    assert sentence in found.differences[-1]
