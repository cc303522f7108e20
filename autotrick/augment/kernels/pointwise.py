"""The operations of policies that change the values of pixels and move none."""

import numpy as np
from numpy.typing import NDArray

from autotrick.augment.kernels.colours import byte, gray, hue
from autotrick.augment.kernels.compiled import compiled, copy, fused
from autotrick.augment.policies import OPERATIONS

Image = NDArray[np.uint8]

BRIGHTNESS = OPERATIONS.index("Brightness")
COLOR = OPERATIONS.index("Color")
CONTRAST = OPERATIONS.index("Contrast")
POSTERIZE = OPERATIONS.index("Posterize")
SOLARIZE = OPERATIONS.index("Solarize")
AUTO_CONTRAST = OPERATIONS.index("AutoContrast")
EQUALIZE = OPERATIONS.index("Equalize")
INVERT = OPERATIONS.index("Invert")
SOLARIZE_ADD = OPERATIONS.index("SolarizeAdd")

LEVELS = 256


@compiled
def pointwise(image: Image, operation: int, magnitude: float) -> None:
    """Apply an operation.

    Args:
        image: (H, W, C).
        operation: Index in `policies.OPERATIONS`.
        magnitude: Factor minus 1, bits to keep, threshold in [0, 1], levels to add, or share of the
            colour circle; operations without a strength ignore it.
    """
    if operation == BRIGHTNESS:
        brightness(image, 1.0 + magnitude)
    elif operation == COLOR:
        color(image, 1.0 + magnitude)
    elif operation == CONTRAST:
        contrast(image, 1.0 + magnitude)
    elif operation == POSTERIZE:
        posterize(image, int(magnitude))
    else:
        remap(image, operation, magnitude)


@compiled
def remap(image: Image, operation: int, magnitude: float) -> None:
    """Apply one of the operations that `pointwise` does not know."""
    if operation == SOLARIZE:
        solarize(image, 255.0 * magnitude)
    elif operation == AUTO_CONTRAST:
        auto_contrast(image)
    elif operation == EQUALIZE:
        equalize(image)
    elif operation == INVERT:
        invert(image)
    elif operation == SOLARIZE_ADD:
        solarize_add(image, int(magnitude))
    else:
        hue(image, magnitude)


@compiled
def brightness(image: Image, factor: float) -> None:
    """Blend with black: 0 is black, 1 the image."""
    pixels, ratio = image.reshape(-1), np.float32(factor)
    for i in range(len(pixels)):
        pixels[i] = byte(np.float32(pixels[i]) * ratio)


@compiled
def color(image: Image, factor: float) -> None:
    """Blend each pixel with its gray: 0 is gray, 1 the image. One channel stays as it is."""
    if image.shape[2] != 3:
        return
    pixels = image.reshape(-1, 3)
    ratio, rest = np.float32(factor), np.float32(1.0 - factor)
    for i in range(len(pixels)):
        red, green, blue = pixels[i, 0], pixels[i, 1], pixels[i, 2]
        luma = gray(red, green, blue)
        pixels[i, 0] = byte(fused(luma, rest, np.float32(red) * ratio))
        pixels[i, 1] = byte(fused(luma, rest, np.float32(green) * ratio))
        pixels[i, 2] = byte(fused(luma, rest, np.float32(blue) * ratio))


@compiled
def contrast(image: Image, factor: float) -> None:
    """Blend with the mean gray of the image: 0 is that gray everywhere, 1 the image."""
    height, width, channels = image.shape
    total = np.int64(0)
    if channels == 3:
        colors = image.reshape(-1, 3)
        for i in range(len(colors)):
            total += np.int32(gray(colors[i, 0], colors[i, 1], colors[i, 2]))
    else:
        for value in image.reshape(-1):
            total += np.int32(value)
    mean = np.float32(total) / np.float32(height * width)
    pixels = image.reshape(-1)
    ratio, rest = np.float32(factor), np.float32(1.0 - factor)
    for i in range(len(pixels)):
        pixels[i] = byte(fused(mean, rest, np.float32(pixels[i]) * ratio))


@compiled
def posterize(image: Image, bits: int) -> None:
    """Keep the upper `bits` of 8."""
    pixels, mask = image.reshape(-1), np.uint8(0xFF & (0xFF << (8 - bits)))
    for i in range(len(pixels)):
        pixels[i] &= mask


@compiled
def solarize(image: Image, threshold: float) -> None:
    """Invert the values that reach the threshold."""
    pixels, limit = image.reshape(-1), np.ceil(np.float32(threshold))
    for i in range(len(pixels)):
        value = pixels[i]
        pixels[i] = np.uint8(255) - value if value >= limit else value


@compiled
def solarize_add(image: Image, levels: int) -> None:
    """Add levels to the values below 128; nothing gets above 255."""
    pixels = image.reshape(-1)
    for i in range(len(pixels)):
        value = pixels[i]
        more = min(int(value) + levels, 255)
        pixels[i] = np.uint8(more) if value < 128 else value


@compiled
def invert(image: Image) -> None:
    """Turn black into white."""
    pixels = image.reshape(-1)
    for i in range(len(pixels)):
        pixels[i] = ~pixels[i]


@compiled
def auto_contrast(image: Image) -> None:
    """Stretch each channel to the whole range; a channel of one value stays as it is."""
    height, width, channels = image.shape
    rows = image.reshape(height, -1)
    low, high = np.empty(width * channels, np.uint8), np.empty(width * channels, np.uint8)
    copy(rows[0], low)
    copy(rows[0], high)
    for y in range(1, height):
        for i in range(len(low)):
            low[i] = min(low[i], rows[y, i])
            high[i] = max(high[i], rows[y, i])
    for c in range(channels):
        darkest, lightest = low[c], high[c]
        for i in range(c, len(low), channels):
            darkest, lightest = min(darkest, low[i]), max(lightest, high[i])
        if darkest < lightest:
            look_up(image, c, stretching(darkest, lightest))


@compiled
def stretching(darkest: np.uint8, lightest: np.uint8) -> NDArray[np.uint8]:
    """Return the new value of each value, so that these two become 0 and 255."""
    table = np.empty(LEVELS, np.uint8)
    base = np.float32(darkest)
    scale = (np.float32(lightest) - base) * np.float32(1.0 / 255.0)
    for value in range(LEVELS):
        table[value] = byte((np.float32(value) - base) / scale)
    return table


@compiled
def equalize(image: Image) -> None:
    """Spread each channel's values so that all are about equally frequent, as Pillow does."""
    height, width, channels = image.shape
    pixels = image.reshape(-1, channels)
    for c in range(channels):
        counts = np.zeros(LEVELS, np.int32)
        for i in range(len(pixels)):
            counts[pixels[i, c]] += 1
        last = LEVELS - 1
        while counts[last] == 0:
            last -= 1
        step = (height * width - counts[last]) // 255
        if step > 0:
            look_up(image, c, equalizing(counts, step))


@compiled
def equalizing(counts: NDArray[np.int32], step: int) -> NDArray[np.uint8]:
    """Return the new value of each value: the pixels below it, in steps."""
    table = np.empty(LEVELS, np.uint8)
    below = step // 2
    for value in range(LEVELS):
        table[value] = min(int(below / step), 255)
        below += counts[value]
    return table


@compiled
def look_up(image: Image, channel: int, table: NDArray[np.uint8]) -> None:
    """Replace each value of a channel."""
    pixels = image.reshape(-1, image.shape[2])
    for i in range(len(pixels)):
        pixels[i, channel] = table[pixels[i, channel]]
