"""Images to augment, and torchvision's word for what an operation does to one of them."""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torchvision.transforms.v2 import functional

Image = NDArray[np.uint8]
MakeImages = Callable[[int, int, int], Image]
Reference = Callable[[Image, str, float], Image]


@cache
def _photograph() -> Image:
    from sklearn.datasets import load_sample_image

    return np.asarray(load_sample_image("china.jpg"))


def _images(height: int, width: int, channels: int) -> Image:
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    sky = _photograph()[:height, :width]
    roofs = _photograph()[150 : 150 + height, 200 : 200 + width]
    gray = np.full((height, width, 3), 119, np.uint8)
    few_values = roofs // 80 * 80
    return np.stack([noise, sky, roofs, gray, few_values])[..., :channels].copy()


@pytest.fixture
def make_images() -> MakeImages:
    """Return a function from height, width and channels to five images: noise to one colour."""
    return _images


def _affine(image: torch.Tensor, x: float, y: float, shear: tuple[float, float]) -> torch.Tensor:
    degrees = [math.degrees(math.atan(tangent)) for tangent in shear]
    center = [0, 0] if any(shear) else None
    moved = functional.affine(image, 0.0, [int(x), int(y)], 1.0, degrees, center=center)
    assert isinstance(moved, torch.Tensor)
    return moved


OPERATIONS: dict[str, Callable[[torch.Tensor, float], torch.Tensor]] = {
    "Identity": lambda image, _: image,
    "ShearX": lambda image, tangent: _affine(image, 0, 0, (tangent, 0.0)),
    "ShearY": lambda image, tangent: _affine(image, 0, 0, (0.0, tangent)),
    "TranslateX": lambda image, pixels: _affine(image, pixels, 0, (0.0, 0.0)),
    "TranslateY": lambda image, pixels: _affine(image, 0, pixels, (0.0, 0.0)),
    "Rotate": lambda image, degrees: functional.rotate(image, degrees),
    "Brightness": lambda image, more: functional.adjust_brightness(image, 1.0 + more),
    "Color": lambda image, more: functional.adjust_saturation(image, 1.0 + more),
    "Contrast": lambda image, more: functional.adjust_contrast(image, 1.0 + more),
    "Sharpness": lambda image, more: functional.adjust_sharpness(image, 1.0 + more),
    "Posterize": lambda image, bits: functional.posterize(image, int(bits)),
    "Solarize": lambda image, threshold: functional.solarize(image, 255.0 * threshold),
    "AutoContrast": lambda image, _: functional.autocontrast(image),
    "Equalize": lambda image, _: functional.equalize(image),
    "Invert": lambda image, _: functional.invert(image),
    "SolarizeAdd": lambda image, levels: torch.where(image < 128, image + int(levels), image),
    "Hue": lambda image, turn: functional.adjust_hue(image, turn),
}


def _reference(image: Image, operation: str, magnitude: float) -> Image:
    planes = torch.from_numpy(image).permute(2, 0, 1).contiguous()
    return np.asarray(OPERATIONS[operation](planes, magnitude).permute(1, 2, 0))


@pytest.fixture
def reference() -> Reference:
    """Return a function from an image, an operation and a magnitude to torchvision's image."""
    return _reference
