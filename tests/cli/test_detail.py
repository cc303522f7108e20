import pytest

from autotrick.cli.trial_detail import print_detail
from autotrick.views.trial import TrialDetail
from tests.simulated import a_recipe, a_report, a_trial


def test_accuracy_on_mixed_images_has_a_column_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    curve = [a_report(1, 0.9), a_report(2, 0.95)]
    curve[1] = curve[1].model_copy(update={"extra": {"mixed_accuracy": 0.6125}})

    print_detail(TrialDetail.of(a_trial(0, a_recipe("ricap"), curve), curve, []))

    lines = capsys.readouterr().out.splitlines()
    assert any("On mixed" in line for line in lines)
    assert [line.count("61.25 %") for line in lines if "95.00 %" in line] == [0, 1]
