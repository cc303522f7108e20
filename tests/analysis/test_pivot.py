"""A study as a table of two settings."""

from pathlib import Path

import pytest

from autotrick.analysis.pivot import pivot
from autotrick.errors import FilterError
from autotrick.records import TrialRow
from autotrick.space import Grid, load
from autotrick.tasks import ACCURACY, Metric
from tests.simulated import a_report, a_trial

GAIN = {"flip": 0.01, "pad_crop": 0.03}
NETWORK = {"lenet5": 0.7, "fastnet": 0.8, "resnet20": 0.85}


def trials(seeds: int = 1) -> list[TrialRow]:
    grid = Grid(load("search_spaces/cifar10_augmentation.toml"))
    found: list[TrialRow] = []
    for seed in range(seeds):
        for i in range(grid.size):
            recipe = grid.recipe(i).model_copy(update={"seed": seed})
            gains = [GAIN[name] for name in recipe.tricks if name in GAIN]
            value = NETWORK[recipe.architecture] + sum(gains) + 0.002 * seed
            found.append(a_trial(len(found), recipe, [a_report(1, value)]))
    return found


def test_error_with_and_without_augmentation_is_tabulated_by_network() -> None:
    found = pivot(
        trials(), ACCURACY, rows=["architecture"], columns=["flip", "pad_crop"], error=True
    )

    assert found.rows == ("fastnet", "lenet5", "resnet20")
    assert found.columns == ("without flip, pad_crop", "pad_crop", "flip", "flip + pad_crop")
    assert len(found.cells) == 12
    plain, both = (found.cells["resnet20", c] for c in (found.columns[0], found.columns[-1]))
    assert plain.estimate.value == pytest.approx(15.0)
    assert both.estimate.value == pytest.approx(11.0)
    assert (both.estimate.low, both.num) == (None, 1)


def test_several_trials_of_a_cell_have_an_interval() -> None:
    found = pivot(trials(3), ACCURACY, rows=["architecture"], columns=["flip"])

    cell = found.cells["lenet5", "flip"]
    assert cell.num == 6
    assert cell.estimate.low is not None and cell.estimate.high is not None
    assert cell.estimate.low < cell.estimate.value < cell.estimate.high
    assert cell.estimate.value == pytest.approx(72.7)


def test_networks_and_amounts_of_data_are_rows_and_columns_in_the_order_of_their_size() -> None:
    grid = Grid(load("search_spaces/fashion_mnist_data_amount.toml"))
    rows = [a_trial(i, grid.recipe(i), [a_report(1, 0.9)]) for i in range(grid.size)]

    found = pivot(rows, ACCURACY, rows=["subset.fraction"], columns=["fastnet.width"])

    assert found.rows == ("without subset", "0.02", "0.1", "0.4")
    assert found.columns == ("0.125", "0.25", "0.5")
    assert len(found.cells) == 12


def test_accuracy_by_amount_of_data_is_tabulated_with_and_without_augmentation(
    tmp_path: Path,
) -> None:
    shipped = Path("search_spaces/fashion_mnist_data_amount.toml").read_text()
    file = tmp_path / "data_amount.toml"
    file.write_text(shipped.replace("[tricks.subset]", "[tricks.flip]\n\n[tricks.subset]"))
    grid = Grid(load(file))
    rows = []
    for i in range(grid.size):
        recipe = grid.recipe(i)
        share = float(str(recipe.tricks.get("subset", {}).get("fraction", 1)))
        value = 0.8 + 0.1 * share + (0.05 * (1 - share) if "flip" in recipe.tricks else 0)
        rows.append(a_trial(i, recipe, [a_report(1, value)]))

    found = pivot(rows, ACCURACY, rows=["subset.fraction"], columns=["flip"])

    assert found.columns == ("without flip", "flip")
    gains = {
        row: found.cells[row, "flip"].estimate.value
        - found.cells[row, "without flip"].estimate.value
        for row in found.rows
    }
    assert gains == pytest.approx({"without subset": 0, "0.02": 4.9, "0.1": 4.5, "0.4": 3.0})


def test_batches_and_image_sizes_of_several_studies_are_one_table() -> None:
    rows: list[TrialRow] = []
    for trial in trials()[:4]:
        for size in (None, 16):
            data = trial.recipe.data.model_copy(update={"image_size": size})
            recipe = trial.recipe.model_copy(update={"data": data})
            rows.append(a_trial(len(rows), recipe, [a_report(1, 0.5)]))

    found = pivot(rows, ACCURACY, rows=["data.image_size"], columns=["batch_size"])

    assert found.rows == ("as it is", "16")
    assert found.columns == ("128",)
    assert [cell.num for cell in found.cells.values()] == [4, 4]


def test_what_no_trial_has_is_refused_with_a_suggestion() -> None:
    with pytest.raises(FilterError, match="Did you mean 'architecture'"):
        pivot(trials(), ACCURACY, rows=["architectur"], columns=["flip"])
    with pytest.raises(FilterError, match=r"setting 'pad_crop\.size'"):
        pivot(trials(), ACCURACY, rows=["pad_crop.size"], columns=["flip"])


def test_a_metric_without_a_largest_value_has_no_error() -> None:
    smaller = Metric("mae", "mean absolute error", larger=False)
    with pytest.raises(FilterError, match="has no error"):
        pivot(trials(), smaller, rows=["architecture"], columns=["flip"], error=True)
