"""A real study on digits that begins with what an earlier one found."""

from html import unescape

import pytest

from autotrick import records
from tests.tune.places import ONE_BY_ONE, Place

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.usefixtures("ray_here")]


def test_what_a_warm_start_brought_is_said(place: Place) -> None:
    earlier = place.here(*ONE_BY_ONE, "--trials", "3")
    later = place.here(*ONE_BY_ONE, "--trials", "4", "--study", "later", "--warm-start", "life")
    told = place.here("tricks", "later")
    page = place.folder / "later.html"
    written = place.here("report", "later", "-o", str(page))

    assert [status for status, _, _ in (earlier, later, told, written)] == [0] * 4, later[2]
    with records.open_database(place.url, create=False) as database:
        (source,) = records.best(database, "life", limit=1)
        rows = records.trials(database, "later")
    (taken,) = [row for row in rows if row.recipe == source.recipe]
    best = f"best of life, trial {source.number}"
    others = [row.value or 0.0 for row in rows if row is not taken]
    assert taken.value is not None and taken.origin in (source.origin, f"warm start: {best}")
    sentences = [
        "Warm start: the sampler knew 3 trials of life from the beginning.",
        f"The {best}, is trial {taken.number} of this study",
        f": {100 * taken.value:.2f} %, better than {sum(value < taken.value for value in others)} of "
        f"the 3 complete trials that the study proposed itself (mean {100 * sum(others) / 3:.2f} %",
    ]
    for text in (" ".join(told[1].split()), unescape(page.read_text("utf-8"))):
        assert [sentence for sentence in sentences if sentence not in text] == []
