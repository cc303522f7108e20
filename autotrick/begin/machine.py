"""What this machine can train: devices, trials at a time, measured seconds of an epoch, weights at hand."""

import importlib
from dataclasses import dataclass
from statistics import mean
from typing import Any

import numpy as np
import torch

from autotrick import models
from autotrick.begin.proposal import Start
from autotrick.begin.survey import Survey
from autotrick.bounded_file import is_regular
from autotrick.data.dataset import Dataset, Split
from autotrick.data.files import counted
from autotrick.recipe import DataRef, Recipe
from autotrick.train import measure_speed
from autotrick.tricks.weight_files import hub_folder
from autotrick.tune.resources import Resources

_EVALUATION = 1.15
"""How much longer an epoch takes with its evaluation."""
_UPDATES = 5
"""Updates' worth of images that the measurement has."""
_UNKNOWN = "0" * 16
_FEW = 5000
"""Training images up to which pretrained networks are looked for."""
_PRETRAINED = ("torchvision/resnet18", "timm/resnet18")


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine, for these images.

    Attributes:
        gpu: Whether trials run on a GPU.
        slots: Trials at a time.
        pretrained: Architectures whose published weights are on this machine.
    """

    survey: Survey
    gpu: bool
    slots: int
    pretrained: tuple[str, ...]

    @classmethod
    def here(cls, survey: Survey) -> "Machine":
        """Return this machine."""
        gpu = torch.cuda.is_available()
        slots = torch.cuda.device_count() if gpu else Resources().slots()
        weights = at_hand() if survey.images < _FEW else ()
        return cls(survey, gpu, slots, weights)

    @property
    def words(self) -> str:
        """What it is, in words."""
        if self.gpu:
            return counted(self.slots, torch.cuda.get_device_name(0))
        return counted(self.slots, "processor")

    def epoch_seconds(self, start: Start) -> float:
        """Return the seconds of an epoch with its evaluation, the mean over the networks to choose from.

        A few updates on images of the right shape are measured; which images they are does not matter.

        Raises:
            RecipeError: A network cannot take such images.
        """
        batch = start.batch_sizes[-1]
        data = _noise(self.survey, start, _UPDATES * batch)
        updates = max(1, round(self.survey.images / batch))
        device = "cuda" if self.gpu else "cpu"
        seconds = []
        for name, settings in self._networks(start):
            recipe = Recipe(
                data=DataRef(name=data.name, fingerprint=_UNKNOWN),
                architecture=name,
                architecture_settings=models.complete(name, settings),
                epochs=1,
                batch_size=batch,
                base_lr=0.01,
            )
            seconds.append(measure_speed(recipe, data, device=device)[1] * updates)
        return _EVALUATION * mean(seconds)

    def _networks(self, start: Start) -> list[tuple[str, dict[str, Any]]]:
        found: list[tuple[str, dict[str, Any]]] = []
        for name in start.architectures:
            widths = start.widths if name == "fastnet" else ()
            found += [(name, {"width": width}) for width in widths] or [(name, {})]
        return [*found, *((name, {}) for name in self.pretrained)]


def _noise(survey: Survey, start: Start, images: int) -> Dataset:
    """Return noise in the shape of the images."""
    height, width = (start.image_size,) * 2 if start.image_size else survey.sizes.low
    drawn = np.random.default_rng(0).integers
    pixels = drawn(0, 256, (images, height, width, survey.channels), np.uint8)
    split = Split(pixels, np.arange(images) % len(survey.classes))
    half = np.full(survey.channels, 0.5, np.float32)
    return Dataset(survey.name, _UNKNOWN, survey.classes, split, split, None, half, half)


def at_hand() -> tuple[str, ...]:
    """Return the architectures whose published weights are on this machine; nothing is fetched."""
    return tuple(name for name in _PRETRAINED if _is_here(name))


def _is_here(architecture: str) -> bool:
    library, _, model = architecture.partition("/")
    try:
        if library == "torchvision":
            enum = importlib.import_module("torchvision.models").get_model_weights(model)
            return is_regular(hub_folder() / enum.DEFAULT.url.rpartition("/")[2])
        cfg = importlib.import_module("timm.models").get_pretrained_cfg(model)
        hub = importlib.import_module("huggingface_hub")
        found = hub.try_to_load_from_cache(cfg.hf_hub_id, "model.safetensors")
        return isinstance(found, str)
    except (ImportError, AttributeError, ValueError, TypeError, OSError):
        return False  # a library that is not there, or of another version
