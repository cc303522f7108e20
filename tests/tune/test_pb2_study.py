"""A population whose copies get settings from a bandit, under Ray, from the command line."""

from pathlib import Path

import pytest

from autotrick import records
from autotrick.reproduce import reproduce
from tests.tune import places
from tests.tune.places import ONE_BY_ONE, Place

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.usefixtures("ray_here")]

PB2 = """[pruning]
method = "pb2"
first = 2
population = 4
"""


def test_study_of_pb2_is_reproduced_with_the_course_of_its_settings(
    place: Place, cache: Path
) -> None:
    space = places.SPACE.replace('[pruning]\nmethod = "none"\n', PB2)
    (place.folder / "life.toml").write_text(space)

    status, _, err = place.here(*ONE_BY_ONE, "--trials", "7")

    rows, reports = place.rows(), place.reports()
    copies = [row for row in rows if row.recipe.course]
    assert status == 0, err
    assert [row.number for row in copies] == [5, 6]
    for copy, epoch in zip(copies, (2, 4), strict=True):
        parent = int(copy.origin.removeprefix("pb2: trial ").partition(" ")[0])
        shared = [[r.weights for r in reports[n][:epoch]] for n in (copy.number, parent)]
        changed = copy.recipe.at(epoch).base_lr != rows[parent].recipe.at(epoch - 1).base_lr
        assert shared[0] == shared[1] and changed
        assert reports[copy.number][epoch].weights != reports[parent][epoch].weights
    with records.open_database(place.url) as database:
        best = records.best(database, "life", limit=1)[0].number
        again = {
            number: reproduce(database, "life", number, cache=cache / "autotrick").identical
            for number in {best, *(row.number for row in copies)}
        }
    assert all(again.values()), again
