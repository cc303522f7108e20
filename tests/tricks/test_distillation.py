import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from autotrick.data import Dataset
from autotrick.errors import RecipeError, TrickError
from autotrick.recipe import DataRef, Fidelity, Recipe, Settings
from autotrick.train import Snapshot, train
from autotrick.train.checkpoint import Checkpoint
from autotrick.tricks import Batch, Run
from autotrick.tricks.distillation import Distillation, divergence


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


@pytest.mark.parametrize("temperature", [1.0, 4.0, 20.0])
def test_divergence_equals_numpy(temperature: float) -> None:
    student, teacher = np.random.default_rng(0).normal(size=(2, 6, 5))

    found = divergence(torch.from_numpy(student), torch.from_numpy(teacher), temperature)

    p, q = softmax(teacher / temperature), softmax(student / temperature)
    expected = temperature**2 * (p * np.log(p / q)).sum(1).mean()
    assert found.item() == pytest.approx(expected)


def test_gradient_is_that_of_soft_cross_entropy() -> None:
    student = torch.randn(6, 5, requires_grad=True, generator=torch.Generator().manual_seed(0))
    teacher = torch.randn(6, 5, generator=torch.Generator().manual_seed(1))

    torch.autograd.backward(divergence(student, teacher, 3.0))

    expected = 3.0 * ((student / 3).softmax(1) - (teacher / 3).softmax(1)) / 6
    torch.testing.assert_close(student.grad, expected.detach())


def recipe(tricks: dict[str, Settings], **changes: object) -> Recipe:
    plain = Recipe(
        data=DataRef(name="bright", fingerprint="b" * 16),
        architecture="fastnet",
        architecture_settings={"width": 0.25},
        epochs=2,
        batch_size=8,
        base_lr=0.5,
        tricks=tricks,
    )
    return plain.model_copy(update=changes)


def taught_by(asked: Recipe, data: Dataset, folder: Path) -> Checkpoint:
    saved: list[Checkpoint] = []

    def save(snapshot: Snapshot) -> bool:
        saved.append(snapshot.save(folder))
        return True

    train(asked, data, on_epoch=save)
    return saved[-1]


def test_a_checkpoint_of_another_architecture_teaches(data: Dataset, tmp_path: Path) -> None:
    teacher = taught_by(
        recipe({"ema": {}, "group_norm": {}}, architecture_settings={"width": 0.5}), data, tmp_path
    )
    named: Settings = {"teacher": str(teacher.path), "checksum": teacher.checksum[:16]}

    taught = train(recipe({"distillation": named}), data)
    again = train(recipe({"distillation": named}), data)
    alone = train(recipe({}), data)

    assert taught.weights == again.weights != alone.weights
    assert taught.parameters == alone.parameters


def test_a_teacher_that_takes_no_small_images_is_refused(data: Dataset, tmp_path: Path) -> None:
    teacher = taught_by(recipe({}, architecture="lenet5", architecture_settings={}), data, tmp_path)
    named: Settings = {"teacher": str(teacher.path), "checksum": teacher.checksum}
    small = Fidelity(of="image_size", rungs=((1, 0.25),))

    with pytest.raises(RecipeError, match="distillation: the teacher cannot take images of 8x8"):
        train(recipe({"distillation": named}, fidelity=small), data)


@pytest.mark.parametrize("checksum", ["", "0123456789abcdef"])
def test_the_checksum_is_part_of_the_recipe(data: Dataset, tmp_path: Path, checksum: str) -> None:
    teacher = taught_by(recipe({}), data, tmp_path)
    named: Settings = {"teacher": str(teacher.path), "checksum": checksum}

    with pytest.raises(RecipeError, match=rf"is {teacher.checksum[:16]}, but .* is given"):
        train(recipe({"distillation": named}), data)


def test_a_teacher_of_other_data_is_refused(data: Dataset, tmp_path: Path) -> None:
    teacher = taught_by(recipe({}), data, tmp_path)
    named: Settings = {"teacher": str(teacher.path), "checksum": teacher.checksum}
    other = dataclasses.replace(data, fingerprint="c" * 16)
    asked = recipe({"distillation": named}, data=DataRef(name="bright", fingerprint="c" * 16))

    with pytest.raises(RecipeError, match=r"was trained on data bbbbbbbb"):
        train(asked, other)


def test_teacher_is_in_evaluation_mode_and_gets_no_gradient(
    make_run: Callable[..., Run], make_batch: Callable[..., Batch]
) -> None:
    run, batch = make_run(), make_batch()
    teacher = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 10), torch.nn.Dropout())
    run.network = lambda *_: teacher.eval()
    trick = Distillation(teacher="file", checksum="0" * 8, weight=1.0)
    trick.on_start(run)
    logits = torch.zeros(4, 10, requires_grad=True)

    loss = trick.on_loss(torch.ones(()), logits, batch, run)
    torch.autograd.backward(loss)

    torch.testing.assert_close(loss, divergence(logits, teacher(batch.images), 4.0))
    assert all(p.grad is None for p in teacher.parameters())


def test_the_first_epoch_teaches_the_second(data: Dataset) -> None:
    alone, taught = train(recipe({}), data), train(recipe({"distillation": {}}), data)

    assert taught.reports[0].weights == alone.reports[0].weights
    assert taught.reports[1].weights != alone.reports[1].weights


@pytest.mark.parametrize("checksum", ["abc", "zzzzzzzzzz"])
def test_a_checksum_that_is_none_is_refused(checksum: str) -> None:
    with pytest.raises(
        TrickError, match=r"distillation: `checksum is empty or has 8 to 64 hex digits` must hold"
    ):
        Distillation(checksum=checksum)
