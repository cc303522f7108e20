"""A folder with a space and code of the user's own; what is imported is forgotten after each test."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autotrick.data import own as own_data
from autotrick.models import own as own_models
from autotrick.own_code import references, registry
from autotrick.tricks import own as own_tricks

NETS = '''"""A network of the user's own."""

from torch import nn

from layers import block


class Net(nn.Module):
    """A convolution and a linear layer."""

    def __init__(self, num_classes, in_chans=1, width=4, norm=True, act=nn.ReLU):
        super().__init__()
        self.body = block(in_chans, width, norm, act)
        self.head = nn.Linear(width, num_classes)

    def forward(self, images):
        return self.head(self.body(images).mean((2, 3)))
'''
LAYERS = """from torch import nn


def block(before, after, norm, act):
    last = nn.BatchNorm2d(after) if norm else nn.Identity()
    return nn.Sequential(nn.Conv2d(before, after, 3, padding=1), last, act())
"""
TRICKS = '''from __future__ import annotations

from dataclasses import dataclass

import torch

from autotrick.domain import Float
from autotrick.tricks.base import Batch, Run, Trick, setting
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class Speckle(Trick):
    """Multiply each pixel with a random factor near 1."""

    name = "speckle"
    strength: float = setting(
        0.2,
        "Standard deviation of the factor; 0 is off.",
        rule=Range(0, 1),
        search=Float(0.05, 0.4),
        neutral=0.0,
    )

    def on_tensor(self, batch: Batch, run: Run) -> Batch:
        rng = run.generator(self.name)
        noise = rng.standard_normal(tuple(batch.images.shape)).astype("float32")
        factors = 1 + self.strength * torch.from_numpy(noise).to(batch.images.device)
        batch.images = run.to_memory_format(batch.images * factors)
        return batch
'''
DATA = """from sklearn.datasets import load_digits


def photos():
    images, labels = load_digits(return_X_y=True)
    return (15 * images.reshape(-1, 8, 8)).astype("uint8")[:200], labels[:200]
"""
SPACE = """
question = "Does my trick help my network on my images?"

[data]
name = "python:photos.py:photos"

[code]
modules = ["tricks.py"]

[fixed]
architecture = "python:nets.py:Net"
epochs = 2
batch_size = 16

[search]
base_lr = [0.1, 0.2]

[architectures."python:nets.py:Net"]
width = { low = 2, high = 8, log = true }

[tricks.speckle]
strength = "search"

[tricks.mixup]
"""


def write_own(folder: Path) -> Path:
    """Write a space with code beside it, and return the space's file."""
    texts = {"nets": NETS, "layers": LAYERS, "tricks": TRICKS, "photos": DATA}
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "mine.toml").write_text(SPACE)
    return folder / "mine.toml"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Use a cache of the test's own, and forget all code after it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = {*sys.modules}
    yield
    for forget in (registry.forget, own_tricks.forget, own_models.forget, own_data.forget):
        forget()
    references.installed.cache_clear()
    for name in {*sys.modules} - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return the file of a space with own network, data and trick beside it."""
    (tmp_path / "project").mkdir()
    return write_own(tmp_path / "project")
