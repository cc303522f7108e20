"""Images of another size than the network's."""

import numpy as np
from PIL import Image, ImageOps

SIDE = 32


def squashed(image: Image.Image) -> Image.Image:
    """Return the image stretched to the side."""
    return image.resize((SIDE, SIDE), Image.Resampling.BILINEAR)


def cropped(image: Image.Image) -> Image.Image:
    """Return the middle of the image."""
    return ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.BILINEAR)


def padded(image: Image.Image) -> Image.Image:
    """Return the image with black beside it."""
    return ImageOps.pad(image, (SIDE, SIDE), Image.Resampling.BILINEAR)


def resize_all(splits: dict, resize) -> dict:
    """Return the splits with images of the side that the network was trained on."""
    made = {}
    for name, (images, labels) in splits.items():
        plain = images[..., 0] if images.shape[3] == 1 else images
        small = np.stack([np.asarray(resize(Image.fromarray(image))) for image in plain])
        made[name] = small.reshape(len(images), SIDE, SIDE, -1), labels
    return made
