from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autotrick.analysis.ablation import DROPPED, SWAPPED, Ablation, AblationRow, MinimalRecipe
from autotrick.analysis.confirmation import Confirmation, ConfirmedRecipe, TestValue
from autotrick.analysis.effects import TrickEffect, Verdict
from autotrick.analysis.findings import find
from autotrick.analysis.ladder import Ladder, LadderStep
from autotrick.analysis.transfer import Carries, TransferCell, TransferMatrix, TransferRow
from autotrick.design.paired import Gain
from autotrick.design.regression import Estimate
from autotrick.records import LookRow
from autotrick.records.test_looks import sentence
from autotrick.report.ablation import ablation_figure
from autotrick.report.answer import answer_sentences
from autotrick.report.confirmation import confirmation_figure
from autotrick.report.ladder import ladder_caption, ladder_figure
from autotrick.report.page import write
from autotrick.report.tiles import tiles
from autotrick.report.transfer import transfer_figure, transfer_sentences
from autotrick.tasks import ACCURACY, Metric
from autotrick.views.linked import Linked
from tests.report.test_answer import ANSWER, ROWS
from tests.report.test_page import STUDY
from tests.simulated import a_study

BEST = ConfirmedRecipe(
    label="trial 12",
    role="candidate",
    trial=12,
    tricks=("cosine_decay", "ema"),
    searched=0.912,
    values={5: 0.9, 6: 0.904},
    mean=0.902,
    low=0.898,
    high=0.906,
    curse=-1.0,
    baseline="all off",
    gain=Gain(1.25, 0.71, 1.79, 5),
    test=TestValue({5: 0.891, 6: 0.893}, 0.892, 0.887, 0.897, 10_000, 0.886, 0.898),
)
OTHER = replace(
    BEST, label="trial 3", trial=3, mean=0.899, low=0.89, high=0.908, dropped=True, test=None
)
OFF = ConfirmedRecipe(
    "all off", "baseline", None, (), None, {5: 0.889}, 0.889, 0.885, 0.893, None, None
)
CONFIRMED = Confirmation(
    study="clothes-confirm",
    parent="clothes",
    metric=ACCURACY,
    seeds=(5, 6, 7, 8, 9),
    rows=(BEST, OTHER, OFF),
    best="trial 12",
    test_split=True,
    asked=True,
)


def a_row(trick: str, effect: float | None, low: float | None, high: float | None) -> AblationRow:
    verdict = Verdict.UNCLEAR if low is None else Verdict.HELPS if low > 0 else Verdict.NO_MATTER
    label = f"without {trick}"
    return AblationRow(
        trick, DROPPED, label, (trick,), (), effect, low, high, 3, 1.0, 0, "", verdict, {}
    )


ABLATED = Ablation(
    study="clothes-ablate-12",
    parent="clothes",
    trial=12,
    reference="trial 12",
    tricks=("cosine_decay", "ema", "flip"),
    value=0.902,
    num=5,
    seeds=5,
    precision=0.5,
    metric=ACCURACY,
    rows=(
        a_row("ema", 1.1, 0.6, 1.6),
        replace(
            a_row("cosine_decay", 0.6, 0.1, 1.1),
            change=SWAPPED,
            removed=("step_decay",),
            added=("cosine_decay",),
        ),
        a_row("flip", 0.1, -0.2, 0.4),
        a_row("mixup", None, None, None),
    ),
    minimal=MinimalRecipe(
        ("flip",), ("cosine_decay", "ema"), "without flip", 7, -0.1, -0.4, 0.2, 5, ()
    ),
    trials=20,
    finished=True,
)


def an_effect(trick: str, effect: float) -> TrickEffect:
    return TrickEffect(trick, 12, 12, 0, 6, effect, effect - 0.4, effect + 0.4, epochs=6)


