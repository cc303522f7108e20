import pytest

from autotrick.cli.detail import gain
from autotrick.recipe import EpochReport


@pytest.mark.parametrize(
    ("extra", "shown"),
    [({}, "-"), ({"raw_accuracy": 0.9}, "+2.50"), ({"raw_accuracy": 0.95}, "-2.50")],
)
def test_gain_over_the_network_being_trained(extra: dict[str, float], shown: str) -> None:
    report = EpochReport(
        epoch=1,
        accuracy=0.925,
        loss=1,
        train_loss=1,
        lr=0.1,
        seconds=1,
        weights="w",
        extra=extra,
    )

    assert gain(report) == shown
