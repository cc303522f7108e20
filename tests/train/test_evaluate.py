"""How many images the network sees at once when it is evaluated."""

import numpy as np
import pytest

from autotrick.data import Split
from autotrick.train.evaluate import BATCH, batches


def split_of(count: int, side: int) -> Split:
    """Return images that take no memory."""
    images = np.broadcast_to(np.uint8(0), (count, side, side, 3))
    return Split(images, np.zeros(count, np.int64))


@pytest.mark.parametrize(
    ("side", "rows"), [(8, 1000), (224, 1000), (512, 341), (2048, 21), (20_000, 1)]
)
def test_large_images_are_evaluated_few_at_a_time(side: int, rows: int) -> None:
    found = list(batches(split_of(2500, side)))

    assert found[0] == slice(0, rows) and rows <= BATCH
    assert sum(len(range(2500)[each]) for each in found) == 2500


def test_every_row_is_evaluated_once() -> None:
    rows = [row for each in batches(split_of(2001, 300)) for row in range(2001)[each]]

    assert rows == list(range(2001))
