from dataclasses import replace

import pytest

from autotrick.analysis.answer import Answer
from autotrick.analysis.effects import Source, TrickEffect
from autotrick.analysis.findings import find
from autotrick.report.answer import answer_sentences, named, no_screen
from autotrick.report.tiles import tiles
from autotrick.tasks import Metric
from tests.simulated import a_recipe, a_report, a_study, a_trial

MINUS = "\N{MINUS SIGN}"
ROWS = [
    TrickEffect("ema", 12, 12, 0, 6, 1.3, 0.7, 1.9, epochs=6, source=Source.SCREEN),
    TrickEffect("cosine_decay", 12, 12, 0, 6, 0.9, 0.3, 1.5, epochs=6, source=Source.SCREEN),
    TrickEffect("flip", 12, 12, 0, 6, 0.1, -0.3, 0.4, epochs=6, source=Source.SCREEN),
    TrickEffect("mixup", 6, 18, 0, 6, 0.4, -0.3, 1.1, epochs=6, source=Source.SCREEN, needed=30),
    TrickEffect("cutmix", 6, 18, 0, 6, 0.3, -0.4, 1.0, epochs=6, source=Source.SCREEN, needed=12),
    TrickEffect("pad_crop", 12, 12, 0, 6, -2.2, -2.9, -1.5, epochs=6, source=Source.SCREEN),
]
ANSWER = Answer(
    use=("ema", "cosine_decay"),
    gain=1.6,
    gain_low=0.9,
    gain_high=2.3,
    base="fastnet, batch 128, base rate 0.2",
    not_worth=("flip", "pad_crop"),
    undecided=("cutmix", "mixup"),
)


def test_a_screened_study_is_answered_in_three_sentences() -> None:
    assert answer_sentences(ANSWER, ROWS) == [
        "Use ema and cosine decay.",
        "Together they improve the accuracy by +1.60 points (95 % interval +0.90 to +2.30) over all tricks "
        "off at the same base (fastnet, batch 128, base rate 0.2).",
        "Not worth it: pad crop (harms), flip (does not matter: within 0.5 points of 0); undecided: cutmix "
        "and mixup (about 12 to 30 more trials).",
    ]


def test_what_is_in_the_best_combination_without_being_clear_is_said_to_be_that() -> None:
    def used(*tricks: str) -> str:
        return answer_sentences(replace(ANSWER, use=tricks), ROWS)[0]

    assert used("ema", "mixup") == "Use ema; also mixup, not clear by itself."
    assert (
        used("cutmix", "ema", "mixup") == "Use ema; also cutmix and mixup, not clear by themselves."
    )
    assert used("mixup") == "Use mixup, though that is not clear by itself."
    assert (
        used("cutmix", "mixup") == "Use cutmix and mixup, though none of them is clear by itself."
    )


def test_a_metric_of_which_less_is_better_is_improved_too() -> None:
    error = Metric("error", "absolute error", larger=False, unit="grey levels")

    said = answer_sentences(ANSWER, ROWS, error)

    assert said[1].startswith("Together they improve the absolute error by +1.60 grey levels (95 %")


def test_without_a_complete_trial_there_is_no_answer() -> None:
    none = [TrickEffect("mixup", 0, 0, 0, 0, None)]

    assert answer_sentences(None, none) == ["There is no answer yet: no trial is complete."]


def test_a_study_without_tricks_says_so() -> None:
    assert answer_sentences(None, []) == [
        "There is no answer yet: no trick was switched in a complete trial."
    ]


def test_a_search_without_any_verdict_leaves_all_tricks_open() -> None:
    rows = [replace(row, source=Source.SEARCH) for row in ROWS[3:5]]

    assert answer_sentences(None, rows) == [
        "Use no trick yet: the 2 tricks tried are not known to help.",
        "What tricks gain over all tricks off at the same base cannot be told: this study has no screen, which "
        "would compare the two at one base.",
        "Undecided: mixup and cutmix (about 12 to 30 more trials).",
    ]


