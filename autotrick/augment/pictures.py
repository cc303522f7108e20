"""The images of a batch and what must move with them, as one value that image tricks work on.

A geometric operation moves all parts of the pictures by the same parameters. Each pixel of a mask takes
the value of the nearest one to where the image is looked up, whatever the image's interpolation; what
comes from outside the image gets the value `ignore`, whatever the border shows of the image. An
operation on values leaves masks alone: what a pixel shows stays where it is.

Erasing (`cutout`, `random_erasing` and their kin) comes later, on normalised images. It hides pixels of
the images only. Masks keep what they say, so that a network learns to fill in what is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.backend import CPU, Backend, Floats, Integers, Keys, Pixels, Truths
from autotrick.augment.policies import GEOMETRY, OPERATIONS, Border, Interpolation
from autotrick.errors import TrickError

IGNORE = 255
"""The usual mask value of pixels whose class is not known, which losses and metrics leave out."""

_IDENTITY = OPERATIONS.index("Identity")
_GEOMETRY = np.array([OPERATIONS.index(name) for name in GEOMETRY])


@dataclass(slots=True, eq=False)
class Pictures:
    """The images of a batch, with their masks if they have some.

    Operations change the pictures in place and return them. Each takes its parameters for every image:
    a trick draws them, and draws nothing else. Tricks need not know what holds the pixels, or where.

    Attributes:
        pixels: (N, H, W, C) uint8 with 1 or 3 channels, writable, as the backend's array. For who
            makes pictures and who feeds a network; tricks call operations.
        masks: (N, H, W) uint8, writable, likewise; None if there are none.
        ignore: The value of masks where the class is not known, 0 to 255.
        backend: What computes, on which device.
    """

    pixels: Pixels
    masks: Pixels | None = None
    ignore: int = IGNORE
    backend: Backend = CPU

    def __post_init__(self) -> None:
        if self.masks is not None:
            assert tuple(self.masks.shape) == tuple(self.pixels.shape[:3])

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the images, in pixels."""
        return self.pixels.shape[1], self.pixels.shape[2]

    @property
    def channels(self) -> int:
        """Number of channels, 1 or 3."""
        return int(self.pixels.shape[3])

    def to_numpy(self) -> NDArray[np.uint8]:
        """Return the images as a (N, H, W, C) array on the host."""
        return self.backend.to_numpy(self.pixels)

    def copy(self) -> Pictures:
        """Return pictures with pixels and masks of their own."""
        masks = None if self.masks is None else self.backend.copy(self.masks)
        return Pictures(self.backend.copy(self.pixels), masks, self.ignore, self.backend)

    def replace(self, chosen: Truths, others: Pictures) -> Pictures:
        """Replace the chosen pictures by others.

        Args:
            chosen: (N,) truth values, M of them true.
            others: M pictures of the same size; with masks if these have some.
        """
        self.pixels = self.backend.replace(self.pixels, chosen, others.pixels)
        if self.masks is not None:
            assert others.masks is not None
            self.masks = self.backend.replace(self.masks, chosen, others.masks)
        return self

    # Geometry: masks move too.

    def flip(self, chosen: Truths) -> Pictures:
        """Mirror the chosen pictures left to right.

        Args:
            chosen: (N,) truth values.
        """
        self.pixels = self.backend.flip(self.pixels, chosen)
        return self._move_masks(lambda planes: self.backend.flip(planes, chosen))

    def flip_vertical(self, chosen: Truths) -> Pictures:
        """Mirror the chosen pictures upside down.

        Args:
            chosen: (N,) truth values.
        """
        self.pixels = self.backend.flip_vertical(self.pixels, chosen)
        return self._move_masks(lambda planes: self.backend.flip_vertical(planes, chosen))

    def turn(self, quarters: Integers) -> Pictures:
        """Turn each picture to the left by quarters of a circle.

        Args:
            quarters: (N,) of 0 to 3; even if the pictures are not square.
        """
        self.pixels = self.backend.turn(self.pixels, quarters)
        return self._move_masks(lambda planes: self.backend.turn(planes, quarters))

    def crop(self, top: Integers, left: Integers, size: tuple[int, int]) -> Pictures:
        """Cut a part out of each picture; the pictures become smaller.

        Args:
            top: (N,) first rows of the parts.
            left: (N,) first columns.
            size: Height and width of the parts, which lie within the pictures.
        """
        self.pixels = self.backend.crop(self.pixels, top, left, size)
        return self._move_masks(lambda planes: self.backend.crop(planes, top, left, size))

    def move(self, down: Integers, right: Integers, border: Border) -> Pictures:
        """Move the frame over each picture by whole pixels; the pictures keep their size.

        Args:
            down: (N,) pixels that the frame moves down; below 0 up.
            right: (N,) pixels that it moves to the right; below 0 left.
            border: What the image shows from outside, with the meaning of `numpy.pad`.
        """
        self.pixels = self.backend.move(self.pixels, down, right, border)
        return self._move_masks(
            lambda planes: self.backend.move(planes, down, right, border, self.ignore)
        )

    def warp(self, maps: Floats, border: Border, interpolation: Interpolation) -> Pictures:
        """Set each pixel to what the picture shows where its affine map sends it.

        Args:
            maps: (N, 2, 3): the source of the pixel at (x, y), both counted from the centre, is column
                `m[0, 0] x + m[0, 1] y + m[0, 2]` and row `m[1, 0] x + m[1, 1] y + m[1, 2]`.
            border: What the image shows from outside, with the meaning of `numpy.pad`.
            interpolation: How the image computes a value between pixels.
        """
        self.pixels = self.backend.warp(self.pixels, maps, border, interpolation)
        return self._move_masks(
            lambda planes: self.backend.warp(planes, maps, border, interpolation, self.ignore)
        )

    def enlarge(self, boxes: Integers, interpolation: Interpolation) -> Pictures:
        """Stretch a box of each picture over the whole picture.

        Args:
            boxes: (N, 4) top, left, height and width in pixels, inside the picture.
            interpolation: How the image computes a value between pixels.
        """
        self.pixels = self.backend.enlarge(self.pixels, boxes, interpolation)
        return self._move_masks(lambda planes: self.backend.enlarge(planes, boxes, "nearest"))

    def apply(
        self,
        operations: Integers,
        magnitudes: Floats,
        border: Border = "constant",
        interpolation: Interpolation = "nearest",
    ) -> Pictures:
        """Apply to each picture its row of policy operations, in order: a plan of `plans`.

        Masks follow the geometric ones.

        Args:
            operations: (N, L) indices in `policies.OPERATIONS`; Identity does nothing.
            magnitudes: (N, L) signed, in the operation's own unit: tangent, pixels, degrees, factor
                minus 1, bits to keep, threshold in [0, 1], levels to add, share of the colour circle.
            border: What warps show from outside the image, with the meaning of `numpy.pad`.
            interpolation: How they compute a value between pixels; translations are by whole pixels.
        """
        how: tuple[Border, Interpolation] = (border, interpolation)
        self.pixels = self.backend.apply(self.pixels, operations, magnitudes, *how)
        return self._move_masks(
            lambda planes: self.backend.apply(
                planes, _geometric(operations), magnitudes, *how, ignore=self.ignore
            )
        )

    def _move_masks(self, operation: Callable[[Pixels], Pixels]) -> Pictures:
        """Do to the masks, as (N, H, W, 1), what was done to the images; return the pictures."""
        if self.masks is not None:
            self.masks = operation(self.masks[..., None])[..., 0]
        return self

    # Values: masks stay as they are.

    def blur(self, sigmas: Floats) -> Pictures:
        """Blur each image with a Gaussian; borders are reflected.

        Args:
            sigmas: (N,) standard deviations in pixels; 0 leaves the image as it is.
        """
        self.pixels = self.backend.blur(self.pixels, sigmas)
        return self

    def add(self, offsets: Floats) -> Pictures:
        """Add to each channel of each image, round and clip to [0, 255].

        Args:
            offsets: (N, C) levels.
        """
        self.pixels = self.backend.linear(self.pixels, offsets)
        return self

    def scale_contrast(self, factors: Floats) -> Pictures:
        """Multiply each value's distance from the mean of its channel in its image.

        Args:
            factors: (N,): 0 is the mean everywhere, 1 the image.
        """
        self.pixels = self.backend.scale_contrast(self.pixels, factors)
        return self

    def add_noise(self, keys: Keys, sigmas: Floats) -> Pictures:
        """Add normal noise to every value, and clip to [0, 255].

        Args:
            keys: (N,) numbers, each of which decides an image's noise.
            sigmas: (N,) standard deviations in levels.
        """
        self.pixels = self.backend.add_noise(self.pixels, keys, sigmas)
        return self

    def salt_and_pepper(self, keys: Keys, amounts: Floats) -> Pictures:
        """Set pixels to black or white, each with half the chance.

        Args:
            keys: (N,) numbers, each of which decides an image's pixels.
            amounts: (N,) chances of a pixel, in [0, 1].
        """
        self.pixels = self.backend.salt_and_pepper(self.pixels, keys, amounts)
        return self

    def permute_channels(self, orders: Integers) -> Pictures:
        """Give the channels of each image another order.

        Args:
            orders: (N, C): channel c becomes what channel `orders[:, c]` was.
        """
        self.pixels = self.backend.permute_channels(self.pixels, orders)
        return self

    def compress(self, qualities: Integers) -> Pictures:
        """Compress images as JPEG, and open them again.

        Args:
            qualities: (N,) from 1 to 95, as Pillow counts; 0 leaves the image as it is.
        """
        self.pixels = self.backend.compress(self.pixels, qualities)
        return self

    def blend(self, others: Iterable[Pictures], weights: Floats) -> Pictures:
        """Set each image to a weighted sum of itself and of other pictures' images, rounded.

        Args:
            others: L - 1 pictures of the same shape, one at a time.
            weights: (N, L), the image's own first; rows that sum to 1.

        Raises:
            TrickError: The pictures have masks; a weighted sum of classes has no meaning.
        """
        if self.masks is not None:
            raise TrickError("blending images has no meaning for their masks.")
        pixels = (other.pixels for other in others)
        self.pixels = self.backend.blend(self.pixels, pixels, weights)
        return self


def _geometric(operations: Integers) -> Integers:
    """Return the operations with Identity in place of those that move no pixels."""
    return np.where(np.isin(operations, _GEOMETRY), operations, _IDENTITY)
