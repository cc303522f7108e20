"""Recipes whose settings change on the way."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from autotrick.data import Dataset
from autotrick.errors import RecipeError, TrainingError
from autotrick.recipe import DataRef, Leg, Recipe
from autotrick.train import Snapshot, train

TRICKS: dict[str, dict[str, Any]] = {"mixup": {"alpha": 0.2}, "ema": {"half_life": 0.05}}


def recipe(*course: Leg, **fields: Any) -> Recipe:
    return Recipe(
        data=DataRef(name="digits"),
        architecture="lenet5",
        batch_size=32,
        base_lr=0.4,
        course=course,
        **{"epochs": 4, "tricks": TRICKS} | fields,
    )


LEG = Leg(after=2, fields={"base_lr": 0.1}, tricks={"mixup": {"alpha": 0.9}})


def weights(result: Any) -> list[str]:
    return [report.weights for report in result.reports]


def saved(of: Recipe, data: Dataset, folder: Path, until: int) -> Path:
    found = []

    def save(snapshot: Snapshot) -> bool:
        found.append(snapshot.save(folder).path)
        return True

    train(of, data, on_epoch=save, until=until)
    return found[-1]


def test_recipe_without_a_course_is_written_as_before() -> None:
    assert "course" not in recipe().model_dump(mode="json")
    assert Recipe.model_validate(recipe(LEG).model_dump(mode="json")) == recipe(LEG)


def test_settings_hold_from_their_leg_on() -> None:
    whole = recipe(LEG)

    assert (whole.at(1).base_lr, whole.at(1).tricks) == (0.4, TRICKS)
    assert (whole.at(2).base_lr, whole.at(2).tricks["mixup"]) == (0.1, {"alpha": 0.9})
    assert whole.at(2).tricks["ema"] == TRICKS["ema"]


@pytest.mark.parametrize(
    "course",
    [
        (Leg(after=4),),
        (Leg(after=2), Leg(after=1)),
        (Leg(after=1), Leg(after=1)),
        (Leg(after=1, tricks={"cutout": {}}),),
    ],
)
def test_course_that_cannot_be_is_refused(course: tuple[Leg, ...]) -> None:
    with pytest.raises(ValidationError):
        recipe(*course)


def test_leg_that_changes_nothing_changes_nothing(digits: Dataset) -> None:
    same = recipe(Leg(after=2, fields={"base_lr": 0.4}))

    assert weights(train(same, digits)) == weights(train(recipe(), digits))


def test_leg_acts_from_its_epoch_on(digits: Dataset) -> None:
    plain, changed = train(recipe(), digits), train(recipe(LEG), digits)

    same = [a == b for a, b in zip(weights(plain), weights(changed), strict=True)]
    assert same == [True, True, False, False]
    assert [round(r.lr / plain.reports[0].lr, 6) for r in changed.reports] == [1, 1, 0.25, 0.25]


@pytest.mark.parametrize("until", [1, 2, 3])
def test_interrupted_course_ends_as_an_uninterrupted_one(
    digits: Dataset, tmp_path: Path, until: int
) -> None:
    whole = train(recipe(LEG), digits)

    halfway = saved(recipe(LEG), digits, tmp_path, until)

    assert weights(train(recipe(LEG), digits, resume_from=halfway)) == weights(whole)


def test_heir_goes_on_from_the_checkpoint_that_it_inherits(digits: Dataset, tmp_path: Path) -> None:
    inherited = saved(recipe(), digits, tmp_path, 2)

    heir = train(recipe(LEG), digits, resume_from=inherited)

    assert weights(heir) == weights(train(recipe(LEG), digits))


def test_checkpoint_beyond_the_leg_is_not_inherited(digits: Dataset, tmp_path: Path) -> None:
    beyond = saved(recipe(), digits, tmp_path, 3)

    with pytest.raises(TrainingError, match="belongs to another recipe"):
        train(recipe(LEG), digits, resume_from=beyond)


def test_leg_that_changes_which_weights_share_a_rate_is_refused(
    digits: Dataset, tmp_path: Path
) -> None:
    leg = Leg(after=1, tricks={"discriminative_lr": {"decay": 1.0}})
    plain = recipe().model_copy(update={"tricks": {"discriminative_lr": {"decay": 0.5}}})
    asked = plain.model_copy(update={"course": (leg,)})
    expected = "after epoch 1, a leg of the course changes which weights share a rate"

    with pytest.raises(RecipeError, match=expected):
        train(asked, digits)
    with pytest.raises(RecipeError, match=expected):
        train(asked, digits, resume_from=saved(asked, digits, tmp_path, 1))


@pytest.mark.parametrize("kind", ["tensorflow", "torch"])
def test_momentum_may_begin_on_the_way(digits: Dataset, tmp_path: Path, kind: str) -> None:
    plain = {"kind": kind, "momentum": 0.0}
    leg = Leg(after=1, tricks={"rmsprop": plain | {"momentum": 0.9}})
    asked = recipe(epochs=2).model_copy(update={"tricks": {"rmsprop": plain}, "course": (leg,)})

    whole = train(asked, digits)

    inherited = saved(asked.until(1), digits, tmp_path, 1)
    assert weights(train(asked, digits, resume_from=inherited)) == weights(whole)
    assert weights(whole)[1] != weights(train(asked.until(1), digits))[1]


def test_a_rate_that_fell_stays_where_a_leg_ends_the_falls(digits: Dataset) -> None:
    falling = {"plateau_decay": {"factor": 0.5, "patience": 0, "threshold": 1.0}}
    leg = Leg(after=2, tricks={"plateau_decay": falling["plateau_decay"] | {"factor": 1.0}})

    reports = train(recipe(leg, tricks=falling), digits).reports

    assert [report.lr / reports[0].lr for report in reports] == [1.0, 1.0, 0.5, 0.5]
