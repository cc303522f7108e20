"""The public contract tests accept what keeps the contract, and say what does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from autotrick.errors import CodeError
from autotrick.testing import check_architecture, check_trick
from autotrick.tricks import NAMES, TRICKS, Batch, Run, Trick
from autotrick.tricks.base import setting
from autotrick.tricks.mixup import Mixup
from autotrick.tricks.rules import Range


class Small(nn.Module):
    """A linear layer."""

    def __init__(
        self, num_classes: int, in_chans: int = 1, image_size: tuple[int, int] = (8, 8)
    ) -> None:
        super().__init__()
        self.layer = nn.Linear(in_chans * image_size[0] * image_size[1], num_classes)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layer(images.flatten(1))
        return logits


class Peeking(Small):
    """A layer whose output depends on the batch."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images - images.mean())


class Hidden(Small):
    """A layer with state that is not in its weights."""

    steps = 0

    def forward(self, images: Tensor) -> Tensor:
        if self.training:
            self.steps += 1
        return super().forward(images) / (1 + self.steps)


class Forgetful(Hidden):
    """A layer that trains with state that no checkpoint holds, and evaluates without."""

    def forward(self, images: Tensor) -> Tensor:
        logits = super().forward(images)
        return logits if self.training else logits * (1 + self.steps)


class Fixed(Small):
    """A layer whose first weights are not drawn from the seed."""

    def __init__(
        self, num_classes: int, in_chans: int = 1, image_size: tuple[int, int] = (8, 8)
    ) -> None:
        super().__init__(num_classes, in_chans, image_size)
        nn.init.constant_(self.layer.weight, 0.1)
        nn.init.zeros_(self.layer.bias)


@dataclass(frozen=True, kw_only=True)
class Noise(Trick):
    """Add noise to each image."""

    name = "own_noise"
    strength: float = setting(
        0.1, "Standard deviation of the noise.", rule=Range(0, 1), neutral=0.0
    )

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        noise = run.generator(self.name).standard_normal(tuple(batch.images.shape), "float32")
        batch.images = run.to_memory_format(batch.images + self.strength * torch.from_numpy(noise))
        return batch


@dataclass(frozen=True, kw_only=True)
class LoudNoise(Noise):
    """Add noise to each image by torch's own generator."""

    name = "loud_noise"

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        batch.images = batch.images + self.strength * torch.randn_like(batch.images)
        return batch


@dataclass(frozen=True, kw_only=True)
class Counting(Noise):
    """Scale images by a number that no checkpoint holds."""

    name = "counting"

    def on_start(self, run: Run) -> None:
        run.scratch[self.name] = {"seen": 0}

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        seen = run.scratch.setdefault(self.name, {"seen": 0})
        seen["seen"] += 1
        batch.images = batch.images * (1 + 0.1 * (seen["seen"] % 5))
        return batch


@dataclass(frozen=True, kw_only=True)
class NotNeutral(Noise):
    """Declare a neutral value, and act all the same."""

    name = "not_neutral"

    def is_neutral(self) -> bool:
        return False

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        batch.images = batch.images * 1.5
        return batch


@dataclass(frozen=True, kw_only=True)
class Idle(Noise):
    """Do nothing at all."""

    name = "idle"

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        return batch


@pytest.mark.parametrize("trick", [Noise, Mixup])
def test_a_trick_that_keeps_the_contract_passes(trick: type[Trick]) -> None:
    check_trick(trick)

    assert [*TRICKS] == [*NAMES]


@pytest.mark.parametrize(
    ("trick", "said"),
    [
        (
            LoudNoise,
            r"loud_noise: the same run must give the same batch\. Draw from run\.generator",
        ),
        (Counting, r"counting: a training that is interrupted and resumed ends with other weights"),
        (
            NotNeutral,
            r"not_neutral: \{'strength': 0\.0\} is declared neutral, but changes the weights",
        ),
        (Idle, r"idle: with its defaults a training of nine updates is the same as without it"),
    ],
)
def test_a_trick_that_breaks_the_contract_is_told(trick: type[Trick], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check_trick(trick)


def test_what_is_no_trick_is_refused() -> None:
    with pytest.raises(CodeError, match=r"is not a class derived from autotrick\.Trick"):
        check_trick(Small)  # type: ignore[arg-type]


@pytest.mark.parametrize("architecture", [Small, "lenet5", "fastnet"])
def test_a_network_that_keeps_the_contract_passes(architecture: Any) -> None:
    check_architecture(architecture)


@pytest.mark.parametrize(
    ("architecture", "said"),
    [
        (Peeking, r"in evaluation an image's logits must not depend on the other images"),
        (Hidden, r"loaded weights give other logits"),
        (Forgetful, r"a training that is interrupted and resumed ends with other weights"),
        (Fixed, r"another seed must give other first weights"),
    ],
)
def test_a_network_that_breaks_the_contract_is_told(architecture: Any, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        check_architecture(architecture)
