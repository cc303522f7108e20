"""What a backend of image operations offers, and the one for the CPU.

`Pictures` calls a backend for everything that it does to pixels. A backend draws nothing: callers pass
what happens to each image, so that the same draws give the same operation on every backend. Only noise
needs a number for every pixel; callers pass a key for each image, and the backend takes the bits that
`autotrick.random_streams` defines for it.
"""

import importlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.policies import Border, Interpolation

Pixels: TypeAlias = Any
"""(N, H, W, C) uint8 with 1 or 3 channels, as an array of the backend: NumPy's on the CPU."""
Integers: TypeAlias = NDArray[np.integer]
Floats: TypeAlias = NDArray[np.floating]
Truths: TypeAlias = NDArray[np.bool_]
Keys: TypeAlias = NDArray[np.uint64]


class Backend(Protocol):
    """Operations on the pixels of a batch, on one kind of device.

    An operation may change the pixels in place; go on with what it returns. Parameters have a row for
    each image. Geometric operations act on masks too, which they get as (N, H, W, 1): with `ignore`
    given, a pixel takes the value that is nearest to where it is looked up, and `ignore` where that
    is outside, whatever the border and the interpolation of the images are.
    """

    # Whole batches.

    def copy(self, pixels: Pixels) -> Pixels:
        """Return a copy."""

    def to_numpy(self, pixels: Pixels) -> NDArray[np.uint8]:
        """Return the pixels as an array on the host; not a copy where they are there."""

    def replace(self, pixels: Pixels, chosen: Truths, others: Pixels) -> Pixels:
        """Replace the chosen images, M of (N,), by M others."""

    # Geometry.

    def flip(self, pixels: Pixels, chosen: Truths) -> Pixels:
        """Mirror the chosen images left to right."""

    def flip_vertical(self, pixels: Pixels, chosen: Truths) -> Pixels:
        """Mirror the chosen images upside down."""

    def turn(self, pixels: Pixels, quarters: Integers) -> Pixels:
        """Turn each image to the left by 0 to 3 quarters."""

    def crop(self, pixels: Pixels, top: Integers, left: Integers, size: tuple[int, int]) -> Pixels:
        """Cut a part of this height and width out of each image."""

    def move(
        self,
        pixels: Pixels,
        down: Integers,
        right: Integers,
        border: Border,
        ignore: int | None = None,
    ) -> Pixels:
        """Move the frame over each image by whole pixels."""

    def warp(
        self,
        pixels: Pixels,
        maps: Floats,
        border: Border,
        interpolation: Interpolation,
        ignore: int | None = None,
    ) -> Pixels:
        """Look up each pixel through its image's affine map, (N, 2, 3)."""

    def enlarge(self, pixels: Pixels, boxes: Integers, interpolation: Interpolation) -> Pixels:
        """Stretch a box (top, left, height, width) of each image over the whole image."""

    def apply(
        self,
        pixels: Pixels,
        operations: Integers,
        magnitudes: Floats,
        border: Border = "constant",
        interpolation: Interpolation = "nearest",
        ignore: int | None = None,
    ) -> Pixels:
        """Apply to each image its row of policy operations; for masks, rows of geometric ones."""

    # Values.

    def blur(self, pixels: Pixels, sigmas: Floats) -> Pixels:
        """Blur each image with a Gaussian of sigma pixels; 0 leaves it as it is."""

    def linear(self, pixels: Pixels, offsets: Floats, gains: Floats | None = None) -> Pixels:
        """Multiply each channel by its gain and add its offset, both (N, C)."""

    def scale_contrast(self, pixels: Pixels, factors: Floats) -> Pixels:
        """Multiply each value's distance from the mean of its channel in its image."""

    def add_noise(self, pixels: Pixels, keys: Keys, sigmas: Floats) -> Pixels:
        """Add normal noise with a standard deviation of sigma levels."""

    def salt_and_pepper(self, pixels: Pixels, keys: Keys, amounts: Floats) -> Pixels:
        """Set a share of the pixels to black or white."""

    def permute_channels(self, pixels: Pixels, orders: Integers) -> Pixels:
        """Give each image's channels the order of its row of (N, C)."""

    def compress(self, pixels: Pixels, qualities: Integers) -> Pixels:
        """Compress each image as JPEG of this quality and open it again; 0 leaves it as it is."""

    def blend(self, pixels: Pixels, others: Iterable[Pixels], weights: Floats) -> Pixels:
        """Set each image to a weighted sum of itself and others; weights (N, L), its own first."""

    # Normalised images: (N, H, W, C) float32, of any memory layout.

    def normalise(
        self, pixels: Pixels, shift: NDArray[np.float32], spread: NDArray[np.float32]
    ) -> Any:
        """Return (pixels - shift) / spread, both (C,) in levels, as floats."""

    def fill(self, images: Any, hidden: Truths, colour: NDArray[np.float32]) -> None:
        """Set the hidden pixels, (N, H, W), of normalised images to a colour, (C,)."""

    def fill_with_noise(
        self,
        images: Any,
        hidden: Truths,
        key: tuple[np.uint64, NDArray[np.int64]],
        scale: tuple[NDArray[np.float32], NDArray[np.float32]],
    ) -> None:
        """Set each hidden pixel of normalised images to a random colour."""


if TYPE_CHECKING:
    from autotrick.augment import cpu

    CPU: Backend = cpu
else:

    class _Cpu:
        """The module `autotrick.augment.cpu`, imported when it is first used: it loads numba."""

        def __getattr__(self, name: str) -> Any:
            return getattr(importlib.import_module("autotrick.augment.cpu"), name)

    CPU = _Cpu()
"""The backend of compiled CPU kernels."""
