"""Which networks become programs, and what is said of those that do not."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from autotrick.data import Dataset, Split
from autotrick.export import export_model, files
from autotrick.export.checking import compare, outputs, pictures_of
from autotrick.export.programs import Network, write_program
from autotrick.recipe import DataRef, Recipe
from autotrick.train.model_inputs import ModelInputs
from autotrick.train.prepare import Stages, prepare
from autotrick.train.trained_model import TrainedModel
from autotrick.tricks import assemble

SIDE = 32
NETWORKS: dict[str, dict[str, Any]] = {
    "fastnet": {
        "architecture": "fastnet",
        "architecture_settings": {"width": 0.25},
        "tricks": {"whitening": {}, "drop_block": {}, "squeeze_excite": {}, "logit_scale": {}},
    },
    "resnet20": {
        "architecture": "resnet20",
        "tricks": {
            "weight_standardisation": {},
            "group_norm": {},
            "stochastic_depth": {},
            "per_image_standardisation": {},
        },
    },
    "parts of images, in bfloat16": {
        "architecture": "fastnet",
        "architecture_settings": {"width": 0.25},
        "precision": "bf16",
        "tricks": {"random_crop": {}, "ghost_batch_norm": {}, "blur_pool": {}},
    },
    "shake_shake": {"architecture": "shake_shake", "architecture_settings": {"base_channels": 16}},
    "pyramidnet": {
        "architecture": "pyramidnet",
        "architecture_settings": {"depth": 29, "widening": 24},
    },
    "torchvision": {"architecture": "torchvision/mobilenet_v3_small"},
    "timm": {"architecture": "timm/resnet10t", "tricks": {"dropout": {}}},
}


def data_of(side: int) -> Dataset:
    rng = np.random.default_rng(0)

    def split(count: int) -> Split:
        images = rng.integers(0, 256, (count, side, side, 3), np.uint8)
        return Split(images, rng.integers(0, 10, count))

    mean, std = np.array([[0.4, 0.5, 0.6], [0.2, 0.25, 0.3]], np.float32)
    return Dataset("cifar10", "", tuple("abcdefghij"), split(32), split(20), None, mean, std)


def model_of(changes: dict[str, Any], data: Dataset) -> TrainedModel:
    """Return an untrained network with running statistics that are not those of an empty one."""
    settings: dict[str, Any] = {
        "data": DataRef(name="cifar10"),
        "epochs": 2,
        "batch_size": 16,
        "base_lr": 0.1,
    }
    recipe = Recipe(**settings | changes)
    run = prepare(recipe, data, Stages(assemble(recipe)), torch.device("cpu"))
    for module in run.model.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None and module.running_var is not None
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 2)
    inputs = ModelInputs.of(data, run.mean, run.std)
    return TrainedModel.of_weights(recipe, inputs, run.model.state_dict(), epoch=2)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_network_becomes_both_programs(name: str, tmp_path: Path) -> None:
    data = data_of(SIDE)

    found = export_model(
        model_of(NETWORKS[name], data), tmp_path / "model", validation=data.validation
    )

    wanted = {files.PROGRAM}
    if all(find_spec(package) for package in ("onnx", "onnxscript", "onnxruntime")):
        wanted.add(files.ONNX)
        assert not found.missing
    for file in wanted:
        check = found.files[file]["check"]
        assert check["same_top1"] == check["images"] == 20
        assert check["largest_difference"] <= 1e-4 * max(1e-2, check["largest_logit"])


class Branching(nn.Module):
    """A network whose code depends on the values of the images."""

    def __init__(self, *, traceable: bool) -> None:
        super().__init__()
        self.head = nn.Linear(3 * 8 * 8, 4)
        self.traceable = traceable

    def forward(self, images: torch.Tensor) -> Any:
        if float(images.sum()) > 1e9:
            images = -images
        logits = self.head(images.flatten(1))
        return logits if self.traceable else Opaque(logits)


class Opaque:
    """A result that is not a tensor."""

    def __init__(self, logits: torch.Tensor) -> None:
        self.logits = logits

    def float(self) -> "Opaque":
        return self


@pytest.mark.slow
def test_torchscript_takes_over_and_the_reason_is_told(tmp_path: Path) -> None:
    network = Network(Branching(traceable=True), lambda images: images).eval()

    program = write_program(network, (3, 8, 8), tmp_path)

    assert not isinstance(program, str)
    assert (program.file, program.kind) == (files.TORCHSCRIPT, "TorchScript")
    assert program.note.startswith("torch.export cannot record the network (")
    assert program.run is not None
    images = torch.randn(5, 3, 8, 8)
    assert torch.equal(program.run(images), network(images))


@pytest.mark.slow
def test_a_network_that_cannot_be_recorded_is_told_by_both_reasons(tmp_path: Path) -> None:
    network = Network(Branching(traceable=False), lambda images: images).eval()

    why = write_program(network, (3, 8, 8), tmp_path)

    assert isinstance(why, str)
    assert "torch.export cannot record the network" in why and "neither can TorchScript" in why


@pytest.mark.parametrize(
    ("change", "same", "agrees"),
    [
        (0.0, 4, True),
        (1e-5, 4, True),
        (0.1, 4, False),
        (float("nan"), None, False),
        (float("inf"), None, False),
    ],
)
def test_difference_of_logits(change: float, same: int | None, agrees: bool) -> None:
    expected = torch.eye(4) * 3
    found = expected.clone()
    found[0, 0] += change

    check = compare(expected, found)

    assert check.agrees is agrees
    assert check.images == 4
    assert same is None or check.same_top1 == same
    assert change != change or check.largest_difference == pytest.approx(change, rel=1e-2)


def test_other_shapes_do_not_agree() -> None:
    assert not compare(torch.zeros(4, 3), torch.zeros(4, 2)).agrees


def test_images_are_spread_over_the_split() -> None:
    images = np.arange(5000, dtype=np.uint16).astype(np.uint8).reshape(-1, 1, 1, 1)
    labels = np.arange(5000)

    found = pictures_of(Split(images, labels), (1, 1, 1))

    assert found.labels is not None and len(found.labels) == 1000
    assert found.labels[[0, -1]].tolist() == [0, 4999]
    assert len(pictures_of(None, (1, 1, 1)).images) == 64
    seen = outputs(lambda x: x, lambda batch: torch.from_numpy(batch).float(), found)
    assert len(seen) == 1000
