"""Image tricks on plain arrays, for tests of what they do to pixels."""

import numpy as np
from numpy.typing import NDArray

from autotrick.tricks import Pictures, Run, Trick

Images = NDArray[np.uint8]


def augment(trick: Trick, images: Images, samples: NDArray[np.int64], run: Run) -> Images:
    """Return the images after the trick; an array that may be written to is changed in place."""
    return trick.on_images(Pictures(images), samples, run).to_numpy()
