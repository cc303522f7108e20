from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from autotrick.analysis.effects import TrickEffect, effects
from autotrick.analysis.importance import Importance
from autotrick.analysis.interactions import Interaction
from autotrick.analysis.parallel_coordinates import Axis, Parallel, parallel
from autotrick.analysis.progress import (
    Curve,
    Curves,
    History,
    Outcome,
    history,
    learning_curves,
    winner,
)
from autotrick.analysis.summary import baseline
from autotrick.report import captions
from autotrick.report.curves import curves_figure
from autotrick.report.effects import effects_figure
from autotrick.report.history import history_figure
from autotrick.report.importance import importance_figure
from autotrick.report.interactions import interaction_sentences, interactions_figure
from autotrick.report.parallel import parallel_figure
from autotrick.report.samples import samples_figure
from tests.simulated import a_recipe, a_report, a_study, a_trial

MINUS = "\N{MINUS SIGN}"
TRUTH = {"mixup": 1.5, "cutmix": -1.0, "label_smoothing": 0.0}


def test_history_shows_every_state_and_the_best_so_far() -> None:
    trials, _ = a_study(40, points=TRUTH, keep=0.67)
    best = winner(trials)
    assert best is not None
    plain = best.recipe.model_copy(update={"tricks": {}, "seed": 1000})
    trials[-1] = replace(trials[-1], recipe=plain, state="complete")

    drawn = history_figure(history(trials), baseline(trials))

    traces = {trace.name: trace for trace in drawn.data}
    off = baseline(trials)
    assert set(traces) == {
        "complete",
        "pruned",
        "best so far",
        f"like the best, all tricks off (n = {off.num})",
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


def test_many_tricks_without_an_interval_are_counted() -> None:
    rows = [TrickEffect(f"trick_{i}", 5, 5, 0, 1, None) for i in range(100)]

    drawn = effects_figure(rows)

    assert len(drawn.layout.annotations) == 13
    assert drawn.layout.yaxis.categoryarray[0] == "88 more"


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
    assert {trace.name: trace.y for trace in drawn.data if trace.x[0] is not None} == {
        "helps": ("mixup",),
        "harms": ("cutmix",),
        "does not matter": ("label smoothing",),
    }


def test_forest_plot_shades_what_does_not_matter() -> None:
    rows = [
        TrickEffect("ema", 9, 9, 0, 1, 1.5, 1.0, 2.0, precision=0.4),
        TrickEffect("mixup", 9, 9, 0, 1, 0.1, -0.3, 0.3, precision=0.4),
        TrickEffect("cutmix", 9, 9, 0, 1, 0.1, -0.5, 0.7, precision=0.4, needed=11),
    ]

    drawn = effects_figure(rows)

    [band] = [shape for shape in drawn.layout.shapes if shape.type == "rect"]
    assert (band.x0, band.x1) == (-0.4, 0.4)
    assert [trace.name for trace in drawn.data] == [
        "within 0.4 points of 0",
        "helps",
        "does not matter",
        "cannot tell yet",
    ]
    assert "about 11 more trials for a verdict" in drawn.data[3].customdata[0][2]
    assert len({(trace.marker.symbol, trace.marker.color) for trace in drawn.data}) == 4
    assert all(trace.showlegend for trace in drawn.data)


def test_what_has_no_interval_comes_last_without_a_mark() -> None:
    sure = TrickEffect("ema", 9, 9, 0, 1, 0.5, -0.2, 1.2)

    drawn = effects_figure([TrickEffect("mixup", 1, 17, 0, 1, None), sure])

    assert drawn.layout.yaxis.categoryarray == ("mixup", "ema")  # from the bottom up
    assert [trace.y for trace in drawn.data if trace.y[0] is not None] == [("ema",)]
    [note] = drawn.layout.annotations
    assert (note.y, note.text) == ("mixup", "cannot tell yet, no interval")


def test_an_early_epoch_is_drawn_as_that_without_a_verdict() -> None:
    drawn = effects_figure([TrickEffect("ema", 9, 9, 0, 1, 2.0, 1.5, 2.5, epochs=6)])

    [points] = drawn.data
    assert points.name == "early epoch, no verdict"
    assert points.customdata[0][2].endswith("at epoch 1 of 6, not the end")
    assert [shape.type for shape in drawn.layout.shapes] == ["line"]


def test_a_name_is_drawn_letter_by_letter() -> None:
    drawn = effects_figure([TrickEffect("<b>bold", 5, 5, 0, 1, 0.1, -0.1, 0.3)])

    assert drawn.data[-1].y == ("&lt;b&gt;bold",)


def test_phases_are_shaded_and_named_once() -> None:
    phases = ["base"] * 3 + ["screen"] * 8 + ["search"] * 4 + ["screen"] * 4
    trials = [
        replace(a_trial(i, a_recipe(seed=i), [a_report(1, 0.5 + i / 100)]), phase=phase)
        for i, phase in enumerate(phases)
    ]

    drawn = history_figure(history(trials))

    bands = [(shape.x0, shape.x1) for shape in drawn.layout.shapes if shape.type == "rect"]
    assert bands == [(-0.5, 2.5), (10.5, 14.5)]
    named = [(note.text, note.x) for note in drawn.layout.annotations]
    assert named == [("base", -0.5), ("screen", 2.5), ("search", 10.5)]
    assert "shaded in turn: base, screen, search" in captions.history(history(trials))
    assert not history_figure(
        history([replace(trial, phase=None) for trial in trials])
    ).layout.shapes


PAIRS = [
    Interaction("cosine_decay", "ema", -1.0, -1.4, -0.6, claimed=True, same_job=True),
    Interaction("cutout", "mixup", 0.8, 0.3, 1.3, claimed=True),
    Interaction("cosine_decay", "mixup", 0.1, -0.6, 0.8),
    Interaction("cutmix", "mixup", None),
]


def test_heat_map_colours_only_claimed_pairs() -> None:
    drawn = interactions_figure(PAIRS)

    grey, claimed = drawn.data
    assert cells(grey, grey.z) == {("cosine decay", "mixup"): 0.1}
    assert cells(claimed, claimed.z) == {("cosine decay", "ema"): -1.0, ("cutout", "mixup"): 0.8}
    assert claimed.zmin == -claimed.zmax == -1.0
    assert cells(claimed, claimed.text) == {
        ("cosine decay", "ema"): f"{MINUS}1.00",
        ("cutout", "mixup"): "+0.80",
    }
    said = cells(claimed, claimed.customdata)[("cosine decay", "ema")]
    assert said == f"{MINUS}1.00 points ({MINUS}1.40 to {MINUS}0.60), do the same job"
    open_ = cells(grey, grey.customdata)[("cosine decay", "mixup")]
    assert open_ == f"+0.10 points ({MINUS}0.60 to +0.80), not told from a plain sum"


def cells(drawn: go.Heatmap, values: Sequence[Sequence[Any]]) -> dict[tuple[str, str], Any]:
    """Return what is in the cells of a heat map that are not empty."""
    return {
        (x, y): value
        for y, row in zip(drawn.y, values, strict=True)
        for x, value in zip(drawn.x, row, strict=True)
        if value not in (None, "")
    }


def test_heat_map_of_forty_tricks_has_small_cells_without_numbers() -> None:
    names = [f"trick_{i:02}" for i in range(45)]
    pairs = [
        Interaction(one, other, 0.5, 0.1, 0.9, claimed=i < 40)
        for i, other in enumerate(names)
        for one in names[:i]
    ]

    drawn = interactions_figure(pairs)

    assert captions.interactions(pairs).endswith("interval. 5 more tricks not shown.")

    assert drawn.layout.height < 900
    assert drawn.data[-1].texttemplate is None
    assert len(drawn.data[-1].x) == len(drawn.data[-1].y) == 39


def test_what_two_tricks_do_together_is_said_in_sentences() -> None:
    said = interaction_sentences(PAIRS)

    assert said == [
        "Cosine decay and ema do the same job: together they are worth 1.00 points (0.60 to 1.40) less than "
        "the sum of what each is worth alone. One of the two is enough.",
        "Worth more together than the sum: cutout and mixup by 0.80 points (0.30 to 1.30).",
    ]
    assert interaction_sentences(PAIRS[2:]) == [
        "No pair of tricks is told from a plain sum, of 1 pair that was tried."
    ]
    assert interaction_sentences(PAIRS[3:]) == []


def test_importance_bars_end_at_their_intervals() -> None:
    drawn = importance_figure([Importance("base_lr", 0.6, 0.4, 0.9, 50)])

    [bar] = drawn.data
    assert bar.x == (60.0,)
    assert bar.error_x.array[0] == pytest.approx(30)
    assert bar.error_x.arrayminus[0] == pytest.approx(20)


def test_settings_of_a_trick_are_below_it() -> None:
    rows = [
        Importance("base_lr", 0.4, 0.2, 0.6, 50, "base_lr"),
        Importance("mixup.alpha", 0.3, 0.1, 0.5, 50, "mixup"),
        Importance("mixup", 0.2, 0.0, 0.4, 50, "mixup"),
        Importance("cutmix.alpha", 0.1, 0.0, 0.2, 50, "cutmix"),
    ]

    drawn = importance_figure(rows)

    [bar] = drawn.data
    assert list(bar.y)[::-1] == ["mixup", "mixup.alpha", "base_lr", "cutmix.alpha"]
    assert len(set(bar.marker.color)) == 2
    assert bar.marker.color[3] == bar.marker.color[0] != bar.marker.color[2]


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
