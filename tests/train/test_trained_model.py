"""A checkpoint predicts without its data set, as its trial was evaluated."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autotrick.data import Dataset
from autotrick.errors import DataError, TrainingError
from autotrick.recipe import Recipe, TrialResult
from autotrick.train import Snapshot, checkpoint, predict, train
from autotrick.train.trained_model import TrainedModel, load_checkpoint

TRICKS: dict[str, dict[str, Any]] = {
    "none": {},
    "average": {"ema": {"half_life": 0.05}, "test_time_augmentation": {}},
    "average that needs images": {"swa": {"start": 0.3}},
    "best of averages": {"swa": {"start": 0.3}, "early_stopping": {"patience": 1}},
    "first weights from images": {"whitening": {}},
    "parts of images": {"random_crop": {}},
    "other layers": {"squeeze_excite": {}, "blur_pool": {}, "drop_block": {}},
}

Trained = Callable[..., tuple[Path, TrialResult]]


@pytest.fixture
def trained(make_recipe: Callable[..., Recipe], digits: Dataset, tmp_path: Path) -> Trained:
    def make(**changes: Any) -> tuple[Path, TrialResult]:
        fields = {"architecture_settings": {"width": 0.125}, "epochs": 2} | changes
        saved: list[Path] = []

        def save(snapshot: Snapshot) -> bool:
            saved.append(snapshot.save(tmp_path / "checkpoints").path)
            return True

        result = train(make_recipe(**fields), digits, on_epoch=save)
        return saved[-1], result

    return make


@pytest.mark.parametrize("tricks", TRICKS.values(), ids=TRICKS)
def test_predicts_as_the_trial_was_evaluated(
    tricks: dict[str, Any], trained: Trained, digits: Dataset
) -> None:
    path, result = trained(tricks=tricks)

    model = load_checkpoint(path)

    found = model.probabilities(digits.validation.images)
    expected = predict(path, digits, digits.validation)
    np.testing.assert_array_equal(found, expected.probabilities)
    np.testing.assert_array_equal(model.logits(digits.validation.images), expected.logits)
    assert (found.argmax(1) == digits.validation.labels).mean() == result.metrics["accuracy"]
    assert model.source.digest == result.weights
    assert model.source.epoch == 2


def test_says_what_it_expects_of_images(trained: Trained, digits: Dataset) -> None:
    path, _ = trained()

    model = load_checkpoint(path)

    assert model.classes == digits.classes
    assert (*model.image_size, model.channels) == digits.shape
    np.testing.assert_array_equal(model.mean, digits.mean)
    np.testing.assert_array_equal(model.std, digits.std)
    assert not model.training
    assert not any(p.requires_grad for p in model.parameters())


def test_forward_gives_logits_of_preprocessed_images(trained: Trained, digits: Dataset) -> None:
    path, _ = trained(tricks={"random_crop": {}})
    model = load_checkpoint(path)

    images = model.preprocess(digits.validation.images)
    logits = model(images)

    assert images.shape == (64, 1, 16, 16)
    np.testing.assert_array_equal(logits.double().numpy(), model.logits(digits.validation.images))


def test_is_a_module_like_any(trained: Trained, digits: Dataset, tmp_path: Path) -> None:
    path, _ = trained(tricks={"ema": {}})
    model = load_checkpoint(path)
    images = digits.validation.images[:8]

    copied = copy.deepcopy(model)
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    model.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))

    np.testing.assert_array_equal(copied.logits(images), model.logits(images))
    exported = torch.export.export(model, (model.preprocess(images),)).module()
    torch.testing.assert_close(exported(model.preprocess(images)), model(model.preprocess(images)))


def test_no_images_have_no_predictions(trained: Trained, digits: Dataset) -> None:
    path, _ = trained()

    assert load_checkpoint(path).probabilities(digits.validation.images[:0]).shape == (0, 10)


def test_images_of_one_batch_and_of_several_are_predicted_alike(
    trained: Trained, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = trained()
    model = load_checkpoint(path)
    at_once = model.probabilities(digits.validation.images)

    monkeypatch.setattr("autotrick.train.evaluate.BATCH", 10)

    np.testing.assert_allclose(model.probabilities(digits.validation.images), at_once, atol=1e-6)


def without(path: Path, key: str, **changes: Any) -> Path:
    """Write a checkpoint again without an entry."""
    content = checkpoint.load(path)
    content.pop(key)
    return checkpoint.save(path.parent / "older", len(content["reports"]), content | changes).path


@pytest.mark.parametrize("tricks", ["none", "average that needs images"])
def test_an_older_checkpoint_needs_the_data_set(
    tricks: str, trained: Trained, digits: Dataset
) -> None:
    path, result = trained(tricks=TRICKS[tricks])
    older = without(path, "prediction")

    with pytest.raises(DataError, match=r"written before .* so the data set is needed"):
        load_checkpoint(older)
    model = load_checkpoint(older, find_data=lambda _: digits)

    assert model.source.digest == result.weights
    np.testing.assert_array_equal(
        model.probabilities(digits.validation.images),
        load_checkpoint(path).probabilities(digits.validation.images),
    )


def test_a_data_set_that_is_gone_is_named(trained: Trained, tmp_path: Path) -> None:
    path, _ = trained()

    def gone(recipe: Recipe) -> Dataset:
        raise DataError("there is no folder photos.")

    with pytest.raises(DataError, match=r"the data set is needed: there is no folder photos"):
        load_checkpoint(without(path, "prediction"), find_data=gone)


@pytest.mark.parametrize(
    "prediction",
    [
        {},
        {"classes": ["a"], "shape": [16, 16], "mean": [0.5], "std": [0.5]},
        {"classes": ["a"], "shape": [16, 16, 1], "mean": [0.5], "std": [0.0]},
        {"classes": ["a"], "shape": [16, 16, 3], "mean": [0.5], "std": [0.5]},
    ],
    ids=["empty", "shape", "deviation", "channels"],
)
def test_nonsense_about_images_is_refused(prediction: dict[str, Any], trained: Trained) -> None:
    path, _ = trained()

    with pytest.raises(TrainingError, match=r"says nothing sensible of its images"):
        load_checkpoint(without(path, "prediction", prediction=prediction))


def test_other_weights_than_reported_are_refused(trained: Trained) -> None:
    path, _ = trained()
    weights = checkpoint.load(path)["model"]
    first = next(name for name, tensor in weights.items() if tensor.is_floating_point())
    changed = weights | {first: weights[first] + 1}

    with pytest.raises(TrainingError, match=r"but its last epoch reported"):
        load_checkpoint(without(path, "model", model=changed))


def test_weights_of_another_network_are_refused(trained: Trained, digits: Dataset) -> None:
    path, _ = trained()
    model = load_checkpoint(path)
    wider = model.recipe.model_copy(update={"architecture_settings": {"width": 0.25}})

    with pytest.raises(TrainingError, match=r"are not those of its recipe's fastnet"):
        TrainedModel.of_weights(wider, model.inputs, model.network.state_dict(), epoch=2)


def test_weights_that_a_checkpoint_has_anyway_are_in_it_once(trained: Trained) -> None:
    plain, _ = trained()
    size = plain.stat().st_size
    weights = sum(t.numel() * t.element_size() for t in checkpoint.load(plain)["model"].values())

    averaged, _ = trained(tricks={"ema": {}})

    assert averaged.stat().st_size < size + 1.2 * weights