MATRIX = TransferMatrix(
    "clothes",
    "fashion_mnist",
    ("digits",),
    (
        TransferRow(
            "ema",
            an_effect("ema", 1.2),
            (TransferCell("d", "digits", an_effect("ema", 1.0), -0.2, -0.8, 0.4, Carries.YES),),
        ),
        TransferRow(
            "flip",
            an_effect("flip", 0.9),
            (TransferCell("d", "digits", an_effect("flip", -0.8), -1.7, -2.3, -1.1, Carries.NO),),
        ),
        TransferRow(
            "mixup",
            an_effect("mixup", 0.1),
            (TransferCell("d", "digits", None, None, None, None, Carries.LEFT_OUT, "too small"),),
        ),
    ),
)
LOOKS = [
    LookRow(
        number=number,
        candidates=(),
        result=None,
        forced=number > 1,
        created=datetime(2026, 11, 30, tzinfo=UTC),
        finished=None,
    )
    for number in (1, 2)
]


LADDERS = {
    "clothes-ladder-12": Ladder(
        (
            LadderStep("no tricks", 0.88, None, None, 1.0, 10, 3, 0),
            LadderStep("+ ema", 0.89, Estimate(1.0, 0.4, 1.6), None, 1.0, 10, 3, 0),
            LadderStep("+ pad_crop", 0.87, Estimate(-2.0, -2.6, -1.4), None, 1.0, 10, 3, 0),
            LadderStep("+ flip", 0.871, Estimate(0.1, -0.5, 0.7), None, 1.0, 10, 3, 0),
            LadderStep("+ mixup", None, None, None, None, None, 0, 3),
        ),
        (),
        (),
    )
}


def test_a_ladder_keeps_its_order() -> None:
    [steps] = LADDERS.values()

    drawn = ladder_figure(steps)

    assert drawn.layout.yaxis.categoryarray[::-1] == ("+ ema", "+ pad crop", "+ flip", "+ mixup")
    assert {trace.name: trace.y for trace in drawn.data} == {
        "better": ("+ ema",),
        "worse": ("+ pad crop",),
        "not told from 0": ("+ flip",),
    }
    assert ladder_caption(steps).startswith("From 88.00 % without tricks to")


def test_what_new_seeds_confirmed_leads() -> None:
    said = answer_sentences(ANSWER, ROWS, ACCURACY, CONFIRMED)

    assert said[:2] == [
        "Use cosine decay and ema (trial 12).",
        "Confirmed with 5 new seeds: it improves the accuracy by +1.25 points (95 % interval +0.71 to +1.79) over "
        "all tricks off at the same network, batch size and rate. On the test set it has 89.20 % (88.70 to "
        "89.70).",
    ]
    assert said[2].startswith("Not worth it: ")


def test_what_the_baseline_has_too_is_no_advice() -> None:
    rows = tuple(replace(row, tricks=(*row.tricks, "subset")) for row in CONFIRMED.rows)

    said = answer_sentences(ANSWER, ROWS, ACCURACY, replace(CONFIRMED, rows=rows))

    assert said[0] == "Use cosine decay and ema (trial 12)."


def test_what_new_seeds_did_not_confirm_is_not_recommended() -> None:
    weak = replace(BEST, gain=Gain(0.3, -0.4, 1.0, 5), test=None)

    said = answer_sentences(ANSWER, ROWS, ACCURACY, replace(CONFIRMED, rows=(weak, OFF)))

    assert said[0] == (
        "No recipe is confirmed; the best over 5 new seeds is trial 12: cosine decay and ema."
    )
    assert "which may be luck." in said[1] and "test set" not in said[1]


def test_until_a_confirmation_has_ended_the_search_speaks() -> None:
    waiting = replace(CONFIRMED, best=None)

    assert answer_sentences(ANSWER, ROWS, ACCURACY, waiting) == answer_sentences(ANSWER, ROWS)


def test_a_gain_of_which_less_is_better_is_turned() -> None:
    error = Metric("error", "absolute error", larger=False, unit="grey levels")
    best = replace(BEST, gain=Gain(-1.25, -1.79, -0.71, 5), test=None)

    said = answer_sentences(ANSWER, ROWS, error, replace(CONFIRMED, rows=(best,), metric=error))

    assert "by +1.25 grey levels (95 % interval +0.71 to +1.79)" in said[1]


