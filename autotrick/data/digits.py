"""The embedded data set: 1,797 real handwritten digits that come with scikit-learn."""

from importlib.metadata import version

import numpy as np

from autotrick.data.carve import carve
from autotrick.data.dataset import Located, Resizing, SourceSplits
from autotrick.data.pixels import part_of

_TEST_SHARE = 0.2
_TEST_SEED = 0


def locate(size: Resizing) -> Located:
    """Return the digits; a fixed fifth of them, stratified, serves as the test split."""
    return Located(f"scikit-learn {version('scikit-learn')}", lambda: _read(size))


def _read(size: Resizing) -> SourceSplits:
    from sklearn.datasets import load_digits

    pixels, numbers = load_digits(return_X_y=True)
    # 0..16 to 0..255 in integers: floor(value * 255 / 16 + 1/2).
    images = ((pixels.astype(np.int64) * 510 + 16) // 32).astype(np.uint8).reshape(-1, 8, 8, 1)
    labels = numbers.astype(np.int64)
    classes = tuple("0123456789")
    test = carve(labels, _TEST_SHARE, seed=_TEST_SEED, classes=classes, name="test")
    return SourceSplits(
        classes,
        train=part_of(images[~test], labels[~test], size),
        test=part_of(images[test], labels[test], size),
    )
