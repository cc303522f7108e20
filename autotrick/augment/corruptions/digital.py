"""Digital corruptions: contrast, elastic transform, pixels, JPEG."""

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from autotrick.augment.corruptions.base import Corruption, Image

if TYPE_CHECKING:
    from PIL.Image import Image as Picture


def contrast(image: Image, factor: float, _: np.random.Generator) -> Image:
    """Multiply each value's distance from the mean of its channel."""
    mean = image.mean(axis=(0, 1), keepdims=True)
    found: Image = (image - mean) * factor + mean
    return found


def elastic_transform(
    image: Image, strength: tuple[float, float, float], rng: np.random.Generator
) -> Image:
    """Stretch by a random affine map, then move each pixel by a smooth random field.

    Args:
        strength: Size of the field, its standard deviation of smoothing, and how far the three points
            move that decide the affine map; all as shares of the shorter side.
    """
    from scipy.ndimage import gaussian_filter, map_coordinates

    size = np.array(image.shape[:2])
    reach, sigma, shift = (share * size.min() for share in strength)
    centre, arm = size // 2, size.min() // 3
    points = centre + arm * np.array([[1, 1], [1, -1], [-1, -1]])
    moved = points + rng.uniform(-shift, shift, points.shape)
    # Rows of (y, x, 1) times `back` are where a pixel of the result comes from.
    back = np.linalg.lstsq(np.c_[moved, np.ones(3)], points, rcond=None)[0]
    field = [
        reach * gaussian_filter(rng.uniform(-1, 1, image.shape[:2]), sigma, truncate=3)
        for _ in range(2)
    ]
    y, x = np.indices(image.shape[:2]) + np.array(field)
    rows, columns = np.moveaxis(np.stack([y, x, np.ones_like(x)], axis=2) @ back, 2, 0)
    planes = [
        map_coordinates(plane, [rows, columns], order=1, mode="mirror")
        for plane in np.moveaxis(image, 2, 0)
    ]
    return np.stack(planes, axis=2)


def pixelate(image: Image, share: float, _: np.random.Generator) -> Image:
    """Shrink the image to a share of its sides, and enlarge it again without smoothing."""
    from PIL.Image import Resampling

    plain = _picture(image)
    width, height = (max(1, int(side * share)) for side in plain.size)
    small = plain.resize((width, height), Resampling.BOX)
    return _values(small.resize(plain.size, Resampling.BOX), image)


def jpeg_compression(image: Image, quality: int, _: np.random.Generator) -> Image:
    """Compress the image as JPEG, and open it again."""
    from PIL import Image as Pillow

    buffer = BytesIO()
    _picture(image).save(buffer, "JPEG", quality=quality)
    with Pillow.open(buffer) as opened:
        return _values(opened, image)


def _picture(image: Image) -> "Picture":
    from PIL import Image as Pillow

    levels = np.rint(255 * image).astype(np.uint8)
    return Pillow.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels)


def _values(picture: "Picture", like: Image) -> Image:
    return np.asarray(picture, np.float64).reshape(like.shape) / 255


CORRUPTIONS = (
    Corruption(
        "contrast", "digital", contrast, (0.75, 0.5, 0.4, 0.3, 0.15), (0.4, 0.3, 0.2, 0.1, 0.05)
    ),
    Corruption(
        "elastic_transform",
        "digital",
        elastic_transform,
        ((0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03)),
        ((2, 0.7, 0.1), (2, 0.08, 0.2), (0.05, 0.01, 0.02), (0.07, 0.01, 0.02), (0.12, 0.01, 0.02)),
    ),
    Corruption(
        "pixelate", "digital", pixelate, (0.95, 0.9, 0.85, 0.75, 0.65), (0.6, 0.5, 0.4, 0.3, 0.25)
    ),
    Corruption(
        "jpeg_compression", "digital", jpeg_compression, (80, 65, 58, 50, 40), (25, 18, 15, 10, 7)
    ),
)
