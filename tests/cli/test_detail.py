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


def test_tricks_that_change_nothing_and_overfitting_are_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    losses = [(1.0, 1.0), (0.8, 0.8), (0.9, 0.6), (1.0, 0.4), (1.1, 0.2)]
    extra = {"zero_init_norm.layers": 0.0, "stochastic_depth.branches": 9.0, "dropout.layers": 0.0}
    curve = [
        a_report(i + 1, 0.5).model_copy(update={"loss": v, "train_loss": t, "extra": extra})
        for i, (v, t) in enumerate(losses)
    ]
    recipe = a_recipe("zero_init_norm", "stochastic_depth")

    print_detail(TrialDetail.of(a_trial(0, recipe, curve), curve, []))

    told = " ".join(capsys.readouterr().out.split())
    assert "nothing that they change: zero_init_norm" in told
    assert "stochastic_depth," not in told.partition("they change:")[2].partition("Overfits")[0]
    assert "Overfits: after epoch 2 the validation loss rises" in told
