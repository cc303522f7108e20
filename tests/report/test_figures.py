from dataclasses import replace

import numpy as np
import pytest

from autotrick.analysis.effects import TrickEffect, effects
from autotrick.analysis.importance import Importance
from autotrick.analysis.parallel_coordinates import Axis, Parallel, parallel
from autotrick.analysis.progress import Curve, Curves, History, Outcome, history, learning_curves
from autotrick.analysis.summary import baseline
from autotrick.report import captions
from autotrick.report.curves import curves_figure
from autotrick.report.effects import effects_figure
from autotrick.report.history import history_figure
from autotrick.report.importance import importance_figure
from autotrick.report.parallel import parallel_figure
from autotrick.report.samples import samples_figure
from tests.simulated import a_study

TRUTH = {"mixup": 1.5, "cutmix": -1.0, "label_smoothing": 0.0}


def test_history_shows_every_state_and_the_best_so_far() -> None:
    trials, _ = a_study(40, points=TRUTH, keep=0.67)

    drawn = history_figure(history(trials), baseline(trials))

    traces = {trace.name: trace for trace in drawn.data}
    off = baseline(trials)
    assert set(traces) == {
        "complete",
        "pruned",
        "best so far",
        f"all tricks off (n = {off.num})",
    }
    assert len(traces["complete"].x) + len(traces["pruned"].x) == 40
    assert max(traces["best so far"].y) == pytest.approx(max(traces["complete"].y))


def test_a_trial_far_below_stands_at_the_edge_and_flattens_nobody() -> None:
    points = [
        Outcome(i, "complete", accuracy, None, 3)
        for i, accuracy in enumerate([0.90, 0.91, 0.92, 0.93, 0.90, 0.91, 0.92, 0.93, 0.10])
    ]
    data = History(points, len(points))

    drawn = history_figure(data)

    low, high = drawn.layout.yaxis.range
    assert 85 < low < 90 and 93 < high < 95
    inside, below, _ = drawn.data
    assert list(inside.x) == list(range(8)) and list(below.x) == [8]
    assert list(below.y) == [low] and below.customdata[0][1] == pytest.approx(10)
    assert captions.history(data).endswith(f"lower edge: 1 trial below {low:.1f} %.")


def test_without_outliers_the_axis_is_left_alone() -> None:
    trials, _ = a_study(7, points=TRUTH)

    assert history_figure(history(trials)).layout.yaxis.range is None


def test_a_curve_far_below_is_cut_off_and_said_so() -> None:
    curves = [Curve(i, "complete", [1, 2], [0.9, 0.91 + i / 1000], [0.1, 0.1]) for i in range(8)]
    data = Curves([*curves, Curve(8, "pruned", [1], [0.1], [0.1])], 7, 9)

    drawn = curves_figure(data)

    assert drawn.layout.yaxis.range[0] > 85
    assert "are cut off" in captions.curves(data)
    assert "are cut off" not in captions.curves(Curves(curves, 7, 8))


def test_a_hundred_tricks_fill_the_figure() -> None:
    rows = [TrickEffect(f"trick_{i}", 5, 5, 0, 1, 0.1, -0.1, 0.3) for i in range(100)]

    assert effects_figure(rows).layout.yaxis.range == (-0.8, 99.8)


@pytest.mark.parametrize(
    ("labels", "alone"),
    [
        (["as they are", "in update 1"], False),
        (["as they are", "cutmix", "mixup", "all, in update 1"], True),
    ],
)
def test_the_caption_of_the_images_names_the_rows_there_are(labels: list[str], alone: bool) -> None:
    assert ("tricks alone" in captions.samples(labels, {"cutmix", "mixup"})) is alone


def test_forest_plot_puts_the_most_helpful_on_top_and_colours_only_what_is_sure() -> None:
    drawn = effects_figure(effects(*a_study(80, points=TRUTH)))

    assert drawn.layout.yaxis.categoryarray == ("cutmix", "label smoothing", "mixup")
    assert {trace.name: trace.y for trace in drawn.data} == {
        "helps": ("mixup",),
        "harms": ("cutmix",),
        "does not matter": ("label smoothing",),
    }


def test_what_has_no_interval_is_not_drawn() -> None:
    unsure = TrickEffect("ema", 9, 9, 0, 1, 0.5, -0.2, 1.2)

    drawn = effects_figure([TrickEffect("mixup", 1, 17, 0, 1, None), unsure])

    assert [(trace.name, trace.y) for trace in drawn.data] == [("cannot tell yet", ("ema",))]
    assert drawn.data[0].error_x.array[0] == pytest.approx(0.7)
    assert all(trace.showlegend for trace in drawn.data)


def test_a_name_is_drawn_letter_by_letter() -> None:
    drawn = effects_figure([TrickEffect("<b>bold", 5, 5, 0, 1, 0.1, -0.1, 0.3)])

    assert drawn.data[0].y == ("&lt;b&gt;bold",)


def test_importance_bars_end_at_their_intervals() -> None:
    drawn = importance_figure([Importance("base_lr", 0.6, 0.4, 0.9, 50)])

    [bar] = drawn.data
    assert bar.x == (60.0,)
    assert bar.error_x.array[0] == pytest.approx(30)
    assert bar.error_x.arrayminus[0] == pytest.approx(20)


def test_each_curve_has_its_schedule_below() -> None:
    trials, reports = a_study(12, points=TRUTH)

    drawn = curves_figure(learning_curves(trials, reports))

    assert [trace.yaxis for trace in drawn.data] == ["y", "y2"] * 12
    assert drawn.data[-2].name.startswith("best: trial ")
    assert drawn.layout.yaxis2.domain[1] < drawn.layout.yaxis.domain[0]


def test_parallel_coordinates_end_with_the_accuracy() -> None:
    trials, _ = a_study(20, points=TRUTH)

    [lines] = parallel_figure(parallel(trials, first=["base_lr"])).data

    labels = [axis.label for axis in lines.dimensions]
    assert labels[0] == "base lr"
    assert labels[-1] == "accuracy (%)"
    assert len(lines.dimensions[0]["values"]) == 20


def test_parallel_coordinates_have_ticks_of_three_digits() -> None:
    axis = Axis("base_lr", [0.441193, 0.1, 0.319851])

    [lines] = parallel_figure(Parallel([axis], [0.9, 0.8, 0.7], 3, 0)).data

    assert list(lines.dimensions[0].ticktext) == ["0.1", "0.32", "0.441"]


def test_there_are_no_half_epochs() -> None:
    curves = learning_curves(*a_study(4, points=TRUTH))
    later = [
        replace(curve, epochs=[20 * epoch for epoch in curve.epochs]) for curve in curves.curves
    ]

    short, long = (curves_figure(found) for found in (curves, replace(curves, curves=later)))

    assert short.layout.xaxis.dtick == 1 and long.layout.xaxis.dtick is None


@pytest.mark.parametrize("channels", [1, 3])
def test_sample_grid_has_a_row_for_each_label(channels: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8, channels), np.uint8)

    drawn = samples_figure({"as it is": images, "epoch 1": images})

    assert drawn.layout.yaxis.ticktext == ("as it is", "epoch 1")
    assert drawn.layout.images[0].source.startswith("data:image/png;base64,")
    assert (drawn.layout.images[0].sizex, drawn.layout.images[0].sizey) == (6, 2)
