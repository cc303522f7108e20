import pytest

from autotrick.cli.detail import gain, print_detail
from autotrick.recipe import EpochReport
from autotrick.tasks import ACCURACY
from tests.simulated import a_recipe, a_report, a_trial


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

    assert gain(ACCURACY, report) == shown


def test_accuracy_on_mixed_images_has_a_column_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    curve = [a_report(1, 0.9), a_report(2, 0.95)]
    curve[1] = curve[1].model_copy(update={"extra": {"mixed_accuracy": 0.6125}})

    print_detail(a_trial(0, a_recipe("ricap"), curve), curve, [])

    lines = capsys.readouterr().out.splitlines()
    assert any("on mixed" in line for line in lines)
    assert [line.count("61.25 %") for line in lines if "95.00 %" in line] == [0, 1]
