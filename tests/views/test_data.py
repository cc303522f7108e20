"""What is said of a study's images, and of a best that is hardly better than chance."""

from typing import Any

import pytest

from autotrick.data import Facts, warnings
from autotrick.views.data import (
    chance_warning,
    data_warnings,
    validation_sentence,
    weights_sentence,
)
from tests.synthetic import fill


def facts(**counts: tuple[int, ...]) -> Facts:
    classes = tuple("abc"[: len(counts["train"])])
    return Facts(classes, counts, (8, 8, 3), False, 2)


def test_the_standard_error_is_that_of_a_share() -> None:
    found = facts(train=(100, 100, 100), validation=(60, 60, 60))

    assert found.validation_error == pytest.approx((0.9 * 0.1 / 180) ** 0.5)
    assert validation_sentence(found) == (
        "An accuracy of 90 % on the 180 validation images has a standard error of 2.2 points."
    )


@pytest.mark.parametrize(
    ("counts", "kinds"),
    [
        ({"train": (9, 9), "validation": (3, 3)}, []),
        ({"train": (9, 9), "validation": (3, 0)}, ["unvalidated_class"]),
        ({"train": (9, 9), "validation": (3, 3), "test": (0, 4)}, ["untested_class"]),
        ({"train": (9, 0), "validation": (3, 3)}, ["untrained_split"]),
        ({"train": (90, 9), "validation": (3, 3)}, ["lopsided"]),
        ({"train": (89, 9), "validation": (3, 3)}, []),
    ],
    ids=str,
)
def test_classes_that_differ_between_splits_are_warned_of(
    counts: dict[str, Any], kinds: list[str]
) -> None:
    found = facts(**counts)

    assert [note.kind for note in warnings(found)] == kinds
    assert len(data_warnings(found)) == len(kinds)


def test_targets_that_are_no_classes_have_no_such_warnings() -> None:
    found = Facts(("all images",), {"train": (9,), "validation": (3,)}, (8, 8, 1), True, 2)

    assert warnings(found) == () and found.chance is None and validation_sentence(found) == ""


@pytest.mark.parametrize(
    ("weights", "pretrained", "warned"),
    [(9_999, False, False), (3_000_000, False, True), (3_000_000, True, False)],
)
def test_very_many_weights_for_few_images_are_warned_of(
    weights: int, pretrained: bool, warned: bool
) -> None:
    said = weights_sentence(
        weights, facts(train=(100, 100), validation=(9, 9)), pretrained=pretrained
    )

    each = {9_999: "50", 3_000_000: "15,000"}[weights]
    assert said.startswith(f"{weights:,} weights, {each} for each of 200 training images")
    assert ("by heart" in said) == warned


@pytest.mark.parametrize(
    ("best", "warned"), [(None, False), (0.09, True), (0.14, True), (0.16, False), (0.9, False)]
)
def test_a_best_within_two_standard_errors_of_chance_is_warned_of(
    best: float | None, warned: bool, tmp_path: Any
) -> None:
    # Ten classes of 14 validation images each: chance is 10 % with a standard error of 2.5 points.
    row = fill(f"sqlite:///{tmp_path}/a.db", 5)

    said = chance_warning(row, best)

    assert bool(said) is warned
    if warned:
        assert "10.00 % \u00b1 2.5 points on these 140 validation images" in said
