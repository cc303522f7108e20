"""Targets for every pixel go through data, batches, mixing and evaluation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autotrick.data import Dataset, Split, load
from autotrick.errors import SpaceError
from autotrick.recipe import DataRef, EpochReport, Recipe
from autotrick.space import SearchSpace
from autotrick.train import evaluate as evaluating
from autotrick.train import train
from autotrick.train.evaluate import score
from autotrick.train.loop import batch_of
from autotrick.train.prepare import Stages, prepare
from autotrick.tricks import Batch, Run, assemble
from tests.tasks.stripes import BRIGHT, OVERLAP, PIXELS, STRIPES, bright

DATA = DataRef(name="stripes", validation=0.25)


@pytest.fixture
def data(tmp_path: Path) -> Dataset:
    return load(DATA, cache_dir=tmp_path)


def recipe(**tricks: dict[str, Any]) -> Recipe:
    return Recipe(
        data=DATA,
        task="stripes",
        architecture="one_layer",
        epochs=3,
        batch_size=12,
        base_lr=20.0,
        tricks=tricks,
    )


def begun(made: Recipe, data: Dataset) -> tuple[Run, Stages]:
    stages = Stages(assemble(made))
    return prepare(made, data, stages, torch.device("cpu")), stages


def first_batch(made: Recipe, data: Dataset) -> tuple[Run, Batch]:
    run, stages = begun(made, data)
    return run, batch_of(run, stages, np.arange(12))


def test_maps_are_cached_as_they_are(data: Dataset) -> None:
    assert (data.task, data.classes) == ("stripes", ("dark", "bright"))
    for split in (data.train, data.validation):
        assert split.labels.dtype == np.uint8
        assert np.array_equal(split.labels, bright(split.images))


def test_maps_move_with_their_images(data: Dataset) -> None:
    run, batch = first_batch(recipe(flip={"probability": 0.5}), data)

    images = run.pixels(batch.images)
    assert not np.array_equal(images, data.train.images[:12])
    assert np.array_equal(batch.labels.numpy(), bright(images))
    assert batch.targets.shape == (12, 2, 6, 8)
    assert torch.equal(batch.targets.argmax(1), batch.labels.long())


def test_what_comes_from_outside_the_image_counts_for_no_class(data: Dataset) -> None:
    _, batch = first_batch(recipe(translate={"distance": 0.5}), data)

    outside = batch.labels == 255
    assert outside.any()
    assert not batch.targets.sum(1)[outside].any()
    assert (batch.targets.sum(1)[~outside] == 1).all()


def test_mixing_blends_maps_as_it_blends_images(data: Dataset) -> None:
    _, plain = first_batch(recipe(), data)
    _, mixed = first_batch(recipe(mixup={"alpha": 1.0}), data)

    assert mixed.mixed is not None
    torch.testing.assert_close(mixed.targets.sum(1), torch.ones(12, 6, 8))
    # The weight that blended the images blended their maps.
    partner = next(i for i in range(12) if not torch.equal(plain.targets[i], mixed.targets[i]))
    weights = np.unique(mixed.targets[partner][plain.targets[partner] == 1].numpy())
    assert len(weights) <= 2
    assert weights.max() == pytest.approx(1.0)


def test_metrics_are_exact_whatever_the_batches(
    data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, stages = begun(recipe(), data)
    weights = torch.tensor([-1.0, 1.0])[:, None, None, None]
    run.model.load_state_dict({"weight": weights, "bias": torch.zeros(2)})
    split = data.validation
    found = []
    for size in (1000, 5):
        monkeypatch.setattr(evaluating, "BATCH", size)
        found.append(score(run, stages, run.model, split))

    level = 255 * float(data.mean[0])  # the network says: brighter than the mean
    said = split.images[..., 0] > level
    right = said == (split.images[..., 0] >= BRIGHT)
    assert found[0][0] == found[1][0]
    assert found[0][1] == pytest.approx(found[1][1], rel=1e-6)
    assert found[0][0][PIXELS.name] == pytest.approx(right.mean())
    overlaps = [
        ((said == wanted) & right).sum() / ((said == wanted) | ~right).sum() for wanted in (0, 1)
    ]
    assert found[0][0][OVERLAP.name] == pytest.approx(np.mean(overlaps))


def test_training_reports_every_metric_the_first_one_first(data: Dataset) -> None:
    found = train(recipe(mixup={"alpha": 1.0}, flip={}), data)

    reports = found.reports
    assert [list(report.metrics) for report in reports] == [["mean_iou", "pixel_accuracy"]] * 3
    assert all(report.value == report.metrics["mean_iou"] for report in reports)
    assert 0 <= reports[-1].extra["mixed_pixel_accuracy"] <= 1
    assert reports[-1].metrics["pixel_accuracy"] > 0.9
    assert EpochReport.model_validate_json(reports[-1].model_dump_json()) == reports[-1]


def test_a_study_may_look_for_the_second_metric() -> None:
    table: dict[str, Any] = {"name": "x", "question": "?", "data": {"name": "stripes"}}
    table["fixed"] = {"architecture": "one_layer", "batch_size": 8, "epochs": 1, "base_lr": 0.1}
    space = SearchSpace.model_validate(table | {"objective": {"objectives": ["pixel_accuracy"]}})

    assert space.objective.metric == PIXELS
    assert SearchSpace.model_validate(table).objective.metric == OVERLAP


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"architecture": "lenet5"}, "gives one answer per image, but stripes needs one per pixel"),
        ({"data": {"name": "digits"}}, "belongs to the task stripes, but the data are for classif"),
    ],
    ids=["a classifier's network", "a classifier's data"],
)
def test_a_network_that_cannot_learn_the_task_is_refused(
    changes: dict[str, Any], said: str
) -> None:
    fixed = {"architecture": "one_layer", "batch_size": 8, "epochs": 1, "base_lr": 0.1}
    fixed |= {key: value for key, value in changes.items() if key in fixed}
    data = changes.get("data", {"name": "stripes"})
    table = {"name": "x", "question": "?", "data": data, "fixed": fixed}

    with pytest.raises(SpaceError, match=said):
        SearchSpace.model_validate(table)


def test_a_trick_that_cannot_move_maps_is_refused() -> None:
    table = {"name": "x", "question": "?", "data": {"name": "stripes"}, "tricks": {"augmix": {}}}
    table["fixed"] = {"architecture": "one_layer", "batch_size": 8, "epochs": 1, "base_lr": 0.1}

    with pytest.raises(SpaceError, match="cannot move the target maps of stripes"):
        SearchSpace.model_validate(table)


def test_maps_of_another_size_than_the_images_are_refused() -> None:
    fault = STRIPES.fault(np.zeros((3, 5, 5), np.uint8), (6, 8), 2)

    assert fault == "must be maps of (6, 8), but are of (5, 5)"


def test_a_split_counts_its_targets(data: Dataset) -> None:
    assert len(Split(data.train.images[:7], data.train.labels[:7])) == 7
