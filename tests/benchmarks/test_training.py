from pathlib import Path

import pytest

from benchmarks.training import BATCH, Network, ours, theirs

SMALL = (Network("tiny", "lenet5", {"width": 0.5}, 1.0, 2),)


@pytest.mark.slow
@pytest.mark.parametrize("side", [ours, theirs])
def test_a_side_trains_an_epoch_and_the_network_alone(side: type, tmp_path: Path) -> None:
    works = side(["digits"], tmp_path, SMALL)

    assert works["digits tiny"]() == works["digits tiny alone"]() == 2 * BATCH
