from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from torch import nn

from autotrick.data import Dataset
from autotrick.errors import RecipeError
from autotrick.recipe import DataRef, Recipe
from autotrick.train import Checkpoint, Snapshot, checkpoint, train
from autotrick.train.prepare import Stages, prepare
from autotrick.tricks import Run, assemble
from autotrick.tricks.layers import layers
from autotrick.tricks.shallow_start import ShallowStart, alignment, copy_layer, kind


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("ab", "aabb", [(0, 0), (1, 2)]),
        ("abz", "xaybyz", [(0, 1), (1, 3), (2, 5)]),
        ("xab", "ab", [(1, 0), (2, 1)]),
        ("ab", "cd", []),
        ("", "a", []),
    ],
)
def test_as_many_as_possible_in_order(
    a: Sequence[str], b: Sequence[str], expected: list[tuple[int, int]]
) -> None:
    assert alignment(a, b) == expected


def vgg(*convolutions: int) -> nn.Sequential:
    parts: list[nn.Module] = []
    before = 3
    for channels in convolutions:
        parts += [nn.Conv2d(before, channels, 3), nn.BatchNorm2d(channels), nn.ReLU()]
        before = channels
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(before, 10))


def test_every_layer_of_the_smaller_network_finds_its_place(make_run: Callable[..., Run]) -> None:
    small, deep = vgg(4, 8, 8), vgg(4, 4, 8, 8, 8)
    small[1].running_mean.fill_(7)  # type: ignore[operator]
    run = make_run()
    run.network = lambda *_: small

    ShallowStart(checkpoint="small.pt", checksum="0" * 8).on_model(deep, run)

    ours, theirs = layers(deep), layers(small)
    places = [ours[i] for i in (0, 2, 3, 5)]
    for (_, taken), (_, given) in zip(
        [entry for layer in places for entry in layer],
        [entry for layer in theirs for entry in layer],
        strict=True,
    ):
        state = given.state_dict()
        assert all(torch.equal(tensor, state[key]) for key, tensor in taken.state_dict().items())
    assert run.notes == {"shallow_start.layers": 4}


def test_networks_without_a_common_layer_are_refused(make_run: Callable[..., Run]) -> None:
    run = make_run()
    run.network = lambda *_: vgg(5)

    with pytest.raises(
        RecipeError, match=r"no layer of small\.pt has the same shape as a layer of lenet5"
    ):
        ShallowStart(checkpoint="small.pt").on_model(vgg(6, 7), run)


def test_kinds_tell_shapes_and_types_apart() -> None:
    first, second = layers(vgg(4, 4))[:2]

    assert kind(first) == kind(layers(vgg(4))[0]) != kind(second)
    other = layers(vgg(4))[0]
    copy_layer(other, first)
    assert torch.equal(dict(first)["0"].weight, dict(other)["0"].weight)  # type: ignore[arg-type]


def test_a_trial_starts_from_a_recorded_one(data: Dataset, tmp_path: Path) -> None:
    small = Recipe(
        data=DataRef(name="bright", fingerprint="b" * 16),
        architecture="fastnet",
        architecture_settings={"width": 0.25},
        epochs=1,
        batch_size=8,
        base_lr=0.5,
    )

    saved: list[Checkpoint] = []

    def save(snapshot: Snapshot) -> bool:
        saved.append(snapshot.save(tmp_path))
        return True

    train(small, data, on_epoch=save)
    settings = {"checkpoint": str(saved[-1].path), "checksum": saved[-1].checksum[:12]}
    asked = small.model_copy(update={"tricks": {"shallow_start": settings}, "seed": 5})

    run = prepare(asked, data, Stages(assemble(asked)), torch.device("cpu"))

    trained = checkpoint.load(saved[-1].path)["model"]
    assert all(torch.equal(tensor, trained[k]) for k, tensor in run.model.state_dict().items())
