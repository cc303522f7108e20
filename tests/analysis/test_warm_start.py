"""What a warm start brought, counted on trials that are written down."""

from dataclasses import replace
from typing import Any

import pytest

from autotrick.analysis.warm_start import warm_start
from autotrick.records.rows import TrialRow
from autotrick.report.sentences import warm_start as worded
from autotrick.space import all_off, published_defaults
from tests.simulated import a_recipe, a_report, a_trial
from tests.synthetic import a_space

BEST = "warm start: best of words, trial 2"
HERITAGE: dict[str, Any] = {
    "sources": ["words:3", "words"],
    "queue": [
        {"origin": "enqueued: words:3", "answers": {}, "demanded": True},
        {"origin": BEST, "answers": {}},
    ],
    "past": [{"study": "words", "number": n, "answers": {}, "score": 0.0} for n in range(4)],
}


def study(*values: float, **changes: Any) -> list[TrialRow]:
    """Return trials with these values; number 1 is the one that was taken over."""
    rows = [
        a_trial(n, a_recipe(seed=n), [a_report(1, value)] if value else [])
        for n, value in enumerate(values)
    ]
    return [replace(row, origin=BEST, **changes) if row.number == 1 else row for row in rows]


def said(rows: list[TrialRow]) -> str:
    return worded(warm_start(HERITAGE, rows, None))[1]


def test_what_was_taken_over_is_compared_with_the_other_complete_trials() -> None:
    rows = study(0.5, 0.75, 0.6, 0.9, 0.7)
    rows[3] = replace(rows[3], state="pruned")

    found = warm_start(HERITAGE, rows, None)

    assert found.learned == {"words": 4}
    (tried,) = found.tried
    assert tried.trial == rows[1]
    assert (tried.others, tried.below, tried.before, tried.reached) == (3, 3, 0.5, None)
    assert tried.mean == pytest.approx(0.6)
    assert worded(found) == [
        "Warm start: the sampler knew 4 trials of words from the beginning. One study cannot tell what "
        "it would have proposed without them.",
        "The best of words, trial 2, is trial 1 of this study: 75.00 %, better than 3 of the 3 complete "
        "trials that the study proposed itself (mean 60.00 %, best before it 50.00 %); none of them is "
        "as good.",
    ]


def test_a_recipe_that_somebody_enqueued_is_not_among_the_others() -> None:
    rows = study(0.5, 0.75, 0.9)
    rows[2] = replace(rows[2], origin="enqueued: words:3")

    (tried,) = warm_start(HERITAGE, rows, None).tried

    assert (tried.others, tried.reached) == (1, None)


def test_a_recipe_that_is_tried_under_another_name_is_known_again() -> None:
    space = a_space()
    rows = study(0.5, 0.6, 0.7)
    rows[1] = replace(rows[1], origin="tpe", recipe=published_defaults(space))
    rows[2] = replace(rows[2], origin="all tricks off", recipe=all_off(space))
    answers = space.answers(rows[2].recipe)
    heritage = HERITAGE | {"queue": [{"origin": BEST, "answers": answers}]}

    found = warm_start(heritage, rows, space)

    assert found.tried[0].trial == rows[2]
    assert "words, trial 2, is trial 2 of this study (all tricks off): 70.00 %" in worded(found)[1]


def test_one_that_does_worse_is_told_as_plainly() -> None:
    text = said(study(0.8, 0.25, 0.2, 0.9))

    assert "25.00 %, better than 1 of the 3 complete" in text
    assert text.endswith("the first of them that is as good is trial 0.")


@pytest.mark.parametrize(
    ("rows", "end"),
    [
        (study(0.5), "trial 2, has not been tried in this study yet."),
        (study(0.5, 0.0, state="failed"), "is trial 1 of this study (failed)."),
        (study(0.5, 0.4, state="running"), "is trial 1 of this study (running)."),
        (
            study(0.5, 0.4, state="pruned"),
            "is trial 1 of this study: pruned after 1 epoch, with 40.00 %.",
        ),
        (study(0.5, 0.4)[1:], "is trial 1 of this study: 40.00 %; no other trial is complete yet."),
    ],
)
def test_what_cannot_be_compared_is_said(rows: list[TrialRow], end: str) -> None:
    assert said(rows).endswith(end)


@pytest.mark.parametrize("heritage", [{}, HERITAGE | {"past": []}])
def test_a_study_that_learned_from_none_says_nothing(heritage: dict[str, Any]) -> None:
    assert worded(warm_start(heritage, study(0.5, 0.6), None)) == []
