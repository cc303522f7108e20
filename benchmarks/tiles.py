"""Make a data set of tiles from the two photographs in scikit-learn."""

import numpy as np

from autotrick.data import Dataset, Split

SIDE = 32
PIECES = 512
CLASSES = 10
BATCH = 128
"Number of images in the validation split."


def images(count: int) -> Dataset:
    """Return a data set of this many tiles with meaningless labels."""
    from sklearn.datasets import load_sample_images

    pieces = [
        photograph[y : y + SIDE, x : x + SIDE]
        for photograph in load_sample_images().images
        for y in range(0, photograph.shape[0] - SIDE + 1, SIDE)
        for x in range(0, photograph.shape[1] - SIDE + 1, SIDE)
    ]
    rows = np.arange(count) % PIECES
    train = Split(np.stack(pieces[:PIECES])[rows], rows % CLASSES)
    colours = train.images.reshape(-1, 3) / 255
    return Dataset(
        name="tiles",
        fingerprint="",
        classes=tuple(map(str, range(CLASSES))),
        train=train,
        validation=Split(train.images[:BATCH], train.labels[:BATCH]),
        test=None,
        mean=colours.mean(0).astype(np.float32),
        std=colours.std(0).astype(np.float32),
    )
