"""The digits of scikit-learn."""

import numpy as np

from autotrick.export.script.parts.data import carve


def read_digits() -> tuple[list[str], dict]:
    """Return class names and splits of scikit-learn's digits; a fifth are the test split."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    images = ((pixels.astype(np.int64) * 510 + 16) // 32).astype(np.uint8).reshape(-1, 8, 8, 1)
    test = carve(labels, 0.2, 0, "test")
    splits = {"train": (images[~test], labels[~test]), "test": (images[test], labels[test])}
    return list("0123456789"), splits
