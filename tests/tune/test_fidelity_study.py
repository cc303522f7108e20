"""Studies whose rungs see a part of the data or smaller images, under Ray, from the command line."""

from pathlib import Path

import pytest

from autotrick import records
from autotrick.reproduce import reproduce
from tests.tune import places
from tests.tune.places import ONE_BY_ONE, Place

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.usefixtures("ray_here")]

RUNGS = """[pruning]
method = "asha"
first = 1
factor = 2
fidelity = "{of}"
"""


@pytest.mark.parametrize(
    ("of", "name", "seen"),
    [
        ("data", "data_share", [1 / 6, 1 / 3, 2 / 3, 2 / 3, 1, 1]),
        ("image_size", "image_side", [8, 8, 12, 12, 16, 16]),
    ],
)
def test_trials_get_more_from_rung_to_rung_and_are_reproduced(
    place: Place, cache: Path, of: str, name: str, seen: list[float]
) -> None:
    space = places.SPACE.replace('[pruning]\nmethod = "none"\n', RUNGS.format(of=of))
    (place.folder / "life.toml").write_text(space)

    status, _, err = place.here(*ONE_BY_ONE, "--trials", "6")

    rows, reports = place.rows(), place.reports()
    assert status == 0, err
    assert rows[0].state == "complete" and "pruned" in {row.state for row in rows}
    for row in rows:
        found = [report.extra[name] for report in reports[row.number]]
        assert found == pytest.approx(seen[: row.epochs])
    with records.open_database(place.url) as database:
        again = {
            row.number: reproduce(database, "life", row.number, cache=cache / "autotrick").identical
            for row in rows
        }
    assert all(again.values()), again


def test_network_that_takes_no_small_images_is_refused_before_anything_is_on_record(
    place: Place,
) -> None:
    space = places.SPACE.replace('[pruning]\nmethod = "none"\n', RUNGS.format(of="image_size"))
    space = space.replace("fastnet", "lenet5").replace("width = 0.25", "")
    (place.folder / "life.toml").write_text(space)

    status, _, err = place.here(*ONE_BY_ONE, "--trials", "6")

    assert (status, place.rows()) == (1, [])
    assert "lenet5 cannot take images of 8x8 pixels" in err and err.count("\n") == 1