def test_tiles_show_what_is_confirmed() -> None:
    found = replace(find(*a_study(12), None), answer=ANSWER, effects=ROWS)

    first, gain, *_ = tiles(found, CONFIRMED)

    assert first.value == "90.20 %" and "91.20 % in the search" in first.label
    assert gain.value == "+1.25" and "(+0.71 to +1.79)" in gain.label


def test_a_line_leads_from_the_search_to_new_seeds() -> None:
    drawn = confirmation_figure(CONFIRMED)

    assert drawn.layout.yaxis.categoryarray == ("all off", "trial 3", "trial 12")
    assert {trace.name: list(trace.y) for trace in drawn.data} == {
        "in the search": ["trial 12", "trial 3"],
        "mean over 5 new seeds": ["trial 12", "trial 3", "all off"],
        "on the test set": ["trial 12"],
    }
    assert [(line.x0, line.x1) for line in drawn.layout.shapes] == [
        (pytest.approx(91.2), pytest.approx(90.2)),
        (pytest.approx(91.2), pytest.approx(89.9)),
    ]
    searched, new, _ = drawn.data
    assert searched.error_x.array is None
    assert new.error_x.array[0] == pytest.approx(0.4)
    assert "could not win" in new.customdata[1][1] and "could not win" not in new.customdata[0][1]


def test_an_ablation_is_drawn_as_effects_are() -> None:
    drawn = ablation_figure(ABLATED)

    assert drawn.layout.yaxis.categoryarray == (
        "mixup (left out)",
        "flip (left out)",
        "cosine decay (for step decay)",
        "ema (left out)",
    )
    assert [trace.name for trace in drawn.data] == [
        "within 0.5 points of 0",
        "helps",
        "does not matter",
    ]
    [note] = drawn.layout.annotations
    assert note.text == "cannot tell yet, no interval"


def test_tricks_on_other_data_are_coloured_where_they_are_clear() -> None:
    drawn = transfer_figure(MATRIX)

    grey, clear = drawn.data
    assert list(clear.x) == ["fashion_mnist (at home)", "digits"]
    assert [list(row) for row in clear.z] == [[1.2, 1.0], [0.9, -0.8], [None, None]]
    assert [list(row) for row in grey.z] == [[None, None], [None, None], [0.1, None]]
    assert clear.customdata[1][1].endswith("harms; does not carry over")
    assert clear.customdata[2][1] == "left out (too small)"
    assert transfer_sentences(MATRIX) == [
        "From fashion_mnist to digits: flip does not carry over.",
        "From fashion_mnist to digits: ema carries over.",
    ]


def test_a_report_has_the_sections_of_what_belongs_to_its_study(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    belongs = Linked((CONFIRMED,), (ABLATED,), MATRIX, LADDERS, sentence(LOOKS), len(LOOKS))

    write(path, STUDY, *a_study(12), None, linked=belongs)

    text = path.read_text("utf-8")
    titles = [
        "<h2>Confirmed with new seeds: clothes-confirm</h2>",
        "<h2>One trick changed at a time in trial 12</h2>",
        "<h2>Tricks added one at a time: clothes-ladder-12</h2>",
        "<h2>On other data</h2>",
    ]
    assert [text.index(title) for title in titles] == sorted(text.index(title) for title in titles)
    opening = text[text.index("<h2>In short</h2>") : text.index("</section>")]
    assert "The test set was looked at twice" in opening
    assert "Confirmed with 5 new seeds" in opening
    assert "Free to drop: flip" in text


def test_a_study_of_given_recipes_claims_nothing_about_tricks(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    own = replace(STUDY, purpose="confirm")

    write(path, own, *a_study(12), None, linked=Linked((CONFIRMED,)))

    text = path.read_text("utf-8")
    opening = text[text.index("<h2>In short</h2>") : text.index("</section>")]
    assert "Confirmed with 5 new seeds" in opening
    assert "Undecided" not in opening and "verdict" not in opening and "no screen" not in opening
    assert "What each trick changes" not in text
