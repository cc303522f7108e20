"""Recipes whose first epochs see a part of the images, or smaller ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from autotrick.data import Dataset
from autotrick.errors import RecipeError, TrainingError
from autotrick.recipe import DataRef, Fidelity, Recipe
from autotrick.space import SearchSpace, load
from autotrick.train import Snapshot, measure_speed, train
from autotrick.train.cost import try_smallest
from autotrick.train.prepare import Stages, order, prepare
from autotrick.tricks import Run, assemble

RUNGS = ((1, 0.25), (2, 0.5))
KINDS = ("data", "image_size")


def recipe(of: Any = None, rungs: Any = RUNGS, **fields: Any) -> Recipe:
    plain: dict[str, Any] = {
        "data": DataRef(name="digits"),
        "architecture": "fastnet",
        "architecture_settings": {"width": 0.25},
        "batch_size": 16,
        "base_lr": 0.4,
        "epochs": 4,
        "tricks": {"mixup": {"alpha": 0.2}, "cosine_decay": {}, "ema": {"half_life": 0.05}},
    }
    fidelity = Fidelity(of=of, rungs=rungs) if of else None
    return Recipe(**plain | fields, fidelity=fidelity)


def begun(of: Recipe, data: Dataset) -> tuple[Run, Stages]:
    stages = Stages(assemble(of))
    return prepare(of, data, stages, torch.device("cpu")), stages


def seen(run: Run, stages: Stages) -> list[set[int]]:
    found, epochs = [], run.recipe.epochs
    for run.epoch in range(epochs):
        found.append(set((order(run, stages) % len(run.labels)).tolist()))
    return found


def weights(result: Any) -> list[str]:
    return [report.weights for report in result.reports]


def test_recipe_without_it_is_written_and_named_as_before() -> None:
    assert "fidelity" not in recipe().model_dump(mode="json")
    assert recipe().digest() == "ba3744750d181fd0"
    assert Recipe.model_validate_json(recipe("data").model_dump_json()) == recipe("data")
    assert len({recipe().digest(), *(recipe(of).digest() for of in KINDS)}) == 3


@pytest.mark.parametrize(
    "rungs",
    [
        (),
        ((0, 0.5),),
        ((4, 0.5),),
        ((2, 0.25), (1, 0.5)),
        ((1, 0.5), (2, 0.25)),
        ((1, 0.0),),
        ((1, 1.0),),
    ],
)
def test_rungs_that_cannot_be_are_refused(rungs: Any) -> None:
    with pytest.raises(ValidationError):
        recipe("data", rungs)


def test_later_epochs_see_what_earlier_ones_saw(digits: Dataset) -> None:
    run, stages = begun(recipe("data"), digits)

    found = seen(run, stages)

    assert [len(rows) for rows in found] == [32, 64, 128, 128]
    assert found[0] < found[1] < found[2]
    classes = np.bincount(digits.train.labels[sorted(found[0])], minlength=10)
    assert np.abs(classes - np.bincount(digits.train.labels) / 4).max() < 1
    assert run.starts == (0, 2, 6, 14, 22)


def test_epoch_has_a_full_batch(digits: Dataset) -> None:
    run, stages = begun(recipe("data", ((1, 0.01),)), digits)

    assert len(order(run, stages)) == 16


def test_order_of_what_is_whole_is_as_ever(digits: Dataset) -> None:
    (less, stages), (whole, _) = begun(recipe("data"), digits), begun(recipe(), digits)
    less.epoch = whole.epoch = 3

    assert order(less, stages).tolist() == order(whole, stages).tolist()


def test_images_grow_and_never_shrink_below_eight_pixels(digits: Dataset) -> None:
    run, _ = begun(recipe("image_size", ((1, 0.01), (2, 0.5))), digits)
    images = torch.rand(2, 1, 16, 16)
    found = []
    for run.epoch in range(4):
        found.append((*run.seen_size(), *run.resized(images).shape[2:]))

    assert found == [(8, 8, 8, 8), (12, 12, 12, 12), (16, 16, 16, 16), (16, 16, 16, 16)]
    run.epoch = 1
    assert run.resized(images[:, :, :8, :8]).shape[2:] == (8, 8)


def test_reports_say_what_an_epoch_saw(digits: Dataset) -> None:
    data, sizes = (train(recipe(of), digits).reports for of in KINDS)

    assert [report.extra["data_share"] for report in data] == [0.25, 0.5, 1, 1]
    assert [report.extra["image_side"] for report in sizes] == [8, 12, 16, 16]


@pytest.mark.parametrize("of", KINDS)
def test_epoch_is_evaluated_as_it_was_trained_on_all_that_is_there_to_validate(
    digits: Dataset, of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[tuple[int, int]] = []
    plain = Run.resized

    def watched(run: Run, images: torch.Tensor) -> torch.Tensor:
        found = plain(run, images)
        if not run.model.training:
            met.append((len(found), found.shape[2]))
        return found

    monkeypatch.setattr(Run, "resized", watched)
    train(recipe(of, tricks={}), digits)

    sides = [8, 12, 16, 16] if of == "image_size" else [16] * 4
    assert met == [(len(digits.validation), side) for side in sides]


@pytest.mark.parametrize("of", KINDS)
@pytest.mark.parametrize("until", [1, 2, 3])
def test_interrupted_training_ends_as_an_uninterrupted_one(
    digits: Dataset, tmp_path: Path, of: str, until: int
) -> None:
    paths = []

    def save(snapshot: Snapshot) -> bool:
        paths.append(snapshot.save(tmp_path).path)
        return True

    train(recipe(of), digits, on_epoch=save, until=until)
    resumed, whole = train(recipe(of), digits, resume_from=paths[-1]), train(recipe(of), digits)

    assert weights(resumed) == weights(whole)
    assert whole.reports[-1].lr == resumed.reports[-1].lr
    assert weights(whole)[0] != weights(train(recipe(), digits, until=1))[0]


@pytest.mark.parametrize("of", KINDS)
def test_cost_is_known_before(digits: Dataset, of: str) -> None:
    updates = measure_speed(recipe(of), digits)[2]

    expected = 2 + 4 + 8 + 8 if of == "data" else 8 * (0.25 + 0.5625 + 1 + 1)
    assert updates == pytest.approx(expected)


@pytest.mark.parametrize(
    "tricks",
    [
        {"curriculum": {"start": 0.1}},
        {"class_balance": {}},
        {"repeated_augmentation": {"copies": 3}},
        {"subset": {"fraction": 0.5}},
        {"batch_ramp": {}},
        {"swa": {"start": 0.25}},
        {"progressive_resizing": {}},
    ],
)
@pytest.mark.parametrize("of", KINDS)
def test_it_goes_with_tricks_that_choose_images_too(
    digits: Dataset, of: str, tricks: dict[str, Any]
) -> None:
    found = [train(recipe(of, tricks=tricks), digits) for _ in range(2)]

    assert weights(found[0]) == weights(found[1])
    assert found[0].reports[-1].epoch == 4


def test_epoch_without_an_image_says_so(digits: Dataset) -> None:
    few = recipe("data", ((1, 0.001),), batch_size=1, tricks={"subset": {"fraction": 0.1}}, seed=1)

    with pytest.raises(TrainingError, match=r"no image is left in epoch 1: .*Raise pruning\.first"):
        train(few, digits)


def test_network_that_takes_no_small_images_is_refused(
    digits: Dataset, space_of: Callable[..., SearchSpace]
) -> None:
    sentence = r"pruning\.fidelity: lenet5 cannot take images of 8x8 pixels\. .* set it to 'data'\."

    with pytest.raises(RecipeError, match=sentence):
        train(recipe("image_size", architecture="lenet5", architecture_settings={}), digits)
    with pytest.raises(RecipeError, match=sentence):
        try_smallest(space_of("lenet5"), digits)
    try_smallest(space_of("fastnet"), digits)


@pytest.fixture
def space_of(tmp_path: Path) -> Callable[..., SearchSpace]:
    def read(architecture: str) -> SearchSpace:
        path = tmp_path / "small.toml"
        path.write_text(f"""
question = "Do small images do?"
data = {{ name = "digits", image_size = 16 }}
fixed = {{ architecture = "{architecture}", epochs = 4, batch_size = 16 }}
search = {{ base_lr = {{ low = 0.1, high = 1.0 }} }}
pruning = {{ method = "asha", factor = 2, fidelity = "image_size" }}
""")
        return load(path)

    return read
