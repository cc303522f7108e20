"""What confirmations say, against planted truth: the race's own source, values from a generator."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from autotrick.analysis.confirmation import (
    CandidateSettings,
    Confirmation,
    ConfirmationSettings,
    ConfirmedRecipe,
    _gains,
    confirmation,
    sentences,
)
from autotrick.errors import RecordsError
from autotrick.random_streams import key_of
from autotrick.records import LookRow, StudyRow, TrialRow
from autotrick.records.test_looks import sentence
from autotrick.tasks import ACCURACY, Metric
from autotrick.tune.sources.confirm_race import ConfirmRace
from autotrick.tune.sources.race import RaceSource
from autotrick.tune.sources.recipe_list import ListedRecipe, RecipeList
from autotrick.tune.sources.source import Outcome
from autotrick.views.confirmation import columns, confirmation_json
from tests.simulated import a_recipe, a_trial

NOISE = 0.003
SEEDS = (3, 4, 5, 6, 7)
START = datetime(2026, 11, 30, tzinfo=UTC)
RATES = {"trial 8": 0.1, "trial 3": 0.2, "trial 5": 0.1}
"""Of the candidates, the best in the search first; the second has a baseline of its own."""


def searched(truth: Mapping[str, float], number: int) -> dict[str, float]:
    """Return the values of the three best of 30 trials: each the best of ten equal ones."""
    rng = np.random.default_rng(key_of(number, "search"))
    return {label: truth[label] + NOISE * rng.standard_normal(10).max() for label in RATES}


def settings_of(values: Mapping[str, float]) -> ConfirmationSettings:
    own = {"trial 8": "all off", "trial 3": "all off like trial 3", "trial 5": "all off"}
    candidates = [
        CandidateSettings(
            label=label,
            role="candidate",
            trial=int(label[-1]),
            value=values[label],
            baseline=own[label],
            tricks=("mixup",),
        )
        for label in RATES
    ]
    bases = [
        CandidateSettings(label=label, role="baseline") for label in dict.fromkeys(own.values())
    ]
    return ConfirmationSettings(top=3, seeds=SEEDS, candidates=(*candidates, *bases), look=1)


def race_of(settings: ConfirmationSettings) -> tuple[RecipeList, ConfirmRace]:
    plain = ListedRecipe(label="all off like trial 3", recipe=a_recipe(base_lr=0.2))
    listed = [
        ListedRecipe(label=one, recipe=a_recipe("mixup", base_lr=rate, batch_size=250 + i))
        for i, (one, rate) in enumerate(RATES.items())
    ]
    first = ListedRecipe(label="all off", recipe=a_recipe())
    race = ConfirmRace(
        baseline="all off",
        seeds=len(SEEDS),
        baselines={one.label: one.baseline for one in settings.candidates if one.baseline},
        later=(plain,),
    )
    return RecipeList(recipes=(*listed, first), seeds=SEEDS), race


def raced(
    settings: ConfirmationSettings, truth: Mapping[str, float], number: int, **failing: int
) -> list[TrialRow]:
    """Return the trials of a confirmation; `failing` says which seed of a recipe fails."""
    recipes, race = race_of(settings)
    source, trials = RaceSource(recipes, race, ACCURACY), list[TrialRow]()
    while source.left(len(trials)):
        new = source.ask(len(trials))
        rng = np.random.default_rng(key_of(number, new.origin, new.recipe.seed))
        shared = np.random.default_rng(key_of(number, new.recipe.seed)).standard_normal()
        value = truth[new.origin] + NOISE * (rng.standard_normal() + shared)
        failed = failing.get(new.origin.replace(" ", "_")) == new.recipe.seed
        row = replace(
            a_trial(new.number, new.recipe, [], "failed" if failed else "complete"),
            origin=new.origin,
            value=None if failed else value,
            weights=f"{new.origin}/{new.recipe.seed}",
        )
        trials.append(row)
        source.tell(
            new.number,
            new.recipe,
            Outcome(row.state, metric=row.value),  # type: ignore[arg-type]
        )
    return trials


def study_of(settings: ConfirmationSettings, **changes: Any) -> StudyRow:
    fields: dict[str, Any] = {
        "id": 2,
        "name": "fashion-confirm",
        "question": "",
        "space": {},
        "space_digest": "",
        "metric": "accuracy",
        "seed": 0,
        "budget": {"confirmation": settings.model_dump(mode="json")},
        "state": "complete",
        "created": START,
        "counts": dict.fromkeys(("waiting", "running", "complete", "pruned", "failed"), 0),
        "best": None,
        "owner": None,
        "heartbeat": None,
        "parent": "fashion",
        "purpose": "confirm",
        "data": {"counts": {"train": [1], "test": [1]}},
    }
    return StudyRow(**fields | changes)


def confirmed(
    truth: Mapping[str, float], number: int = 0, **changes: Any
) -> tuple[Confirmation, list[TrialRow], StudyRow]:
    settings = settings_of(searched(truth, number))
    trials = raced(settings, truth, number, **changes)
    study = study_of(settings)
    return confirmation(study, trials), trials, study


def truth_of(*, gain: float = 0.0) -> dict[str, float]:
    return {
        "trial 8": 0.9 + gain,
        "trial 3": 0.9 + gain,
        "trial 5": 0.9 + gain,
        "all off": 0.9,
        "all off like trial 3": 0.9,
    }


def test_of_equal_recipes_the_curse_is_seen_and_no_gain_is_claimed() -> None:
    studies = 150
    found = [confirmed(truth_of(), number)[0] for number in range(studies)]

    curses = [row.winner.curse for row in found if row.winner and row.winner.curse is not None]
    assert len(curses) == studies
    # The best of ten is 1.54 standard deviations above the truth; seeds are shared, so a little is luck.
    assert np.mean(curses) == pytest.approx(-100 * NOISE * 1.54, abs=0.15)
    assert sum(one.confirmed is True for one in found) / studies <= 0.05


@pytest.mark.parametrize("gain", [0.0, 0.004, 0.02])
def test_the_gain_over_the_own_baseline_is_covered(gain: float) -> None:
    studies, covered, own = 100, 0, 0
    for number in range(studies):
        winner = confirmed(truth_of(gain=gain), 1000 + number)[0].winner
        assert winner and winner.gain and winner.gain.low is not None
        assert winner.gain.high is not None
        covered += winner.gain.low <= 100 * gain <= winner.gain.high
        own += winner.label == "trial 3"

    assert covered / studies >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / studies)
    # Its baseline is trained after the race, and the gain is known none the less.
    assert own > 0


def test_a_clear_gain_is_confirmed() -> None:
    found, _, _ = confirmed(truth_of(gain=0.03))

    assert found.confirmed
    assert found.winner
    assert found.best == found.rows[0].label == found.winner.label
    assert "confirmed" in " ".join(sentences(found))
    assert [row.role for row in found.rows][:3] == ["candidate"] * 3


def test_what_all_off_beats_is_not_confirmed() -> None:
    found, _, _ = confirmed(truth_of(gain=-0.03))

    assert found.confirmed is False
    assert "not confirmed, all tricks off is better" in sentences(found)[1]


def test_a_recipe_that_is_ended_early_is_told_from_one_that_fails() -> None:
    truth = truth_of(gain=0.01) | {"trial 5": 0.5}
    settings = settings_of(searched(truth, 0))
    trials = raced(settings, truth, 0, trial_3=4)

    found = confirmation(study_of(settings), trials)

    rows = {row.label: row for row in found.rows}
    assert (rows["trial 5"].num, rows["trial 5"].dropped) == (3, True)
    assert (rows["trial 3"].failed, rows["trial 3"].num, rows["trial 3"].dropped) == (1, 2, True)
    assert found.best == "trial 8"
    assert rows["all off"].num == 5
    assert "all off like trial 3" not in rows


def look(
    trials: list[TrialRow], labels: tuple[str, ...], number: int = 1, **changes: Any
) -> LookRow:
    mine = {label: [t for t in trials if t.origin == label] for label in labels}
    candidates = tuple(
        {
            "label": label,
            "trials": [t.number for t in rows],
            "seeds": [t.recipe.seed for t in rows],
            "weights": [t.weights for t in rows],
        }
        for label, rows in mine.items()
    )
    values = {label: [(t.value or 0) - 0.01 for t in rows] for label, rows in mine.items()}
    result = {"metric": "accuracy", "images": 10_000, "values": values}
    return LookRow(number, candidates, result, number > 1, START, START, **changes)


def test_the_look_gives_test_values_with_both_intervals() -> None:
    _, trials, study = confirmed(truth_of(gain=0.02))
    best = confirmation(study, trials).winner
    assert best and best.baseline

    found = confirmation(study, trials, [look(trials, (best.label, best.baseline))])

    assert found.winner and found.winner.test and found.test_gain and best.mean
    test = found.winner.test
    assert test.mean == pytest.approx(best.mean - 0.01)
    assert test.low is not None and test.images_low is not None
    assert test.low < test.mean < (test.high or 0)
    half = 1.96 * np.sqrt(test.mean * (1 - test.mean) / 10_000)
    assert test.images_low == pytest.approx(test.mean - half, abs=2e-4)
    assert found.test_gain.mean == pytest.approx(best.gain.mean if best.gain else 0)
    assert sum(row.test is not None for row in found.rows) == 2
    assert sentence(found.looks) == "The test set was looked at once."
    assert not any("looked at" in line for line in sentences(found))


def test_a_second_look_is_always_told() -> None:
    _, trials, study = confirmed(truth_of(gain=0.02))
    winner = confirmation(study, trials).winner
    assert winner and winner.baseline
    looks = [look(trials, (winner.label, winner.baseline), n) for n in (1, 2)]

    found = confirmation(study, trials, looks)

    assert "The test set was looked at twice" in sentences(found)[-1]
    assert [one["number"] for one in confirmation_json(found)["looks"]] == [1, 2]


def test_the_look_of_another_confirmation_gives_no_values() -> None:
    _, trials, study = confirmed(truth_of(gain=0.02))
    other = [replace(trial, weights=f"other {trial.number}") for trial in trials]

    found = confirmation(study, trials, [look(other, ("trial 8", "all off"))])

    assert all(row.test is None for row in found.rows)
    assert "The test split has not been looked at yet." in sentences(found)


def test_without_a_test_split_that_is_said() -> None:
    settings = settings_of(searched(truth_of(), 0))
    trials = raced(settings, truth_of(), 0)

    found = confirmation(study_of(settings, data={"counts": {"train": [1]}}), trials)

    assert "The data set has no test split" in sentences(found)[-1]


def test_before_the_end_there_is_no_best_recipe() -> None:
    settings = settings_of(searched(truth_of(), 0))
    trials = raced(settings, truth_of(), 0)[:7]
    counts = dict.fromkeys(("complete", "pruned", "failed", "waiting"), 0) | {"running": 1}

    found = confirmation(study_of(settings, counts=counts, state="open"), trials)

    assert (found.best, found.confirmed, found.winner) == (None, None, None)
    assert sentences(found) == ["No recipe has been trained with all seeds yet."]


def test_of_a_metric_whose_smaller_values_are_better_less_is_a_gain() -> None:
    error = Metric("error", "error", larger=False)
    values = {"trial 8": {3: 1.0, 4: 1.1, 5: 0.9}, "all off": {3: 2.0, 4: 2.05, 5: 1.9}}

    gain = _gains(values, {"trial 8": "all off"}, (3, 4, 5), error)["trial 8"]

    assert gain.mean == pytest.approx(-0.9833, abs=1e-4)
    assert gain.low is not None and gain.high is not None
    assert gain.low < gain.mean < gain.high < 0
    row = ConfirmedRecipe(
        *("trial 8", "candidate", 8, ("mixup",), 0.9, values["trial 8"], 1.0, 0.9, 1.1, 0.1),
        baseline="all off",
        gain=gain,
    )
    found = Confirmation("c", "s", error, (3, 4, 5), (row,), "trial 8", False, True)
    assert found.confirmed
    assert "the search promised more than it keeps" in sentences(found)[0]


def test_json_and_table_have_every_recipe() -> None:
    found, _, _ = confirmed(truth_of(gain=0.02))

    plain = confirmation_json(found)
    head = [column.title for column in columns(found)]

    assert [row["label"] for row in plain["recipes"]] == [row.label for row in found.rows]
    assert plain["confirmed"] is True
    assert head[:3] == ["Recipe", "Search", "Seeds"]
    assert "Test" not in head


def test_another_kind_of_study_is_refused() -> None:
    with pytest.raises(RecordsError, match="is not a confirmation that this version can read"):
        confirmation(study_of(settings_of(searched(truth_of(), 0)), budget={}), [])
