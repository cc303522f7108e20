"""A study uses two real Ray nodes, and goes on when one of them is killed."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.slow
@pytest.mark.ray
def test_a_study_brings_its_data_to_two_nodes_and_survives_the_loss_of_one(
    apart: Callable[[str], Any],
) -> None:
    found = apart("two_nodes.py")

    assert found["exit"] == 0, found
    assert (found["nodes_used"], found["complete"], found["open_attempts"]) == (2, 4, 0)
    assert found["lost_attempts"] >= 1
    assert (found["sent"], found["cached"]) == (1, [1, 1])
    # The last one of each trial, and what a killed worker had no time to clear away.
    assert 4 <= found["left"] <= 8
    assert found["epochs"] == [40, 40, 40, 40]
