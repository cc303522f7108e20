"""What a machine can train is measured on networks as the space will have them."""

from dataclasses import replace
from pathlib import Path

import pytest

from autotrick.begin.machine import Machine, at_hand
from autotrick.begin.proposal import begin
from tests.begin.test_proposal import PHOTOS, TINY


def test_an_epoch_of_larger_images_takes_longer() -> None:
    machine = Machine(PHOTOS, gpu=False, slots=1, pretrained=())
    start = begin(PHOTOS, gpu=False)

    small = machine.epoch_seconds(replace(start, image_size=32))
    large = machine.epoch_seconds(replace(start, image_size=128))

    assert 0 < small < large


def test_grey_images_of_their_own_size_can_be_measured() -> None:
    grey = replace(TINY, channels=1)

    assert (
        Machine(grey, gpu=False, slots=1, pretrained=()).epoch_seconds(begin(grey, gpu=False)) > 0
    )


def test_weights_are_at_hand_once_their_file_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    assert "torchvision/resnet18" not in at_hand()

    (tmp_path / "hub/checkpoints").mkdir(parents=True)
    (tmp_path / "hub/checkpoints/resnet18-f37072fd.pth").write_bytes(b"x")

    assert "torchvision/resnet18" in at_hand()