def test_without_a_clear_effect_no_trick_is_recommended() -> None:
    rows = ROWS[3:5]
    found = Answer((), None, None, None, "lenet5", (), ("cutmix", "mixup"))

    assert answer_sentences(found, rows) == [
        "Use no trick yet: the 2 tricks tried are not known to help.",
        "The best that is known is all tricks off at the same base (lenet5).",
        "Undecided: cutmix and mixup (about 12 to 30 more trials).",
    ]
    assert answer_sentences(replace(found, undecided=("mixup",)), rows[:1])[0] == (
        "Use no trick yet: the one trick tried is not known to help."
    )


def test_an_old_study_cannot_say_what_its_tricks_gain() -> None:
    rows = [replace(row, source=Source.SEARCH) for row in ROWS]
    found = replace(ANSWER, gain=None, gain_low=None, gain_high=None, base="")

    said = answer_sentences(found, rows)

    assert said[1] == (
        "What they gain together over all tricks off at the same base cannot be told: this study has no "
        "screen, which would compare the two at one base."
    )
    assert "too few trials for an interval" in answer_sentences(found, ROWS)[1]
    one = replace(ANSWER, use=("ema",), base="")
    assert answer_sentences(one, rows)[1].endswith(
        "(95 % interval +0.90 to +2.30), on average over the settings that the search tried."
    )


def test_when_all_is_decided_nothing_is_said_to_be_open() -> None:
    found = replace(ANSWER, undecided=())

    assert answer_sentences(found, ROWS)[2].endswith("(does not matter: within 0.5 points of 0).")
    none = replace(found, not_worth=())
    assert answer_sentences(none, ROWS)[2] == "No trick that was tried is left undecided."


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        ((None, None), "mixup."),
        ((1, 1), "mixup (about 1 more trial)."),
        ((5, None), "mixup (about 5 more trials)."),
        ((7, 4000), "mixup (about 7 to more than 1,000 more trials)."),
        ((2000, 4000), "mixup (more than 1,000 more trials)."),
    ],
)
def test_how_many_more_trials_decide_is_said_roughly(
    needed: tuple[int | None, int | None], said: str
) -> None:
    rows = [replace(row, needed=more) for row, more in zip(ROWS[3:5], needed, strict=True)]
    found = replace(ANSWER, not_worth=())

    assert answer_sentences(found, rows)[2] == f"Undecided: cutmix and {said}"


def test_sentences_stay_short_with_forty_tricks() -> None:
    names = tuple(f"trick_{i}" for i in range(40))
    rows = [replace(ROWS[3], trick=name) for name in names]

    said = answer_sentences(Answer((), None, None, None, "", (), names), rows)

    assert "trick 6 and 33 more (about 30 more trials)" in said[2]
    assert sum(map(len, said)) < 400
    assert named(names[:8]).endswith("trick 6 and trick 7")


def test_tiles_compare_like_with_like() -> None:
    trials, reports = a_study(12)
    found = replace(find(trials, reports, None), answer=ANSWER, effects=ROWS)

    shown = tiles(found)

    assert [tile.value for tile in shown[1:3]] == ["+1.60", "12"]
    assert shown[1].label == "points over all tricks off at the same base (+0.90 to +2.30)"
    assert shown[4].value == "4 of 6" and "clear verdict" in shown[4].label


def test_two_recipes_without_tricks_at_two_rates_are_no_gain() -> None:
    rates = {0: 0.01, 1: 0.3}
    trials = [
        a_trial(i, a_recipe(base_lr=rate), [a_report(1, 0.8 + rate / 4)])
        for i, rate in rates.items()
    ]
    found = find(trials, {i: [a_report(1, 0.8)] for i in rates}, None)

    assert tiles(found)[1].value == "\N{EN DASH}"
    assert "not known" in tiles(found)[1].label


def test_a_planned_study_whose_time_had_no_room_for_a_screen_says_so() -> None:
    one = a_trial(0, a_recipe(), [])
    base, screen, search = (replace(one, phase=phase) for phase in ("base", "screen", "search"))

    assert no_screen([base]) == ""
    assert "has no screen" in no_screen([base, search])
    assert no_screen([base, screen, search]) == ""
